/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panel's model: places, verdicts, totals, and hostile text that must not reach a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "ui/panel_model.h"

static struct panel_model model;
static struct ui_options options;
static struct profile_slot slots[6];

static void fixture(unsigned count)
{
	memset(&options, 0, sizeof(options));
	memset(slots, 0, sizeof(slots));
	options.slots = slots;
	options.slot_count = count;
	options.watch = true;
	for (unsigned i = 0; i < count; i++)
		snprintf(slots[i].name, sizeof(slots[i].name), "S%u", i + 1);
}

static void tell(enum gang_event_kind kind, const char *slot, int64_t at)
{
	struct gang_event event = {.kind = kind, .attempt = 1, .attempts_allowed = 2};

	snprintf(event.slot, sizeof(event.slot), "%s", slot);
	panel_model_event(&model, &event, at);
}

static void judge(const char *slot, enum audit_result result, enum h7_error error, bool recorded,
		  const char *detail)
{
	struct gang_event event = {
		.kind = GANG_UNIT, .result = result, .error = error, .recorded = recorded};

	snprintf(event.slot, sizeof(event.slot), "%s", slot);
	snprintf(event.detail, sizeof(event.detail), "%s", detail);
	panel_model_event(&model, &event, 0);
}

static void place(unsigned slot, unsigned row, unsigned column)
{
	slots[slot].row = row;
	slots[slot].column = column;
}

static void slots_stand_as_in_the_fixture(void **state)
{
	(void)state;
	fixture(3);
	place(0, 5, 2);
	place(1, 2, 9);
	place(2, 2, 2);
	panel_model_init(&model, &options, 0);
	/* Rows 2 and 5, columns 2 and 9: there is no place between. */
	assert_int_equal(model.rows, 2);
	assert_int_equal(model.columns, 2);
	assert_int_equal(model.cell[0].row, 1);
	assert_int_equal(model.cell[0].column, 0);
	assert_int_equal(model.cell[1].row, 0);
	assert_int_equal(model.cell[1].column, 1);
	assert_int_equal(model.cell[2].row, 0);
}

static void every_slot_has_a_place_of_its_own(void **state)
{
	(void)state;
	fixture(6);
	place(0, 1, 1);
	place(1, 1, 1); /* the same */
	place(2, 1, 3);
	panel_model_init(&model, &options, 0);
	for (unsigned i = 0; i < 6; i++) {
		assert_true(model.cell[i].row < model.rows);
		assert_true(model.cell[i].column < model.columns);
		for (unsigned k = 0; k < i; k++)
			assert_false(model.cell[i].row == model.cell[k].row &&
				     model.cell[i].column == model.cell[k].column);
	}
}

static void ports_come_in_order(void **state)
{
	(void)state;
	fixture(0);
	panel_model_init(&model, &options, 0);
	tell(GANG_TARGET, "1-1.10", 0);
	tell(GANG_TARGET, "1-1.2", 0);
	assert_int_equal(model.count, 2);
	assert_string_equal(model.cell[0].name, "1-1.2");
	assert_string_equal(model.cell[model.selected].name, "1-1.10");
	for (unsigned i = 0; i < 2 * PANEL_CELLS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "2-1.%u", i);
		tell(GANG_TARGET, name, 0);
	}
	assert_int_equal(model.count, PANEL_CELLS);
}

static void a_visit(void **state)
{
	(void)state;
	fixture(2);
	panel_model_init(&model, &options, 0);
	assert_int_equal(model.cell[0].state, PANEL_EMPTY);
	tell(GANG_TARGET, "S1", 0);
	assert_int_equal(model.cell[0].state, PANEL_WORKING);
	assert_int_equal(model.cell[0].attempts_allowed, 2);
	judge("S1", AUDIT_FAIL, H7_VERIFY_MISMATCH, true, "x\033[2Jy\nz");
	assert_int_equal(model.cell[0].state, PANEL_DONE);
	assert_string_equal(panel_verdict(&model.cell[0]), "FAIL");
	assert_string_equal(model.cell[0].detail, "x\\x1b[2Jy\\x0az");
	tell(GANG_TAKE_OUT, "S1", 0);
	assert_true(model.cell[0].take_out);
	tell(GANG_FREE, "S1", 0);
	assert_false(model.cell[0].take_out);
	panel_model_tick(&model, 4999 * CLOCK_MS);
	assert_int_equal(model.cell[0].state, PANEL_DONE); /* a failure stays for 5 s */
	tell(GANG_TAKE_OUT, "S1", 4999 * CLOCK_MS);        /* it is back: the same unit */
	panel_model_tick(&model, 9000 * CLOCK_MS);
	assert_int_equal(model.cell[0].state, PANEL_DONE);
	tell(GANG_FREE, "S1", 9000 * CLOCK_MS);
	panel_model_tick(&model, 14000 * CLOCK_MS);
	assert_int_equal(model.cell[0].state, PANEL_EMPTY);
	tell(GANG_TARGET, "S9", 0); /* no slot of the fixture */
	assert_int_equal(model.count, 2);
}

