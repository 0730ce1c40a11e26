/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "h7gang/audit/walk.h"
#include "h7gang/base/clock.h"
#include "log.h"

#define MAKE_MS 120000
#define LOOK_MS 20
#define PAGE_MAX (64u << 20)
#define HASH_MARK "script-src '"

extern char **environ;

struct report_maker {
	pthread_mutex_t lock;
	/* under the lock */
	char *page; /* the last one, of the log up to `seq` */
	size_t length;
	uint64_t seq;
	char log[STATION_PATH_SIZE];
};

struct report_maker *report_open(void)
{
	struct report_maker *report = calloc(1, sizeof(*report));

	if (report && pthread_mutex_init(&report->lock, NULL) == 0)
		return report;
	free(report);
	return NULL;
}

/* h7gang beside this program, or else in PATH. */
static void find_program(char path[STATION_PATH_SIZE])
{
	ssize_t length = readlink("/proc/self/exe", path, STATION_PATH_SIZE - 16);
	char *slash;

	path[length > 0 ? length : 0] = 0;
	slash = strrchr(path, '/');
	if (slash)
		strcpy(slash + 1, "h7gang");
	if (!slash || access(path, X_OK) != 0)
		snprintf(path, STATION_PATH_SIZE, "h7gang");
}

/* Waits for the child, at most MAKE_MS. */
static bool wait_child(pid_t child)
{
	int64_t deadline = clock_after_ms(MAKE_MS);
	int status = -1;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (clock_now() >= deadline) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return false;
		}
		clock_wait_other(-1, 0, LOOK_MS);
	}
	/* 1: the log is not intact, and the page says so. */
	return WIFEXITED(status) && WEXITSTATUS(status) <= 1;
}

static bool run(char *const *argv)
{
	posix_spawn_file_actions_t actions;
	pid_t child;
	int rc;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(&child, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc == 0 && wait_child(child);
}

static bool read_page(const char *path, char **page, size_t *length)
{
	FILE *file = fopen(path, "re");
	struct stat st;
	bool good =
		file && fstat(fileno(file), &st) == 0 && st.st_size > 0 && st.st_size <= PAGE_MAX;

	*page = good ? malloc((size_t)st.st_size + 1) : NULL;
	good = *page && fread(*page, 1, (size_t)st.st_size, file) == (size_t)st.st_size;
	if (good) {
		*length = (size_t)st.st_size;
		(*page)[*length] = 0;
	} else {
		free(*page);
		*page = NULL;
	}
	if (file)
		fclose(file);
	return good;
}

/* All files of the log at `path` into a page. */
static bool make(const char *path, char **page, size_t *length)
{
	char folder[] = "/tmp/h7gang-web.XXXXXX", out[64], program[STATION_PATH_SIZE];
	const char *temp = getenv("TMPDIR");
	char place[STATION_PATH_SIZE], **file = NULL, **argv = NULL;
	size_t files = 0, n = 0;
	bool good;

	snprintf(place, sizeof(place), "%s%s", temp ? temp : "", temp ? folder + 4 : folder);
	if (audit_files(path, &file, &files) < 0 || !mkdtemp(place))
		return false;
	snprintf(out, sizeof(out), "report.html");
	find_program(program);
	argv = calloc(files + 8, sizeof(*argv));
	strncat(place, "/", sizeof(place) - strlen(place) - 1);
	strncat(place, out, sizeof(place) - strlen(place) - 1);
	if (argv) {
		argv[n++] = program;
		argv[n++] = (char *)(uintptr_t) "audit";
		argv[n++] = (char *)(uintptr_t) "report";
		argv[n++] = (char *)(uintptr_t) "--html";
		argv[n++] = place;
		for (size_t i = 0; i < files; i++)
			argv[n++] = file[i];
	}
	good = argv && run(argv) && read_page(place, page, length);
	unlink(place);
	*strrchr(place, '/') = 0;
	rmdir(place);
	free(argv);
	audit_files_free(file, files);
	return good;
}

/* The page's one script is allowed by its hash, which the page names. */
static void set_policy(struct http_answer *answer)
{
	const char *mark = strstr(answer->body, HASH_MARK "sha256-");
	int length = mark ? (int)strcspn(mark + sizeof(HASH_MARK) - 1, "'") : 0;

	snprintf(answer->policy_text, sizeof(answer->policy_text),
		 "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src "
		 "'%.*s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		 length ? length : 4, length ? mark + sizeof(HASH_MARK) - 1 : "none");
	answer->policy = answer->policy_text;
}

void report_answer(struct web *web, struct http_answer *answer)
{
	struct report_maker *report = web->report;
	struct log_state state;
	char *page = NULL;
	size_t length = 0;

	log_state(web->log, &state);
	if (!state.path[0]) {
		answer_error(answer, 503, "the log is not known yet: %s", state.why);
		return;
	}
	if (pthread_mutex_trylock(&report->lock) != 0) {
		answer_error(answer, 503, "a report is being made: ask again");
		answer->retry_s = 5;
		return;
	}
	if ((!report->page || report->seq != state.last || strcmp(report->log, state.path) != 0) &&
	    make(state.path, &page, &length)) {
		free(report->page);
		report->page = page;
		report->length = length;
		report->seq = state.last;
		snprintf(report->log, sizeof(report->log), "%s", state.path);
	}
	if (report->page && strcmp(report->log, state.path) == 0) {
		answer_bytes(answer, "text/html; charset=utf-8", report->page, report->length);
		if (answer->body)
			set_policy(answer);
	} else {
		answer_error(answer, 503, "the report could not be made: see the journal");
	}
	pthread_mutex_unlock(&report->lock);
}
