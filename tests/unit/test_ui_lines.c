/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdict lines: texts that an operator must or must not see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ui/render.h"

static struct ui_view view;
static struct ui_lines lines;

static struct gang_event unit(enum audit_result result, enum h7_error error, bool recorded)
{
	struct gang_event event = {.kind = GANG_UNIT, .result = result, .error = error};

	event.recorded = recorded;
	event.attempt = event.attempts_allowed = 1;
	event.total_ms = 28400;
	snprintf(event.slot, sizeof(event.slot), "A1");
	snprintf(event.path, sizeof(event.path), "1-1.1");
	snprintf(event.uid, sizeof(event.uid), "2f0030000f51353232363631");
	snprintf(event.bootloader, sizeof(event.bootloader), "V9.2");
	return event;
}

static int fresh(void **state)
{
	(void)state;
	memset(&view, 0, sizeof(view));
	view.options.level = UI_INFO;
	view.options.command = "run";
	view.options.profile = view.options.part = view.options.lot = view.options.log = "x";
	return 0;
}

static void passed_unit_is_one_line(void **state)
{
	struct gang_event event = unit(AUDIT_PASS, H7_OK, true);

	(void)state;
	ui_render_lines(&view, &event, &lines);
	assert_non_null(strstr(lines.out, "PASS"));
	assert_non_null(strstr(lines.out, "A1"));
	assert_non_null(strstr(lines.out, "2f0030000f51353232363631"));
	assert_non_null(strstr(lines.out, "28.4 s"));
	assert_ptr_equal(strchr(lines.out, '\n'), lines.out + strlen(lines.out) - 1);
	assert_string_equal(lines.err, "");
}

static void unrecorded_pass_never_says_pass(void **state)
{
	struct gang_event event = unit(AUDIT_PASS, H7_OK, false);

	(void)state;
	ui_render_lines(&view, &event, &lines);
	assert_non_null(strstr(lines.out, "NOT RECORDED"));
	assert_null(strstr(lines.out, "PASS"));
	assert_non_null(strstr(lines.err, "row could not be written"));
	assert_null(strstr(lines.err, "flash"));
	event.begun = true;
	ui_render_lines(&view, &event, &lines);
	assert_non_null(strstr(lines.err, "even if its flash is right"));
}

/* A board without a row is no failed one in the summary, but its slot needs the operator, too. */
static void slots_that_did_not_pass_are_listed(void **state)
{
	struct gang_event event = unit(AUDIT_PASS, H7_OK, false);
	struct gang_event end = {.kind = GANG_SUMMARY, .passed = 1, .not_recorded = 1};

	(void)state;
	ui_render_lines(&view, &event, &lines);
	event = unit(AUDIT_PASS, H7_OK, true);
	snprintf(event.slot, sizeof(event.slot), "A2");
	ui_render_lines(&view, &event, &lines);
	ui_render_lines(&view, &end, &lines);
	assert_non_null(strstr(lines.out, "0 failed, 0 aborted, 1 NOT RECORDED"));
	assert_string_equal(lines.err, "did not pass: A1\n");
}

/* A board whose row could not be written gets no result. */
static void unrecorded_unit_claims_no_result(void **state)
{
	struct gang_event event = unit(AUDIT_ABORTED, H7_ABORTED, false);

	(void)state;
	snprintf(event.erase_method, sizeof(event.erase_method), "sectors");
	snprintf(event.detail, sizeof(event.detail), "the log cannot be written");
	ui_render_lines(&view, &event, &lines);
	assert_null(strstr(lines.out, "erase"));
	assert_null(strstr(lines.out, "aborted"));
	assert_non_null(strstr(lines.out, "  the log cannot be written\n"));
}

static void failed_unit_names_error_and_advice(void **state)
{
	struct gang_event event = unit(AUDIT_FAIL, H7_VERIFY_MISMATCH, true);

	(void)state;
	snprintf(event.detail, sizeof(event.detail), "bank 2 at 0x08100020");
	view.options.quiet = true;
	ui_render_lines(&view, &event, &lines);
	assert_non_null(strstr(lines.out, "FAIL"));
	assert_non_null(strstr(lines.out, "verify_mismatch: bank 2 at 0x08100020"));
	assert_non_null(strstr(lines.err, h7_error_advice(H7_VERIFY_MISMATCH)));
}

static void hostile_detail_cannot_move_the_cursor(void **state)
{
	struct gang_event event = unit(AUDIT_FAIL, H7_USB_ERROR, true);

	(void)state;
	snprintf(event.detail, sizeof(event.detail),
		 "a\033[2Jb\nPASS\xff\xc2\x9b"
		 "c\xc3\xa9");
	ui_render_lines(&view, &event, &lines);
	assert_non_null(strstr(lines.out, "a\\x1b[2Jb\\x0aPASS\\xff\\xc2\\x9bc\xc3\xa9\n"));
	assert_null(strchr(lines.out, '\033'));
}

