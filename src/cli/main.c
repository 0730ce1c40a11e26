/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "h7gang/base/sha256.h"

/* If one of them is closed, the log could be opened under its number, and messages would be written
 * into the log. The wrong way round: reading and writing fail as they do on a closed one. */
static bool hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

/* Before any thread, so that signals blocked here are blocked in all of them. A reader that goes
 * away shows as EPIPE where it is written to, a limit of size as EFBIG. SIGINT and SIGTERM stay as
 * they are where there is nothing to finish. */
static bool block_signals(bool drains)
{
	struct sigaction hangup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	if (drains) {
		sigaddset(&set, SIGINT);
		sigaddset(&set, SIGTERM);
		/* An ignored signal would be delivered if it were blocked (nohup). */
		if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
			sigaddset(&set, SIGHUP);
	}
	return pthread_sigmask(SIG_BLOCK, &set, NULL) == 0;
}

static enum h7_exit dispatch(const struct cli_command *command, int argc, char **argv)
{
	struct cli_options options;
	enum h7_exit status = H7_EXIT_INTERNAL;

	switch (cli_options_parse(&options, command, argc, argv)) {
	case CLI_PARSED:
		if (!sha256_ready())
			cli_say("libcrypto does not start");
		else if (block_signals(command->drains))
			status = command->run(&options);
		break;
	case CLI_WANTS_HELP:
		fputs(command->help, stdout);
		status = H7_EXIT_OK;
		break;
	case CLI_WANTS_VERSION:
		status = cli_version.run(&options);
		break;
	case CLI_WRONG:
		status = H7_EXIT_USAGE;
		break;
	case CLI_NO_MEMORY:
		cli_say("no memory");
		break;
	}
	cli_options_free(&options);
	return status;
}

/* Writes stdio's rest; an answer that could not be written is no answer. */
static enum h7_exit flush(enum h7_exit status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	cli_say("standard output: %s", strerror(errno));
	return cli_first_of(status, H7_EXIT_INTERNAL);
}

/* Options that a program of its own leaves to h7gang. */
static bool asks_of_itself(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
	       strcmp(word, "--version") == 0;
}

static enum h7_exit unknown(const char *name)
{
	if (cli_is_file(name))
		return cli_usage(
			NULL,
			"\"%s\" is a file, and a command is missing: to program boards, write "
			"h7gang run --profile %s",
			name, name);
	return cli_unknown(NULL, "command", name, cli_command_at, NULL);
}

/* The program beside this one, else that of PATH. */
static enum h7_exit execute(const struct cli_command *command, char **argv)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 64);
	char *slash;

	path[length > 0 ? length : 0] = 0;
	slash = strrchr(path, '/');
	if (slash) {
		strcpy(slash + 1, command->program);
		execv(path, argv);
	}
	execvp(command->program, argv);
	cli_say("%s: %s; it is a program of its own, in the package %s", command->program,
		strerror(errno), command->program);
	return H7_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct cli_command *command;
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!hold_standard_descriptors())
		return H7_EXIT_INTERNAL;
	if (!name)
		return (int)cli_usage(NULL, "a command is missing, such as run, list or check");
	if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0)
		name = "version";
	command = cli_find(name);
	if (!command)
		return (int)unknown(name);
	if (command->program && !(argc > 2 && asks_of_itself(argv[2])))
		return (int)execute(command, argv + 1);
	return (int)flush(dispatch(command, argc - 1, argv + 1));
}
