/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON lines, and the queue between the gang and a slow or closed output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/render.h"

static char why[200]; /* of ui_open */

static struct ui_options options(int out, int err, bool json)
{
	return (struct ui_options){.out = out,
				   .err = err,
				   .json = json,
				   .level = UI_INFO,
				   .command = "run",
				   .profile = "p",
				   .part = "stm32h743xi",
				   .lot = "L\xff",
				   .log = "a.csv"};
}

static json_t *render(const struct gang_event *event)
{
	struct ui_view view = {.options = options(1, 2, true)};
	bool silent = true;
	char *line = ui_render_json(&view, event, &silent);
	json_t *object;

	assert_false(silent);
	assert_non_null(line);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(object);
	assert_int_equal(json_integer_value(json_object_get(object, "v")), 2);
	free(line);
	return object;
}

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	assert_non_null(value);
	return value;
}

static void every_kind_of_event_is_an_object(void **state)
{
	static const char *const names[] = {
		"started", "target",  "phase", "progress", "unit", "empty",   "note",    "take_out",
		"free",    "summary", "state", "answer",   "scan", "blocked", "unlocked"};

	(void)state;
	for (unsigned kind = GANG_STARTED; kind < GANG_KINDS; kind++) {
		struct gang_event event = {.kind = (enum gang_event_kind)kind, .permille = 500};
		json_t *object = render(&event);

		assert_string_equal(text(object, "event"), names[kind]);
		json_decref(object);
	}
}

static void hostile_bytes_come_out_as_utf8(void **state)
{
	struct gang_event event = {.kind = GANG_UNIT, .result = AUDIT_FAIL, .error = H7_USB_ERROR};
	json_t *object;

	(void)state;
	event.recorded = true;
	for (size_t i = 0; i + 1 < sizeof(event.detail); i++)
		event.detail[i] = (char)(i % 255 + 1);
	object = render(&event);
	assert_non_null(strstr(text(object, "detail"), "\xef\xbf\xbd"));
	assert_string_equal(text(object, "error"), "usb_error");
	json_decref(object);
}

static void unrecorded_unit_is_no_pass(void **state)
{
	struct gang_event event = {.kind = GANG_UNIT, .result = AUDIT_PASS};
	json_t *object = render(&event);

	(void)state;
	assert_string_equal(text(object, "result"), "NOT RECORDED");
	assert_true(json_is_false(json_object_get(object, "recorded")));
	json_decref(object);
}

static struct gang_event numbered(enum gang_event_kind kind, unsigned number)
{
	struct gang_event event = {.kind = kind, .permille = 500};

	snprintf(event.slot, sizeof(event.slot), "S%u", number);
	snprintf(event.path, sizeof(event.path), "1-%u", number);
	return event;
}

/* Reads all there is; the number of lines that hold `what`. */
static unsigned lines_with(int fd, const char *what)
{
	FILE *file = fdopen(fd, "r");
	char line[UI_LINE_MAX];
	unsigned count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		count += strstr(line, what) != NULL;
	fclose(file);
	return count;
}

struct reader {
	int fd;
	unsigned units;
};

static void *read_units(void *user)
{
	struct reader *reader = user;

	reader->units = lines_with(reader->fd, "\"event\":\"unit\"");
	return NULL;
}

/* A pipe without a reader fills up: the sink returns all the same, progress is dropped, and once it
 * is read every verdict is there. */
static void full_pipe_delays_nobody_and_loses_no_verdict(void **state)
{
	int out[2], err = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct ui_options wanted;
	struct reader reader;
	pthread_t thread;
	struct ui *ui;

	(void)state;
	assert_true(err >= 0);
	assert_int_equal(pipe(out), 0);
	wanted = options(out[1], err, true);
	ui = ui_open(&wanted, why, sizeof(why));
	assert_non_null(ui);
	for (unsigned i = 0; i < 2000; i++) {
		struct gang_event event = numbered(i % 4 ? GANG_PROGRESS : GANG_UNIT, i);

		ui_event(ui, &event);
	}
	reader.fd = out[0];
	assert_int_equal(pthread_create(&thread, NULL, read_units, &reader), 0);
	assert_true(ui_close(ui));
	close(out[1]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(reader.units, 500);
	close(err);
}

static void closed_reader_is_one_warning(void **state)
{
	int out[2], err[2];
	struct ui_options wanted;
	struct gang_event event = numbered(GANG_UNIT, 1);
	struct ui *ui;

	(void)state;
	assert_int_equal(pipe(out), 0);
	assert_int_equal(pipe(err), 0);
	close(out[0]);
	wanted = options(out[1], err[1], true);
	ui = ui_open(&wanted, why, sizeof(why));
	assert_non_null(ui);
	ui_event(ui, &event);
	ui_event(ui, &event);
	assert_false(ui_close(ui));
	close(out[1]);
	close(err[1]);
	assert_int_equal(lines_with(err[0], "warning: standard output"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_event_is_an_object),
		cmocka_unit_test(hostile_bytes_come_out_as_utf8),
		cmocka_unit_test(unrecorded_unit_is_no_pass),
		cmocka_unit_test(full_pipe_delays_nobody_and_loses_no_verdict),
		cmocka_unit_test(closed_reader_is_one_warning),
	};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
