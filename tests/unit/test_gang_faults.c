/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each call that the gang room makes for itself fails in turn: while a hook is told of a unit and
 * run, while a run is set up, while UIDs are remembered. Each time the caller is told, no hook is
 * assumed to have agreed, and nothing stays open. Tests against the fleet cover targets. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "faults.h"
#include "gang/child.h"
#include "gang/control.h"
#include "gang/hooks.h"
#include "h7gang/attempt/board.h"
#include "gang/uids.h"
#include "h7gang/base/clock.h"

static unsigned nth;
static char why[300];

static void must(bool good, const char *what)
{
	faults.armed = false;
	if (!good)
		fail_msg("%s failed (call %u): %s: %s", faults.where, nth, what, why);
}

/* `act` with the first call failing, then the second one, until none is left to fail. `act`
 * disarms. */
static void with_each(void (*act)(bool one_failed))
{
	unsigned before = faults_open_files();

	for (nth = 1;; nth++) {
		faults_arm(FAULTS_FAIL, nth, 0, NULL);
		act(true);
		if (faults_open_files() != before)
			fail_msg("%s (%u): files stay open", faults.where, nth);
		if (atomic_load(&faults.calls) < nth)
			break;
	}
	assert_true(nth > 1);
	act(false);
}

/* Whether a call has failed since the faults were armed. */
static bool hit(void)
{
	return faults_disarm() >= nth;
}

/* --- a hook's process --- */

static void child_once(bool one_failed)
{
	char *argv[] = {"/bin/sh", "-c", "cat", NULL};
	struct child child = {.program = argv[0],
			      .argv = argv,
			      .input = "told\n",
			      .length = 5,
			      .deadline = clock_after_ms(60000)};
	struct child_outcome outcome;

	child_run(&child, &outcome);
	one_failed = hit() && one_failed;
	/* A read of its output that fails costs its last words, and no more; it has ended when it
	 * is killed. */
	if (one_failed &&
	    (strcmp(faults.where, "read") == 0 || strcmp(faults.where, "kill") == 0)) {
		must(outcome.end == CHILD_EXITED && outcome.number == 0, "its end");
	} else if (one_failed) {
		must(outcome.end == CHILD_NOT_STARTED && outcome.number > 0, "not told");
	} else {
		must(outcome.end == CHILD_EXITED && outcome.number == 0, "its end");
		assert_string_equal(outcome.line, "told");
	}
}

static void test_child(void **state)
{
	(void)state;
	with_each(child_once);
}

/* A program whose own standard descriptors are closed. */
static void test_child_without_standard_descriptors(void **state)
{
	int in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO);

	(void)state;
	assert_true(in > STDERR_FILENO && out > STDERR_FILENO);
	fflush(stdout);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	faults_arm(FAULTS_NONE, 1, 0, NULL);
	nth = 1u << 30;
	child_once(false);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	close(in);
	close(out);
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFD), 0);
}

/* Without a pidfd, a killed process that hangs in the kernel is not waited for without end. It
 * hangs here because it cannot be killed. */
