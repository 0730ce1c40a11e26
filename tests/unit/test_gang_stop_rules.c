/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When faults of boards block a slot or stop the station. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gang/stop_rules.h"
#include "gang/stop_state.h"

static struct stop_rules stop;
static struct profile_stop rules;
static bool blocks, stops;

static void unit(const char *slot, enum h7_error error, bool first)
{
	stop_rules_unit(&stop, slot, error, first, &blocks, &stops);
}

static void with(struct profile_stop wanted)
{
	rules = wanted;
	if (!rules.window)
		rules.window = 50;
	stop_rules_init(&stop, &rules);
}

static void a_row_of_failures_stops(void **state)
{
	(void)state;
	with((struct profile_stop){.consecutive = 3});
	unit("A", H7_USB_ERROR, true);
	unit("B", H7_WRONG_PART, true);
	unit("A", H7_OK, true);
	unit("A", H7_USB_ERROR, true);
	unit("B", H7_USB_ERROR, true);
	assert_false(stops);
	unit("C", H7_WRONG_PART, true);
	assert_true(stops);
	assert_string_equal(stop.stopped, "3 boards in a row failed");
	unit("C", H7_WRONG_PART, true);
	assert_false(stops); /* it is stopped already */
	stop_rules_go_on(&stop);
	unit("C", H7_WRONG_PART, true);
	assert_false(stops);
}

static void one_slot_is_blocked_alone(void **state)
{
	(void)state;
	with((struct profile_stop){.slot_consecutive = 2});
	unit("A", H7_USB_ERROR, true);
	unit("B", H7_OK, true);
	assert_null(stop_rules_blocked(&stop, "A"));
	unit("A", H7_USB_ERROR, true);
	assert_true(blocks);
	assert_false(stops);
	assert_non_null(stop_rules_blocked(&stop, "A"));
	assert_null(stop_rules_blocked(&stop, "B"));
	stop_rules_unblock(&stop, "A");
	assert_null(stop_rules_blocked(&stop, "A"));
	unit("A", H7_USB_ERROR, true);
	assert_false(blocks);
}

static void the_same_error_stops(void **state)
{
	(void)state;
	with((struct profile_stop){.same_error = 3});
	unit("A", H7_USB_ERROR, true);
	unit("A", H7_USB_ERROR, true);
	unit("A", H7_WRONG_PART, true);
	unit("B", H7_WRONG_PART, true);
	assert_false(stops);
	unit("C", H7_WRONG_PART, true);
	assert_true(stops);
}

static void the_window_must_be_full(void **state)
{
	(void)state;
	with((struct profile_stop){.first_pass_below = 0.90, .window = 10});
	unit("A", H7_OK, false); /* at a retry */
	unit("A", H7_USB_ERROR, true);
	for (int i = 0; i < 7; i++) {
		unit("A", H7_OK, true);
		assert_false(stops);
	}
	unit("A", H7_OK, true); /* 8 of 10 */
	assert_true(stops);
	stop_rules_go_on(&stop);
	for (int i = 0; i < 9; i++)
		unit("A", i == 0 ? H7_USB_ERROR : H7_OK, true);
	unit("A", H7_OK, true); /* 9 of 10 is not below 0.90 */
	assert_false(stops);
}

static void the_state_outlives_the_program(void **state)
{
	char folder[] = "/tmp/test_stop_XXXXXX", log[64], why[200] = "", *path;
	struct stop_rules again;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(log, sizeof(log), "%s/log.csv", folder);
	assert_true(stop_state_path(log, "p", "my station/1", &path));
	assert_non_null(strstr(path, "/.p.my_station_1.stop"));
	free(path);
	/* All lots of a pattern share it. */
	assert_true(stop_state_path("a/b/lot-{lot}/x/log.csv", "p", "s", &path));
	assert_string_equal(path, "a/b/.p.s.stop");
	free(path);
	assert_true(stop_state_path("{lot}.csv", "p", "s", &path));
	assert_string_equal(path, ".p.s.stop");
	free(path);
	assert_true(stop_state_path(log, "p", "my station/1", &path));
	with((struct profile_stop){.consecutive = 3});
	stop_rules_stop(&stop, "3 boards in a row failed");
	stop_rules_block(&stop, "A1", "why");
	assert_true(stop_state_write(path, &stop, why, sizeof(why)));
	stop_rules_init(&again, &rules);
	assert_true(stop_state_read(path, &again, why, sizeof(why)));
	assert_string_equal(again.stopped, "3 boards in a row failed");
	assert_string_equal(stop_rules_blocked(&again, "A1"), "why");
	stop_rules_go_on(&again);
	stop_rules_unblock(&again, "A1");
	assert_true(stop_state_write(path, &again, why, sizeof(why)));
	assert_int_equal(access(path, F_OK), -1); /* nothing to say */
	assert_true(stop_state_read(path, &again, why, sizeof(why)));
	free(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_of_failures_stops),
		cmocka_unit_test(one_slot_is_blocked_alone),
		cmocka_unit_test(the_same_error_stops),
		cmocka_unit_test(the_window_must_be_full),
		cmocka_unit_test(the_state_outlives_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
