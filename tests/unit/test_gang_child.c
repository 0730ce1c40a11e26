/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hook's process: its input, the report of its end, and its time limit. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "gang/child.h"
#include "gang/leftovers.h"
#include "h7gang/base/clock.h"

static const char *input = "";
static struct leftovers leftovers;
static int64_t patience_ms = 60000;

static struct child_outcome run_words(char *const *argv, bool (*stop)(void *user), void *user)
{
	struct child_outcome outcome;
	struct child child = {.program = argv[0],
			      .argv = argv,
			      .input = input,
			      .length = strlen(input),
			      .deadline = clock_after_ms(patience_ms),
			      .stop = stop,
			      .stop_user = user,
			      .leftovers = &leftovers};

	child_run(&child, &outcome);
	return outcome;
}

static struct child_outcome run_script(const char *script)
{
	char *argv[] = {"/bin/sh", "-c", (char *)(uintptr_t)script, NULL};

	return run_words(argv, NULL, NULL);
}

static void assert_outcome(const struct child_outcome *outcome, enum child_end end, int number,
			   const char *line)
{
	assert_int_equal(outcome->end, end);
	assert_int_equal(outcome->number, number);
	assert_string_equal(outcome->line, line);
}

static void ends_are_told(void **state)
{
	struct child_outcome outcome = run_script("exit 0");
	char *missing[] = {"/nonexistent/hook", NULL};

	(void)state;
	assert_outcome(&outcome, CHILD_EXITED, 0, "");
	outcome = run_script("exit 1");
	assert_outcome(&outcome, CHILD_EXITED, 1, "");
	outcome = run_script("kill -SEGV $$");
	assert_outcome(&outcome, CHILD_SIGNALLED, SIGSEGV, "");
	outcome = run_words(missing, NULL, NULL);
	assert_outcome(&outcome, CHILD_NOT_STARTED, ENOENT, "");
}

static void the_last_line_is_kept(void **state)
{
	struct child_outcome outcome = run_script("echo one; echo two >&2; echo; printf '  \\n'");

	(void)state;
	assert_outcome(&outcome, CHILD_EXITED, 0, "two");
	outcome = run_script("printf ' a\\tb\\033[2J \\r\\n'");
	assert_outcome(&outcome, CHILD_EXITED, 0, "a b [2J");
	outcome = run_script("printf 'no line feed'");
	assert_outcome(&outcome, CHILD_EXITED, 0, "no line feed");
	outcome = run_script("yes x | head -c 3000000; echo; echo end");
	assert_outcome(&outcome, CHILD_EXITED, 0, "end");
	outcome = run_script("head -c 1000 /dev/zero | tr '\\0' x");
	assert_int_equal(strlen(outcome.line), sizeof(outcome.line) - 1);
}

/* Whether it reads or not; more than a pipe holds. */
static void input_holds_nobody_up(void **state)
{
	char *large = malloc(300001);
	struct child_outcome outcome;

	(void)state;
	assert_non_null(large);
	memset(large, 'x', 300000);
	large[300000] = '\0';
	input = large;
	outcome = run_script("exit 3");
	assert_outcome(&outcome, CHILD_EXITED, 3, "");
	outcome = run_script("wc -c");
	assert_outcome(&outcome, CHILD_EXITED, 0, "300000");
	outcome = run_script("wc -c </dev/stdin");
	assert_outcome(&outcome, CHILD_EXITED, 0, "300000");
	input = "";
	free(large);
}

