/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of a slot and every step between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "gang/slot.h"

static const char *const states[SLOT_STATES] = {
	[SLOT_EMPTY] = "empty",   [SLOT_LEFT] = "left",       [SLOT_WAITING] = "waiting",
	[SLOT_ASKING] = "asking", [SLOT_RUNNING] = "running", [SLOT_DONE] = "done",
	[SLOT_UNSURE] = "unsure", [SLOT_RETIRED] = "retired",
};

/* The states before an event, and the state after it: written a second time, by event. */
static const struct {
	enum slot_event event;
	const char *from, *to;
} steps[] = {
	{SLOT_BOARD_CAME, "empty left waiting asking done unsure", "waiting"},
	{SLOT_BOARD_CAME, "running", "running"},
	{SLOT_BOARD_CAME, "retired", "retired"},
	{SLOT_BOARD_WENT, "waiting asking done unsure", "empty"},
	{SLOT_BOARD_WENT, "running", "running"},
	{SLOT_BOARD_WENT, "retired", "retired"},
	{SLOT_BOARD_STARTED, "waiting asking done", "left"},
	{SLOT_BOARD_STARTED, "running", "running"},
	{SLOT_BOARD_STARTED, "retired", "retired"},
	{SLOT_LABEL_MISSING, "waiting", "asking"},
	{SLOT_UNIT_BEGUN, "waiting asking", "running"},
	{SLOT_UNIT_NOT_BEGUN, "waiting asking", "done"},
	{SLOT_UNIT_OVER, "running", "done"},
	{SLOT_UNIT_UNSURE, "running", "unsure"},
	{SLOT_UNIT_HANGS, "running", "retired"},
	{SLOT_ACKNOWLEDGED, "left", "empty"},
	{SLOT_ACKNOWLEDGED, "unsure", "waiting"},
};

static const char *expected(enum slot_state from, enum slot_event event)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i].event == event && strstr(steps[i].from, states[from]))
			return steps[i].to;
	}
	return NULL;
}

static void every_step_is_the_written_one(void **state)
{
	(void)state;
	for (unsigned from = 0; from < SLOT_STATES; from++) {
		for (unsigned event = 0; event < SLOT_EVENTS; event++) {
			const char *to = expected(from, event);
			enum slot_state next = slot_next(from, event);

			if (to)
				assert_string_equal(next < SLOT_STATES ? states[next] : "none", to);
			else
				assert_int_equal(next, SLOT_STATES);
		}
	}
}

static void an_impossible_event_retires_the_slot(void **state)
{
	(void)state;
	for (unsigned from = 0; from < SLOT_STATES; from++) {
		for (unsigned event = 0; event < SLOT_EVENTS; event++) {
			struct slot slot = {.state = from};
			bool possible = slot_next(from, event) != SLOT_STATES;

			assert_int_equal(slot_apply(&slot, event), possible);
			if (!possible)
				assert_int_equal(slot.state, SLOT_RETIRED);
		}
	}
}

static void nothing_starts_in_a_retired_slot(void **state)
{
	struct slot slot = {.state = SLOT_RETIRED};

	(void)state;
	for (unsigned event = 0; event < SLOT_EVENTS; event++) {
		slot_apply(&slot, event);
		assert_int_equal(slot.state, SLOT_RETIRED);
		assert_false(slot_waits(&slot));
	}
}

static void a_board_waits_in_two_states(void **state)
{
	(void)state;
	for (unsigned from = 0; from < SLOT_STATES; from++) {
		const struct slot slot = {.state = from};

		assert_int_equal(slot_waits(&slot), from == SLOT_WAITING || from == SLOT_ASKING);
		/* Exactly the waiting slots may start. */
		assert_int_equal(slot_waits(&slot),
				 slot_next(from, SLOT_UNIT_BEGUN) == SLOT_RUNNING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_is_the_written_one),
		cmocka_unit_test(an_impossible_event_retires_the_slot),
		cmocka_unit_test(nothing_starts_in_a_retired_slot),
		cmocka_unit_test(a_board_waits_in_two_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
