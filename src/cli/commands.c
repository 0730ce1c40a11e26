/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "h7gang/base/text.h"

struct commands {
	pthread_t thread;
	int fd;
	int end[2]; /* a pipe; once its second end is closed the thread ends */
	struct gang_control *control;
	char line[GANG_COMMAND_SIZE];
	size_t length;
	bool too_long;
};

/* The run answers by an event; where it cannot, it is said here. */
static void obey(struct commands *commands, const char *line)
{
	char shown[4 * GANG_COMMAND_SIZE];

	if (gang_control_line(commands->control, "", line))
		return;
	text_terminal(line, shown, sizeof(shown));
	cli_say("the run takes no command now, \"%s\" is lost", shown);
}

static void take(struct commands *commands, char byte)
{
	if (byte != '\n') {
		if (commands->length + 1 < sizeof(commands->line))
			commands->line[commands->length++] = byte;
		else
			commands->too_long = true;
		return;
	}
	if (commands->length && commands->line[commands->length - 1] == '\r')
		commands->length--;
	commands->line[commands->length] = 0;
	if (commands->too_long) {
		gang_control_too_long(commands->control, "", commands->line);
		cli_say("a command of more than %d bytes is ignored", GANG_COMMAND_SIZE - 1);
	}
	if (!commands->too_long && commands->length)
		obey(commands, commands->line);
	commands->length = 0;
	commands->too_long = false;
}

static void *read_lines(void *user)
{
	struct commands *commands = user;
	struct pollfd fds[] = {{.fd = commands->fd, .events = POLLIN},
			       {.fd = commands->end[0], .events = POLLIN}};

	for (;;) {
		char bytes[GANG_COMMAND_SIZE];
		ssize_t got;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (fds[1].revents)
			return NULL;
		if (!fds[0].revents)
			continue;
		got = read(commands->fd, bytes, sizeof(bytes));
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			return NULL; /* the end of the commands; the run goes on */
		for (ssize_t i = 0; i < got; i++)
			take(commands, bytes[i]);
	}
}

struct commands *commands_open(int fd, struct gang_control *control)
{
	struct commands *commands = calloc(1, sizeof(*commands));

	if (!commands)
		return NULL;
	commands->fd = fd;
	commands->control = control;
	if (pipe2(commands->end, O_CLOEXEC) != 0)
		goto err_free;
	if (pthread_create(&commands->thread, NULL, read_lines, commands) != 0)
		goto err_pipe;
	return commands;

err_pipe:
	close(commands->end[0]);
	close(commands->end[1]);
err_free:
	free(commands);
	return NULL;
}

void commands_close(struct commands *commands)
{
	if (!commands)
		return;
	close(commands->end[1]);
	pthread_join(commands->thread, NULL);
	close(commands->end[0]);
	free(commands);
}