static void longest_detail_stays_one_line(void **state)
{
	struct gang_event event = unit(AUDIT_FAIL, H7_USB_ERROR, true);

	(void)state;
	memset(event.detail, '\001', sizeof(event.detail) - 1);
	ui_render_lines(&view, &event, &lines);
	assert_int_equal(lines.out[strlen(lines.out) - 1], '\n');
}

static void colour_is_never_the_only_sign(void **state)
{
	struct gang_event event = unit(AUDIT_PASS, H7_OK, true);

	(void)state;
	view.colour_out = true;
	ui_render_lines(&view, &event, &lines);
	assert_non_null(strstr(lines.out, "\033[1;32mPASS\033[0m"));
}

static struct gang_event progress(const char *path, unsigned permille)
{
	struct gang_event event = {.kind = GANG_PROGRESS, .phase = GANG_PHASE_PROGRAM};

	event.permille = permille;
	event.attempt = event.attempts_allowed = 1;
	snprintf(event.path, sizeof(event.path), "%s", path);
	snprintf(event.slot, sizeof(event.slot), "%s", path);
	return event;
}

static bool told(const char *path, unsigned permille)
{
	struct gang_event event = progress(path, permille);

	ui_render_lines(&view, &event, &lines);
	return lines.err[0] != 0;
}

static void progress_is_told_every_quarter_for_each_target(void **state)
{
	struct gang_event phase = progress("1-1", 0);

	(void)state;
	assert_false(told("1-1", 240));
	assert_true(told("1-1", 250));
	assert_false(told("1-1", 499));
	assert_true(told("1-2", 260));
	assert_true(told("1-1", 800));
	assert_false(told("1-1", 1000));
	phase.kind = GANG_PHASE;
	ui_render_lines(&view, &phase, &lines);
	assert_true(told("1-1", 250));
	view.options.quiet = true;
	assert_false(told("1-1", 600));
}

static void more_targets_than_tracks_are_survived(void **state)
{
	char path[16];

	(void)state;
	for (unsigned i = 0; i < 3 * UI_TRACKS; i++) {
		snprintf(path, sizeof(path), "1-%u", i);
		assert_true(told(path, 500));
	}
}

static void summary_ends_with_the_head_of_the_log(void **state)
{
	struct gang_event event = {.kind = GANG_SUMMARY, .passed = 7, .failed = 1};
	const char *end;

	(void)state;
	event.head.seq = 8;
	memset(event.head.row_hash, 'a', 64);
	ui_render_lines(&view, &event, &lines);
	end = strstr(lines.out, "seq=8 row_hash=aaaa");
	assert_non_null(end);
	assert_int_equal(strlen(end), strlen("seq=8 row_hash=") + 64 + 1);
	assert_non_null(strstr(lines.out, "7 passed, 1 failed, 0 aborted"));
	assert_null(strstr(lines.out, "NOT RECORDED"));
	event.not_recorded = 2;
	ui_render_lines(&view, &event, &lines);
	assert_non_null(strstr(lines.out, "2 NOT RECORDED"));
}

static void cut_text_ends_at_a_character(void **state)
{
	char to[6];

	(void)state;
	text_terminal("abcd\xc3\xa9", to, sizeof(to));
	assert_string_equal(to, "abcd");
	text_well_formed("abc\xff", to, sizeof(to));
	assert_string_equal(to, "abc");
	text_well_formed("ab\xed\xa0\x80", to, sizeof(to));
	assert_string_equal(to, "ab\xef\xbf\xbd");
	text_well_formed("\xc0\xaf", to, sizeof(to));
	assert_string_equal(to, "\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(passed_unit_is_one_line, fresh),
		cmocka_unit_test_setup(unrecorded_pass_never_says_pass, fresh),
		cmocka_unit_test_setup(unrecorded_unit_claims_no_result, fresh),
		cmocka_unit_test_setup(slots_that_did_not_pass_are_listed, fresh),
		cmocka_unit_test_setup(failed_unit_names_error_and_advice, fresh),
		cmocka_unit_test_setup(hostile_detail_cannot_move_the_cursor, fresh),
		cmocka_unit_test_setup(longest_detail_stays_one_line, fresh),
		cmocka_unit_test_setup(colour_is_never_the_only_sign, fresh),
		cmocka_unit_test_setup(progress_is_told_every_quarter_for_each_target, fresh),
		cmocka_unit_test_setup(more_targets_than_tracks_are_survived, fresh),
		cmocka_unit_test_setup(summary_ends_with_the_head_of_the_log, fresh),
		cmocka_unit_test(cut_text_ends_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