static void unrecorded_is_never_a_pass(void **state)
{
	char reason[64];

	(void)state;
	fixture(1);
	panel_model_init(&model, &options, 0);
	judge("S1", AUDIT_PASS, H7_OK, false, "");
	assert_string_equal(panel_verdict(&model.cell[0]), "NOT RECORDED");
	panel_reason(&model.cell[0], reason, sizeof(reason));
	assert_string_equal(reason, "the row could not be written");
	assert_int_equal(model.passed, 0);
	assert_int_equal(model.not_recorded, 1);
}

static void totals(void **state)
{
	(void)state;
	fixture(2);
	options.count = 8;
	panel_model_init(&model, &options, 0);
	assert_int_equal(panel_model_left_ms(&model, 60000 * CLOCK_MS), -1);
	judge("S1", AUDIT_PASS, H7_OK, true, "");
	judge("S2", AUDIT_FAIL, H7_DFU_STUCK, true, "");
	assert_int_equal(panel_model_units(&model), 2);
	assert_int_equal(panel_model_hourly(&model, 60000 * CLOCK_MS), 120);
	assert_int_equal(panel_model_left_ms(&model, 60000 * CLOCK_MS), 180000);
	assert_int_equal(panel_model_hourly(&model, 3000 * CLOCK_MS), 0);   /* says nothing yet */
	assert_int_equal(panel_model_hourly(&model, 700000 * CLOCK_MS), 0); /* of the last 10 min */
}

static void a_unit_has_one_bar(void **state)
{
	static const int64_t took[] = {1000, 0, 2000, 4000, 3000, 0, 0, 0};
	int64_t now = 0;
	unsigned before = 0;

	(void)state;
	fixture(1);
	panel_model_init(&model, &options, 0);
	for (int turn = 0; turn < 2; turn++) {
		tell(GANG_TARGET, "S1", now);
		for (unsigned phase = 0; phase < GANG_PHASE_COUNT; phase++) {
			struct gang_event event = {
				.kind = GANG_PHASE, .attempt = 1, .attempts_allowed = 1};

			event.phase = (enum gang_phase)phase;
			snprintf(event.slot, sizeof(event.slot), "S1");
			panel_model_event(&model, &event, now);
			assert_true(panel_times_permille(&model, &model.cell[0]) >= before);
			before = panel_times_permille(&model, &model.cell[0]);
			if (turn == 1 && phase == GANG_PHASE_PROGRAM) {
				assert_in_range(before, 290, 310); /* 3 of 10 s, as measured */
				assert_in_range(panel_times_left_ms(&model, &model.cell[0], now),
						6990, 7010);
			}
			now += took[phase] * CLOCK_MS;
		}
		judge("S1", AUDIT_PASS, H7_OK, true, "");
		before = 0;
	}
}

static void notes_are_made_harmless(void **state)
{
	struct gang_event note = {.kind = GANG_NOTE};

	(void)state;
	fixture(1);
	panel_model_init(&model, &options, 0);
	snprintf(note.detail, sizeof(note.detail), "\033]0;title\007");
	panel_model_event(&model, &note, 0);
	assert_null(strchr(model.message, '\033'));
	snprintf(note.slot, sizeof(note.slot), "S1");
	memset(note.detail, '\x9b', sizeof(note.detail) - 1);
	panel_model_event(&model, &note, 0);
	assert_null(strchr(model.cell[0].note, '\x9b'));
	assert_null(strchr(model.message, '\x9b'));
}

static void the_selection_moves(void **state)
{
	(void)state;
	fixture(4);
	place(0, 1, 1);
	place(1, 1, 2);
	place(2, 2, 1);
	place(3, 2, 2);
	panel_model_init(&model, &options, 0);
	panel_model_move(&model, 0, 1);
	assert_int_equal(model.selected, 1);
	panel_model_move(&model, 1, 0);
	assert_int_equal(model.selected, 3);
	panel_model_move(&model, 1, 0); /* nothing is there */
	assert_int_equal(model.selected, 3);
	panel_model_move(&model, 0, -1);
	assert_int_equal(model.selected, 2);
	fixture(0);
	panel_model_init(&model, &options, 0);
	panel_model_move(&model, 0, 1);
	assert_int_equal(model.selected, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_stand_as_in_the_fixture),
		cmocka_unit_test(every_slot_has_a_place_of_its_own),
		cmocka_unit_test(ports_come_in_order),
		cmocka_unit_test(a_visit),
		cmocka_unit_test(unrecorded_is_never_a_pass),
		cmocka_unit_test(totals),
		cmocka_unit_test(a_unit_has_one_bar),
		cmocka_unit_test(notes_are_made_harmless),
		cmocka_unit_test(the_selection_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