static void test_child_that_cannot_be_reaped(void **state)
{
	static char file[] = "/tmp/test_gang_faults_pid_XXXXXX";
	char script[100], *argv[] = {"/bin/sh", "-c", script, NULL};
	struct child child = {
		.program = argv[0], .argv = argv, .input = "", .deadline = clock_after_ms(600000)};
	struct child_outcome outcome;
	int64_t begun = clock_now();
	int fd = mkstemp(file), pid = 0;
	FILE *from;

	(void)state;
	assert_true(fd >= 0);
	snprintf(script, sizeof(script), "echo $$ >%s; exec sleep 200", file);
	nth = 0;
	do {
		faults_arm(FAULTS_FAIL, ++nth, 1, NULL); /* this call, and the kill behind it */
		child_run(&child, &outcome);
		assert_true(hit());
	} while (strcmp(faults.where, "pidfd_open") != 0);
	assert_int_equal(outcome.end, CHILD_NOT_STARTED);
	assert_true(clock_now() - begun < (int64_t)100000 * CLOCK_MS);
	for (int i = 0; i < 1000 && pid == 0; i++) {
		from = fopen(file, "re");
		if (!from || fscanf(from, "%d", &pid) != 1)
			clock_sleep_until(clock_after_ms(10));
		if (from)
			fclose(from);
	}
	assert_true(pid > 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
	unlink(file);
}

/* --- input of a hook --- */

static char seen_path[] = "/tmp/test_gang_faults_XXXXXX", seen_command[64];
static char *hook_words[] = {"/bin/sh", "-c", seen_command, NULL};
static struct profile profile;
static struct gang_options options = {.profile = &profile,
				      .station = "bench",
				      .operator_name = "",
				      .lot = "L1",
				      .tags = "a=1;b;line=\xff\xe9t\xe9"};
static struct gang gang = {.options = &options, .run_id = "0000"};

/* The hook's input; NULL: it was not started. */
static json_t *seen(void)
{
	json_t *object = json_load_file(seen_path, 0, NULL);

	assert_int_equal(truncate(seen_path, 0), 0);
	return object;
}

static void judge_hook(enum hooks_answer answer, size_t keys)
{
	bool one_failed = hit();
	json_t *object = seen();

	/* A text is tried a second time, as one that is not UTF-8; of its output nothing is needed.
	 */
	if (!one_failed || strcmp(faults.where, "read") == 0 || strcmp(faults.where, "open") == 0 ||
	    strcmp(faults.where, "fopen") == 0 || strcmp(faults.where, "kill") == 0 ||
	    (strcmp(faults.where, "json_string") == 0 && answer == HOOKS_OK)) {
		must(answer == HOOKS_OK && !why[0], "an answer");
		snprintf(why, sizeof(why), "%zu keys", json_object_size(object));
		must(json_object_size(object) == keys, "keys are missing");
		must(strcmp(json_string_value(
				    json_object_get(json_object_get(object, "tags"), "line")),
			    "\xef\xbf\xbd\xef\xbf\xbd"
			    "t\xef\xbf\xbd") == 0,
		     "a text that is not UTF-8");
	} else {
		must(answer == HOOKS_FAILED && strstr(why, "not started"), "taken for an answer");
		must(!object || strcmp(faults.where, "pidfd_open") == 0 ||
			     strcmp(faults.where, "waitid") == 0,
		     "half told");
	}
	json_decref(object);
}

static void unit_hook_once(bool one_failed)
{
	struct audit_row row = {.unit_id = "u1",
				.uid = "0123",
				.bootloader_id = 0x90,
				.flash_kib = AUDIT_NONE,
				.operator_name = options.operator_name,
				.lot = options.lot,
				.tags = options.tags};

	(void)one_failed;
	judge_hook(hooks_unit(&gang, PROFILE_HOOK_GATE, &row, why, sizeof(why)), 49);
}

static void run_hook_once(bool one_failed)
{
	const struct hooks_totals totals = {.passed = 3};

	(void)one_failed;
	judge_hook(hooks_run(&gang, PROFILE_HOOK_END, &totals, why, sizeof(why)), 20);
}

static void test_hooks(void **state)
{
	int fd = mkstemp(seen_path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(seen_command, sizeof(seen_command), "cat >%s", seen_path);
	profile.part = stm32_part_find("stm32h743xi");
	for (int i = 0; i < PROFILE_HOOKS; i++)
		profile.hook[i] = (struct profile_hook){hook_words[0], hook_words, 60};
	with_each(unit_hook_once);
	with_each(run_hook_once);
	unlink(seen_path);
}

/* --- a run --- */

static unsigned notes;
static char note[512];

static void hear(void *user, const struct gang_event *event)
{
	(void)user;
	if (event->kind != GANG_NOTE)
		return;
	notes++;
	snprintf(note, sizeof(note), "%s", event->detail);
}

static struct usb_bus *no_bus; /* not used: there is none */

/* The USB system is missing: earlier steps of the set-up are undone. */
struct usb_bus *__wrap_usb_bus_open(const struct usb_filter *filter, usb_notify *change, void *user,
				    char *text, size_t size);
struct usb_bus *__wrap_usb_bus_open(const struct usb_filter *filter, usb_notify *change, void *user,
				    char *text, size_t size)
{
	(void)filter;
	(void)change;
	(void)user;
	faults.armed = false;
	snprintf(text, size, "no USB");
	return no_bus;
}

static void run_once(bool one_failed)
{
	notes = 0;
	note[0] = '\0';
	assert_int_equal(gang_run(&options), H7_EXIT_INTERNAL);
	one_failed = hit() && one_failed;
	assert_int_equal(notes, 1);
	/* Whether there are children already costs nothing but the care for unmarked ones. */
	if (!one_failed || strcmp(faults.where, "waitid") == 0)
		assert_string_equal(note, "no USB");
	else
		must(strstr(note, "memory") || strstr(note, "thread"), note);
}

static void test_setting_up(void **state)
{
	sigset_t ended;

	(void)state;
	sigemptyset(&ended);
	sigaddset(&ended, SIGTERM);
	sigaddset(&ended, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ended, NULL);
	options.sink = hear;
	profile.slots = 17; /* more than there is room for at first */
	for (unsigned i = 0; i < profile.slots; i++)
		snprintf(profile.slot[i].name, sizeof(profile.slot[i].name), "A%u", i);
	with_each(run_once);
}

static void ignore_identity(void *user, const struct board *identity)
{
	(void)user;
	(void)identity;
	fail();
}

static void list_once(bool one_failed)
{
	why[0] = '\0';
	assert_int_equal(boards_ask(&profile.usb, ignore_identity, NULL, why, sizeof(why)), -1);
	assert_string_equal(why, hit() && one_failed ? "out of memory" : "no USB");
}

static void test_listing(void **state)
{
	(void)state;
	with_each(list_once);
}

/* --- its memory of UIDs --- */

static void uids_once(bool one_failed)
{
	struct uids *uids = uids_new();
	char uid[25], twin[USB_PATH_SIZE];
	struct usb_seen seen = {.path = "1-99"};
	bool good = uids != NULL;

	for (unsigned i = 0; good && i < 100; i++) {
		snprintf(uid, sizeof(uid), "%024u", i);
		snprintf(seen.path, sizeof(seen.path), "1-%u", i);
		good = uids_add(uids, uid, &seen);
	}
	must(good != (hit() && one_failed), "a sighting that was not taken");
	if (good) {
		assert_false(uids_twin(uids, uid, "1-99", twin));
		assert_true(uids_twin(uids, uid, "2-1", twin));
		assert_string_equal(twin, "1-99");
		assert_true(uids_add(uids, "another", &seen));
		assert_false(uids_twin(uids, uid, "2-1", twin));
	}
	uids_free(uids);
}

static void test_uids(void **state)
{
	(void)state;
	with_each(uids_once);
	uids_free(NULL);
}

static void control_once(bool one_failed)
{
	struct gang_control *control = gang_control_new();

	must(!control == (hit() && one_failed), "a control");
	gang_control_free(control);
}

static void test_control(void **state)
{
	struct gang_control *control;
	struct control_command command;

	(void)state;
	with_each(control_once);
	pthread_mutex_init(&gang.mail_lock, NULL);
	pthread_cond_init(&gang.mail, NULL);
	control = gang_control_new();
	assert_non_null(control);
	assert_false(gang_control_line(control, "", "acknowledge A1")); /* no run hears it */
	gang_control_stop(control);
	control_attach(control, &gang);
	assert_false(control_take(control, &command));
	assert_int_equal(atomic_load(&gang.stop), 0);
	assert_true(gang_control_line(control, "7", "acknowledge A1"));
	assert_true(gang_control_scan(control, "quit"));
	assert_true(gang.news);
	assert_true(control_take(control, &command));
	assert_string_equal(command.line, "acknowledge A1");
	assert_string_equal(command.id, "7");
	assert_false(command.is_scan);
	assert_true(control_take(control, &command));
	assert_string_equal(command.line, "quit");
	assert_true(command.is_scan); /* and nothing else */
	assert_false(control_take(control, &command));
	for (unsigned i = 0; i < 64; i++)
		assert_true(gang_control_scan(control, "x"));
	assert_false(gang_control_scan(control, "x")); /* full: nothing is lost silently */
	gang_control_stop(control);
	gang_control_stop(control);
	assert_int_equal(atomic_load(&gang.stop), 2);
	gang_control_free(control);
	gang_control_free(NULL);
	assert_false(control_take(NULL, &command));
}

static bool keep(void *user, const char *line)
{
	snprintf(user, GANG_COMMAND_SIZE, "%s", line);
	return true;
}

/* To a run of another process: text of a scan is neither a slot nor a command there. */
static void test_control_forwards(void **state)
{
	struct gang_control *control = gang_control_new();
	char said[GANG_COMMAND_SIZE];

	(void)state;
	assert_non_null(control);
	gang_control_forward(control, keep, said);
	assert_true(gang_control_scan(control, "A1 17"));
	assert_string_equal(said, "scan - A1 17");
	assert_true(gang_control_line(control, "", "unlock A1"));
	assert_string_equal(said, "unlock A1");
	gang_control_free(control);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_child),
		cmocka_unit_test(test_child_without_standard_descriptors),
		cmocka_unit_test(test_child_that_cannot_be_reaped),
		cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_setting_up),
		cmocka_unit_test(test_listing),
		cmocka_unit_test(test_uids),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_control_forwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