static void nothing_is_inherited(void **state)
{
	int plain = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as a library may */
	sigset_t set, old;
	struct child_outcome outcome;
	/* Signals 32 and 33 belong to glibc. Some of its versions leave them ignored in a child. */
	const uint64_t glibc_signals = UINT64_C(3) << 31;
	uint64_t ignored;

	(void)state;
	assert_true(plain > STDERR_FILENO);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	signal(SIGHUP, SIG_IGN);
	outcome = run_script("cd /proc/$$/fd; set -- *; echo $*");
	/* sh opens the folder itself to list it. */
	assert_memory_equal(outcome.line, "0 1 2", 5);
	assert_null(strchr(outcome.line + 5, ' ') ? strchr(strchr(outcome.line + 5, ' ') + 1, ' ')
						  : NULL);
	outcome = run_script(
		"sed -n 's/^Sig\\(Blk\\|Ign\\):\\s*//p' /proc/self/status | tr -d '\\n'");
	assert_int_equal(outcome.end, CHILD_EXITED);
	assert_int_equal(strlen(outcome.line), 32);
	ignored = strtoull(outcome.line + 16, NULL, 16);
	outcome.line[16] = '\0';
	assert_string_equal(outcome.line, "0000000000000000");
	assert_int_equal(ignored & ~glibc_signals, 0);
	signal(SIGHUP, SIG_DFL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close(plain);
}

static bool alive(const char *pid)
{
	return kill((pid_t)atoi(pid), 0) == 0;
}

/* Killed, but perhaps not yet reaped by the process that adopted it. */
static bool dies(const char *pid)
{
	char path[64], text[512];

	for (int i = 0; i < 500; i++) {
		FILE *file;
		size_t n = 0;

		snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
		file = fopen(path, "r");
		if (file) {
			n = fread(text, 1, sizeof(text) - 1, file);
			fclose(file);
		}
		text[n] = '\0';
		if (!alive(pid) || strstr(text, ") Z "))
			return true;
		clock_sleep_until(clock_after_ms(20));
	}
	return false;
}

static void the_deadline_ends_the_whole_group(void **state)
{
	struct child_outcome outcome;

	(void)state;
	patience_ms = 1000;
	outcome = run_script("trap '' TERM HUP INT; sleep 1000 & echo $!; wait; sleep 1000");
	patience_ms = 60000;
	assert_int_equal(outcome.end, CHILD_LATE);
	assert_true(atoi(outcome.line) > 1);
	assert_true(dies(outcome.line));
}

static void what_it_leaves_running_is_ended(void **state)
{
	struct child_outcome outcome = run_script("sleep 1000 & echo $!");

	(void)state;
	assert_int_equal(outcome.end, CHILD_EXITED);
	assert_true(dies(outcome.line));
}

/* Processes outside of the hook's group: in a session of their own, of a parent that has ended,
 * with children of their own, without the mark in their environment. */
static void what_left_its_group_is_ended(void **state)
{
	static const char *const scripts[] = {
		"setsid sleep 1000 & echo $!",
		"(setsid sh -c 'sleep 1000 & echo $!; exit 0') & wait; :",
		("f=$(mktemp); setsid sh -c '(sleep 1000 & echo $!; echo >$0; wait) & wait' $f & "
		 "until [ -s $f ]; do sleep 0.05; done; rm $f"),
		"env -i setsid sleep 1000 & echo $!; sleep 0.2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct child_outcome outcome = run_script(scripts[i]);

		assert_int_equal(outcome.end, CHILD_EXITED);
		assert_true(atoi(outcome.line) > 1);
		assert_false(alive(outcome.line));
	}
	patience_ms = 5000; /* enough for a busy machine to come to its echo */
	struct child_outcome outcome = run_script("trap '' TERM; setsid sh -c 'trap \"\" TERM; "
						  "echo $$; sleep 1000; sleep 1000' & wait");

	patience_ms = 60000;
	assert_int_equal(outcome.end, CHILD_LATE);
	assert_true(atoi(outcome.line) > 1);
	assert_false(alive(outcome.line));
}

static void *long_hook(void *user)
{
	*(struct child_outcome *)user = run_script("(setsid sleep 3 &); exec env -i sleep 2");
	return NULL;
}

/* Processes left by another hook, and that hook itself, live on until it ends. */
static void another_hook_is_left_alone(void **state)
{
	struct child_outcome slow, quick;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, long_hook, &slow), 0);
	clock_sleep_until(clock_after_ms(500));
	for (int i = 0; i < 10; i++) {
		quick = run_script("setsid sleep 1000 & echo $!");
		assert_true(dies(quick.line));
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_outcome(&slow, CHILD_EXITED, 0, "");
	assert_int_equal(leftovers.hooks, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static bool stop_soon(void *user)
{
	int *asked = user;

	return ++*asked > 2;
}

static void a_stop_ends_it(void **state)
{
	char *argv[] = {"/bin/sh", "-c", "sleep 1000", NULL};
	int asked = 0;
	struct child_outcome outcome = run_words(argv, stop_soon, &asked);

	(void)state;
	assert_outcome(&outcome, CHILD_STOPPED, 0, "");
}

static unsigned open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void nothing_is_left_open(void **state)
{
	unsigned before = open_descriptors();
	char *missing[] = {"/nonexistent/hook", NULL};

	(void)state;
	run_script("echo x");
	run_words(missing, NULL, NULL);
	assert_int_equal(open_descriptors(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_are_told),
		cmocka_unit_test(the_last_line_is_kept),
		cmocka_unit_test(input_holds_nobody_up),
		cmocka_unit_test(nothing_is_inherited),
		cmocka_unit_test(the_deadline_ends_the_whole_group),
		cmocka_unit_test(what_it_leaves_running_is_ended),
		cmocka_unit_test(what_left_its_group_is_ended),
		cmocka_unit_test(another_hook_is_left_alone),
		cmocka_unit_test(a_stop_ends_it),
		cmocka_unit_test(nothing_is_left_open),
	};

	if (leftovers_init(&leftovers) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
