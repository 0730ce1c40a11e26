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

#define LOOK_MS 20 /* how often to look whether the run takes commands */
#define COMMAND_MOST 599
_Static_assert(COMMAND_MOST == GANG_COMMAND_SIZE - 1, "room for the NUL");
#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

struct commands {
	pthread_t thread;
	int fd;
	int end[2]; /* a pipe; once its second end is closed the thread ends */
	struct gang_control *control;
	char line[GANG_COMMAND_SIZE];
	size_t length;
	bool too_long;
};

/* Until the run takes one more command. False: it takes no more. */
static bool wait_for_room(struct commands *commands)
{
	struct pollfd end = {.fd = commands->end[0], .events = POLLIN};

	while (!gang_control_takes(commands->control))
		if (poll(&end, 1, LOOK_MS) > 0)
			return false;
	return true;
}

/* The run answers by an event; where it cannot, it is said here. `refused`: why the line is no
 * command, NULL: it may be one. */
static void obey(struct commands *commands, const char *line, const char *refused)
{
	char shown[4 * GANG_COMMAND_SIZE];

	wait_for_room(commands);
	if (refused ? gang_control_refuse(commands->control, "", line, refused)
		    : gang_control_line(commands->control, "", line))
		return;
	text_terminal(line, shown, sizeof(shown));
	cli_say("the run takes no command now, \"%s\" is lost", shown);
}

static void end_line(struct commands *commands)
{
	const char *refused = NULL;

	if (commands->length && commands->line[commands->length - 1] == '\r')
		commands->length--;
	commands->line[commands->length] = 0;
	if (commands->too_long) {
		refused = "a command has at most " TEXT_OF(COMMAND_MOST) " bytes";
		cli_say("a command of more than %d bytes is ignored", COMMAND_MOST);
	} else if (memchr(commands->line, 0, commands->length)) {
		/* The text before the NUL may be another command, or a shorter number. */
		refused = "a command has no NUL in it";
		cli_say("a command with a NUL in it is ignored");
	}
	if (commands->length)
		obey(commands, commands->line, refused);
	commands->length = 0;
	commands->too_long = false;
}

static void take(struct commands *commands, char byte)
{
	if (byte == '\n')
		end_line(commands);
	else if (commands->length + 1 < sizeof(commands->line))
		commands->line[commands->length++] = byte;
	else
		commands->too_long = true;
}

static void *read_lines(void *user)
{
	struct commands *commands = user;
	struct pollfd fds[] = {{.fd = commands->fd, .events = POLLIN},
			       {.fd = commands->end[0], .events = POLLIN}};

	/* Lines that come before the run takes commands stay in the pipe. */
	while (wait_for_room(commands)) {
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
		for (ssize_t i = 0; i < got; i++)
			take(commands, bytes[i]);
		if (got <= 0) {
			end_line(commands); /* the last line may lack its LF */
			return NULL;        /* the end of the commands; the run goes on */
		}
	}
	return NULL;
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
