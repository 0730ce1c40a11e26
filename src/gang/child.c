/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/durable.h"
#include "leftovers.h"

#define LOOK_MS 200 /* how soon a stop is noticed */
#define REAP_MS                                                                                    \
	5000 /* a killed process that has not ended by then hangs in the kernel, and is no longer  \
		waited for   \ */
#define BLIND_MS 10  /* between two looks without a pidfd */
#define DRAIN_MAX 64 /* buffers read after the end; a pipe holds 16 of them */

/* The output as it comes, of which one line is kept. */
struct listener {
	char *kept; /* a child_outcome's line */
	char line[sizeof(((struct child_outcome *)0)->line)];
	size_t used;
};

static void take_line(struct listener *listener)
{
	while (listener->used && listener->line[listener->used - 1] == ' ')
		listener->used--;
	if (listener->used) {
		memcpy(listener->kept, listener->line, listener->used);
		listener->kept[listener->used] = '\0';
	}
	listener->used = 0;
}

static void hear(struct listener *listener, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c == '\n')
			take_line(listener);
		else if (listener->used < sizeof(listener->line) - 1 && (listener->used || c > ' '))
			listener->line[listener->used++] = c < ' ' || c == 0x7f ? ' ' : (char)c;
	}
}

/* Reads the available bytes, at most `times` buffers. False: no more will come. */
static bool listen_to(int fd, struct listener *listener, unsigned times)
{
	char bytes[4096];

	while (times-- > 0) {
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n > 0)
			hear(listener, bytes, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return false;
		else if (errno == EAGAIN)
			return true;
	}
	return true;
}

/* Out of the way of the child's standard descriptors, should one of ours be closed. Takes `fd`
 * over. */
static int above_standard(int fd)
{
	int copy;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return copy;
}

/* The input as a file in memory: no thread has to write while the child does not read. */
static int make_input(const struct child *child)
{
	int fd = above_standard(memfd_create("h7gang-hook", MFD_CLOEXEC));
	int rc;

	if (fd < 0)
		return -errno;
	rc = durable_write_all(fd, child->input, child->length);
	if (rc == 0 && lseek(fd, 0, SEEK_SET) < 0)
		rc = -errno;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* Our environment and `mark`, "" for none. The strings are borrowed. NULL: no memory. */
static char **make_environment(char *mark)
{
	size_t count = 0;
	char **words;

	while (environ[count])
		count++;
	words = calloc(count + 2, sizeof(*words));
	if (!words)
		return NULL;
	memcpy(words, environ, count * sizeof(*words));
	words[count] = mark[0] ? mark : NULL;
	return words;
}

/* A file in memory that takes so many bytes and no more. Its descriptor or a negative errno. */
static int make_output(const struct child *child)
{
	int fd = above_standard(memfd_create("h7gang-hook", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	int error;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)child->output_size) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

/* Its output: up to the position of the descriptor that it shares with us. Its last line counts
 * before one of standard error. */
static void take_output(const struct child *child, int fd, struct child_outcome *outcome)
{
	struct listener listener = {.kept = outcome->line};
	off_t length = lseek(fd, 0, SEEK_CUR);
	ssize_t got = length > 0 ? pread(fd, child->output, (size_t)length, 0) : 0;

	outcome->output_length = got > 0 ? (size_t)got : 0;
	hear(&listener, child->output, outcome->output_length);
	take_line(&listener);
}

/* posix_spawn, not fork: between its fork and exec glibc runs nothing that a lock of another thread
 * could hold up. Returns 0 or an errno value. */
static int spawn(const struct child *child, char *const *environment, int input, int output,
		 int errors, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t set;
	int error = posix_spawnattr_init(&attr);

	if (error)
		return error;
	error = posix_spawn_file_actions_init(&actions);
	if (error)
		goto out_attr;
	sigfillset(&set);
	error = posix_spawnattr_setsigdefault(&attr, &set);
	sigemptyset(&set);
	if (!error)
		error = posix_spawnattr_setsigmask(&attr, &set);
	if (!error)
		error = posix_spawnattr_setpgroup(&attr, 0);
	if (!error)
		error = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
								POSIX_SPAWN_SETSIGMASK |
								POSIX_SPAWN_SETSIGDEF);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
	if (!error)
		error = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	if (!error)
		error = posix_spawn(pid, child->program, &actions, &attr, child->argv, environment);
	posix_spawn_file_actions_destroy(&actions);
out_attr:
	posix_spawnattr_destroy(&attr);
	return error;
}

/* Until it has ended, or must be ended: `end` tells which. */
static void attend(const struct child *child, int pidfd, int output, struct listener *listener,
		   enum child_end *end)
{
	*end = CHILD_EXITED;
	for (;;) {
		struct pollfd fds[] = {{.fd = pidfd, .events = POLLIN},
				       {.fd = output, .events = POLLIN}};
		int64_t left = (child->deadline - clock_now() + CLOCK_MS - 1) / CLOCK_MS;

		if (left <= 0) {
			*end = CHILD_LATE;
			return;
		}
		if (child->stop && child->stop(child->stop_user)) {
			*end = CHILD_STOPPED;
			return;
		}
		if (poll(fds, 2, left < LOOK_MS ? (int)left : LOOK_MS) <= 0)
			continue;
		if (fds[1].revents && !listen_to(output, listener, 1))
			output = -1; /* poll passes over it */
		if (fds[0].revents)
			return;
	}
}

/* A process hanging in the kernel outlives even SIGKILL. */
static bool gone(int pidfd)
{
	int64_t deadline = clock_after_ms(REAP_MS);
	struct pollfd fd = {.fd = pidfd, .events = POLLIN};

	while (clock_now() < deadline) {
		if (poll(&fd, 1, LOOK_MS) > 0)
			return true;
	}
	return false;
}

/* Without a pidfd: looks whether it has ended until it hangs in the kernel, too. */
static void reap_blindly(pid_t pid)
{
	int64_t deadline = clock_after_ms(REAP_MS);
	siginfo_t info = {.si_pid = 0};

	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0 &&
	       clock_now() < deadline)
		clock_sleep_until(clock_after_ms(BLIND_MS));
}

