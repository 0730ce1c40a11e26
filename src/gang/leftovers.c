/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "leftovers.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "h7gang/base/clock.h"

#define MARK_NAME "H7GANG_HOOK"
#define SWEEP_MS 2000 /* killed processes are gone long before, unless they hang in the kernel */
#define PAUSE_MS 5
#define UNSURE_PASSES 20 /* a process in the middle of execve shows no environment for a moment */

enum mark { MARK_OTHER, MARK_OURS, MARK_UNSURE };

/* Reads the beginning of /proc/PID/NAME. Returns its length, -1 without one. */
static ssize_t read_proc(const char *pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/%.20s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

enum kinship { KIN_NONE, KIN_CHILD, KIN_ZOMBIE, KIN_UNSURE };

/* proc(5): "PID (COMM) STATE PPID"; COMM may hold anything. */
static enum kinship look_at_parent(const char *pid)
{
	char text[512];
	const char *end;
	char state;
	int parent;

	errno = 0;
	if (read_proc(pid, "stat", text, sizeof(text)) <= 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? KIN_UNSURE
									     : KIN_NONE;
	end = strrchr(text, ')');
	if (!end || sscanf(end + 1, " %c %d", &state, &parent) != 2 || parent != getpid())
		return KIN_NONE;
	return state == 'Z' || state == 'X' ? KIN_ZOMBIE : KIN_CHILD;
}

/* Whether its environment holds `mark`, of any length and at any place. */
static enum mark look_for_mark(const char *pid, const char *mark)
{
	enum mark found = MARK_UNSURE;
	char path[64], *word = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.20s/environ", pid);
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT || errno == EACCES ? MARK_OTHER : MARK_UNSURE;
	while (found != MARK_OURS && getdelim(&word, &size, '\0', file) > 0)
		found = strcmp(word, mark) == 0 ? MARK_OURS : MARK_OTHER;
	free(word);
	fclose(file);
	return found;
}

/* One pass over the children that bear `mark`; NULL: over all. Returns how many are left, and adds
 * those that showed no environment to `*unsure`. */
static unsigned sweep(const char *mark, unsigned *unsure)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned left = 0;

	if (!proc) {
		++*unsure;
		return 0;
	}
	while ((entry = readdir(proc))) {
		const char *pid = entry->d_name;
		enum kinship kin = isdigit((unsigned char)*pid) ? look_at_parent(pid) : KIN_NONE;
		enum mark found = MARK_OURS;

		*unsure += kin == KIN_UNSURE;
		if (kin != KIN_CHILD && kin != KIN_ZOMBIE)
			continue;
		/* A zombie has no environment: it may be a running hook's own process. */
		if (mark)
			found = kin == KIN_ZOMBIE ? MARK_OTHER : look_for_mark(pid, mark);
		*unsure += found == MARK_UNSURE;
		if (found != MARK_OURS)
			continue;
		kill((pid_t)atoi(pid), SIGKILL);
		if (waitid(P_PID, (id_t)atoi(pid), &(siginfo_t){0}, WEXITED | WNOHANG) != 0 ||
		    kin != KIN_ZOMBIE)
			left++;
	}
	closedir(proc);
	return left;
}

/* Until none is left: a process that one of them started becomes a child of ours when it dies. */
static bool sweep_all(const char *mark)
{
	int64_t deadline = clock_after_ms(SWEEP_MS);

	for (unsigned i = 0;; i++) {
		unsigned unsure = 0, left = sweep(mark, &unsure);

		if (left == 0 && (unsure == 0 || i >= UNSURE_PASSES))
			return true;
		if (clock_now() >= deadline || i > SWEEP_MS / PAUSE_MS)
			return left == 0;
		clock_wait_other(-1, 0, PAUSE_MS);
	}
}

/* A shell that starts jobs and then becomes this program leaves it children that are no hook's. */
static bool has_children(void)
{
	return waitid(P_ALL, 0, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) == 0 ||
	       errno != ECHILD;
}

int leftovers_init(struct leftovers *leftovers)
{
	memset(leftovers, 0, sizeof(*leftovers));
	if (prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) != 0)
		return errno;
	leftovers->strict = !has_children();
	return pthread_mutex_init(&leftovers->lock, NULL);
}

void leftovers_destroy(struct leftovers *leftovers)
{
	pthread_mutex_destroy(&leftovers->lock);
}

void leftovers_enter(struct leftovers *leftovers, char mark[LEFTOVERS_MARK_SIZE])
{
	pthread_mutex_lock(&leftovers->lock);
	leftovers->hooks++;
	snprintf(mark, LEFTOVERS_MARK_SIZE, MARK_NAME "=%d.%u", (int)getpid(),
		 ++leftovers->started);
	pthread_mutex_unlock(&leftovers->lock);
}

bool leftovers_end(struct leftovers *leftovers, const char *mark)
{
	bool clean = sweep_all(mark);

	pthread_mutex_lock(&leftovers->lock);
	/* One that cleared its environment is ended as soon as it can be nothing else. */
	if (--leftovers->hooks == 0 && leftovers->strict)
		clean = sweep_all(NULL) && clean;
	pthread_mutex_unlock(&leftovers->lock);
	return clean;
}