static void reap(pid_t pid, struct child_outcome *outcome)
{
	siginfo_t info;

	if (waitid(P_PID, (id_t)pid, &info, WEXITED) != 0) {
		outcome->end = CHILD_NOT_STARTED;
		outcome->number = errno;
	} else if (outcome->end == CHILD_EXITED) {
		outcome->end = info.si_code == CLD_EXITED ? CHILD_EXITED : CHILD_SIGNALLED;
		outcome->number = info.si_status;
	}
}

/* Started, heard and ended; the caller ends the processes it left behind. */
static void run_marked(const struct child *child, char *mark, int input, int output[2], int written,
		       struct child_outcome *outcome)
{
	struct listener listener = {.kept = outcome->line};
	char **environment = make_environment(mark);
	int pidfd, error = ENOMEM;
	pid_t pid = -1;

	if (environment)
		error = spawn(child, environment, input, written >= 0 ? written : output[1],
			      output[1], &pid);
	free(environment);
	if (error) {
		outcome->number = error;
		return;
	}
	close(output[1]);
	output[1] = -1;
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0) {
		outcome->number = errno;
		kill(-pid, SIGKILL);
		reap_blindly(pid);
		return;
	}
	attend(child, pidfd, output[0], &listener, &outcome->end);
	/* Not reaped yet, so that no other process can have the group's number. */
	kill(-pid, SIGKILL);
	if (gone(pidfd))
		reap(pid, outcome);
	listen_to(output[0], &listener, DRAIN_MAX);
	take_line(&listener);
	if (written >= 0)
		take_output(child, written, outcome);
	close(pidfd);
}

void child_run(const struct child *child, struct child_outcome *outcome)
{
	char mark[LEFTOVERS_MARK_SIZE] = "";
	int output[2] = {-1, -1}, input, written = -1;

	*outcome = (struct child_outcome){.end = CHILD_NOT_STARTED};
	input = make_input(child);
	if (input < 0) {
		outcome->number = -input;
		return;
	}
	if (pipe2(output, O_CLOEXEC) == 0)
		output[1] = above_standard(output[1]);
	if (output[0] < 0 || output[1] < 0 || fcntl(output[0], F_SETFL, O_NONBLOCK) != 0) {
		outcome->number = errno;
		goto out;
	}
	written = child->output ? make_output(child) : -1;
	if (child->output && written < 0) {
		outcome->number = -written;
		goto out;
	}
	if (child->leftovers)
		leftovers_enter(child->leftovers, mark);
	run_marked(child, mark, input, output, written, outcome);
	if (child->leftovers)
		leftovers_end(child->leftovers, mark);
out:
	if (written >= 0)
		close(written);
	if (output[0] >= 0)
		close(output[0]);
	if (output[1] >= 0)
		close(output[1]);
	close(input);
}
