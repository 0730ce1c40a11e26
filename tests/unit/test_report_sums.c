/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts boards, units and attempts from rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "h7gang/report/report.h"

struct visit {
	const char *unit, *slot, *uid, *lot;
	const char *attempt, *result, *error, *finished_at, *command, *total_ms, *serial, *profile,
		*hash;
	int64_t log;
};

static char why[300];

static void put(struct report_collector *collector, const struct visit *visit)
{
	struct report_row row = {.log = visit->log};
	static uint64_t seq;
	char number[24];

	/* The digits of a hash are the row number, as copies have one. */
	snprintf(number, sizeof(number), "%llu",
		 visit->hash ? strtoull(visit->hash + 1, NULL, 10) : (unsigned long long)++seq);
	for (size_t i = 0; i < REPORT_COLUMN_COUNT; i++)
		row.text[i] = "";
	row.text[RC_seq] = number;
	row.text[RC_run_id] = "run";
	row.text[RC_unit_id] = visit->unit;
	row.text[RC_attempt] = visit->attempt;
	row.text[RC_attempts_allowed] = "2";
	row.text[RC_started_at] = row.text[RC_finished_at] =
		visit->finished_at ? visit->finished_at : "2026-11-22T14:04:12.345Z";
	row.text[RC_station] = "S";
	row.text[RC_lot] = visit->lot ? visit->lot : "L";
	row.text[RC_command] = visit->command ? visit->command : "run";
	row.text[RC_slot] = visit->slot;
	row.text[RC_uid] = visit->uid ? visit->uid : "";
	row.text[RC_bootloader] = "V9.2";
	row.text[RC_part] = "stm32h743xi";
	row.text[RC_result] = visit->result;
	row.text[RC_error] = visit->error ? visit->error : "";
	row.text[RC_total_ms] = visit->total_ms ? visit->total_ms : "";
	row.text[RC_unit_serial] = visit->serial ? visit->serial : "";
	row.text[RC_profile] = visit->profile ? visit->profile : "";
	row.text[RC_row_hash] = visit->hash ? visit->hash : "";
	for (size_t i = 0; i < REPORT_COLUMN_COUNT; i++)
		row.length[i] = strlen(row.text[i]);
	assert_true(report_row(collector, &row));
}

static const struct report *sum(const struct report_options *options, const struct visit *visits,
				size_t count, struct report_collector **collector)
{
	const struct report_options none = {.time_zone = "UTC"};
	const struct report *report;

	*collector = report_new(options ? options : &none, why, sizeof(why));
	if (!*collector)
		fail_msg("%s", why);
	for (size_t i = 0; i < count; i++)
		put(*collector, &visits[i]);
	report = report_sum(*collector, NULL, 0);
	assert_non_null(report);
	return report;
}

#define COUNT(visits) (sizeof(visits) / sizeof((visits)[0]))
#define UID1 "000000000000000000000001"
#define UID2 "000000000000000000000002"
#define UID3 "000000000000000000000003"

static const struct report_group *group(const struct report *report, enum report_by by,
					const char *name)
{
	for (size_t i = 0; i < report->by[by].count; i++) {
		if (strcmp(report->by[by].group[i].name, name) == 0)
			return &report->by[by].group[i];
	}
	fail_msg("no group %s", name);
	return NULL;
}

/* Two boards; one fails at its first unit; both are done again. */
static void test_boards(void **state)
{
	static const struct visit visits[] = {
		{"u1", "A1", UID1, NULL, "1", "PASS", NULL, "2026-11-22T14:00:00.000Z", NULL,
		 "1000", NULL, NULL, NULL, 0},
		{"u2", "A2", UID2, NULL, "1", "FAIL", "usb_error", "2026-11-22T14:00:01.000Z", NULL,
		 NULL, NULL, NULL, NULL, 0},
		{"u3", "A2", UID2, NULL, "1", "PASS", NULL, "2026-11-22T14:01:00.000Z", NULL,
		 "2000", NULL, NULL, NULL, 0},
		{"u4", "A1", UID1, NULL, "1", "PASS", NULL, "2026-11-22T14:02:00.000Z", NULL,
		 "3000", NULL, NULL, NULL, 0},
	};
	struct report_collector *collector;
	const struct report *report = sum(NULL, visits, COUNT(visits), &collector);

	(void)state;
	assert_int_equal(report->all.boards, 2);
	assert_int_equal(report->all.boards_first, 1);
	assert_int_equal(report->all.boards_passed, 2);
	assert_int_equal(report->all.units, 4);
	assert_int_equal(report->all.units_first, 3);
	assert_int_equal(report->all.attempts, 4);
	assert_int_equal(report->boards_again, 2);
	assert_int_equal(report->histories, 2);
	assert_int_equal(report->history[0].visits, 2);
	assert_int_equal(group(report, BY_SLOT, "A2")->tally.boards_first, 0);
	assert_int_equal(group(report, BY_SLOT, "A2")->tally.units, 2);
	assert_string_equal(report->by[BY_SLOT].group[0].station, "");
	assert_true(report->cycle.at[3] > 1999 && report->cycle.at[3] < 2001);
	assert_int_equal(report->error[0].boards, 1);
	assert_string_equal(report->error[0].example[0].uid, UID2);
	report_free(collector);
}

/* A retry, an abort, errors of the station, rework, verify, a command to come, and a board without
 * a UID. */
static void test_kinds(void **state)
{
	static const struct visit visits[] = {
		{"u1", "A1", UID1, NULL, "1", "FAIL", "usb_error", NULL, NULL, NULL, "N1", NULL,
		 NULL, 0},
		{"u1", "A1", UID1, NULL, "2", "PASS", NULL, NULL, NULL, "10", "N1", NULL, NULL, 0},
		{"u2", "A2", UID2, NULL, "1", "ABORTED", "aborted", NULL, NULL, NULL, "N2", NULL,
		 NULL, 0},
		{"u3", "A3", NULL, NULL, "1", "FAIL", "verify_mismatch", NULL, NULL, NULL, NULL,
		 NULL, NULL, 0},
		{"u4", "A10", UID3, NULL, "1", "FAIL", "host_error", NULL, NULL, NULL, NULL, NULL,
		 NULL, 0},
		{"u4", "A10", UID3, NULL, "2", "PASS", NULL, NULL, NULL, "20", NULL, NULL, NULL, 0},
		{"u5", "A1", UID1, NULL, "1", "FAIL", "duplicate", NULL, NULL, NULL, NULL, NULL,
		 NULL, 0},
		{"u6", "A1", UID1, NULL, "1", "FAIL", "verify_mismatch", NULL, "verify", NULL, NULL,
		 NULL, NULL, 0},
		{"u7", "A1", UID2, NULL, "1", "PASS", NULL, NULL, "rework", "30", NULL, NULL, NULL,
		 0},
		{"u8", "A1", UID2, NULL, "1", "", NULL, NULL, "to_come", NULL, NULL, NULL, NULL, 0},
		{"", "", NULL, NULL, "", "", NULL, NULL, "note", NULL, NULL, NULL, NULL, 0},
	};
	struct report_collector *collector;
	const struct report *report = sum(NULL, visits, COUNT(visits), &collector);

	(void)state;
	assert_int_equal(report->rows, 11);
	assert_int_equal(report->skipped, 1);
	assert_int_equal(report->notes, 1);
	assert_int_equal(report->all.units, 3);
	assert_int_equal(report->all.units_passed, 2);
	assert_int_equal(report->all.units_first, 1); /* host_error was not the board's attempt */
	assert_int_equal(report->all.aborted, 1);
	assert_int_equal(report->all.excluded, 1);
	assert_int_equal(report->all.attempts, 4);
	assert_int_equal(report->verify.units, 1);
	assert_int_equal(report->rework.units_passed, 1);
	assert_int_equal(report->boards, 4);
	assert_int_equal(report->nameless, 1);
	assert_int_equal(report->unjudged, 1); /* aborted, and then only reworked */
	assert_int_equal(report->all.boards, 3);
	assert_int_equal(report->all.boards_first, 1);
	assert_int_equal(report->all.boards_passed, 2);
	assert_string_equal(report->by[BY_SLOT].group[0].name, "A1");
	assert_string_equal(report->by[BY_SLOT].group[3].name, "A10");
	assert_int_equal(report->numbers, 1);
	assert_string_equal(report->number[0].number, "N2");
	report_free(collector);
}

/* A board in two lots is two; rows that came later in the log but earlier in time come first. */
static void test_order(void **state)
{
	static const struct visit visits[] = {
		{"u1", "A1", UID1, "L1", "1", "PASS", NULL, "2026-11-22T15:00:00.000Z", NULL, NULL,
		 NULL, NULL, NULL, 0},
		{"u2", "A1", UID1, "L2", "1", "PASS", NULL, "2026-11-22T16:00:00.000Z", NULL, NULL,
		 NULL, NULL, NULL, 0},
		{"u3", "A1", UID1, "L1", "1", "FAIL", "usb_error", "2026-11-22T14:00:00.000Z", NULL,
		 NULL, NULL, NULL, NULL, 0},
	};
	const struct report_options only = {.lot = "L2", .time_zone = "UTC"};
	const struct report_options early = {.until_ms = INT64_C(1795360000000),
					     .time_zone = "UTC"};
	struct report_collector *collector;
	const struct report *report = sum(NULL, visits, COUNT(visits), &collector);

	(void)state;
	assert_int_equal(report->all.boards, 2);
	assert_int_equal(report->all.boards_first, 1);
	assert_int_equal(report->all.boards_passed, 2);
	assert_int_equal(group(report, BY_HOUR, "14 h")->tally.boards, 1);
	report_free(collector);
	report = sum(&only, visits, COUNT(visits), &collector);
	assert_int_equal(report->rows, 1);
	assert_int_equal(report->all.boards_first, 1);
	report_free(collector);
	report = sum(&early, visits, COUNT(visits), &collector);
	assert_int_equal(report->rows, 2);
	report_free(collector);
}

static void test_calendar(void **state)
{
	static const struct visit visits[] = {
		{"u1", "A1", UID1, NULL, "1", "PASS", NULL, "2026-11-22T22:30:00.000Z", NULL, NULL,
		 NULL, NULL, NULL, 0},
		{"u2", "A1", UID2, NULL, "1", "PASS", NULL, "2026-11-23T04:59:00.000Z", NULL, NULL,
		 NULL, NULL, NULL, 0},
		{"u3", "A1", UID3, NULL, "1", "PASS", NULL, "2026-11-23T05:00:00.000Z", NULL, NULL,
		 NULL, NULL, NULL, 0},
	};
	const struct report_options options = {.time_zone = "Europe/Berlin",
					       .shifts = "06:00,14:00,22:00"};
	const struct report_options bad_zone = {.time_zone = "Mars/Olympus"};
	const struct report_options bad_shifts = {.time_zone = "UTC", .shifts = "14:00,06:00"};
	struct report_collector *collector;
	const struct report *report = sum(&options, visits, COUNT(visits), &collector);

	(void)state;
	assert_int_equal(report->time.count, 2);
	assert_string_equal(report->time.point[0].name, "2026-11-22 22:00-06:00");
	assert_int_equal(report->time.point[0].boards, 2);
	assert_string_equal(report->time.point[1].name, "2026-11-23 06:00-14:00");
	assert_int_equal(group(report, BY_SHIFT, "22:00-06:00")->tally.boards, 2);
	assert_int_equal(group(report, BY_HOUR, "23 h")->tally.units, 1);
	report_free(collector);
	assert_null(report_new(&bad_zone, why, sizeof(why)));
	assert_non_null(strstr(why, "--time-zone"));
	assert_null(report_new(&bad_shifts, why, sizeof(why)));
	assert_non_null(strstr(why, "--shifts"));
}

/* A point's limits come from the other points of the baseline. */
static void test_limits(void **state)
{
	enum { BOARDS = 20 };
	struct visit visits[BOARDS];
	char uid[BOARDS][25], unit[BOARDS][8];
	struct report_collector *collector;
	const struct report *report;

	(void)state;
	for (int i = 0; i < BOARDS; i++) {
		bool fails = i < BOARDS / 2;

		snprintf(uid[i], sizeof(uid[i]), "%024d", i);
		snprintf(unit[i], sizeof(unit[i]), "u%d", i);
		visits[i] = (struct visit){.unit = unit[i],
					   .slot = "A1",
					   .uid = uid[i],
					   .attempt = "1",
					   .result = fails ? "FAIL" : "PASS",
					   .error = fails ? "usb_error" : NULL,
					   .finished_at = fails ? "2026-11-22T14:00:00.000Z"
								: "2026-11-22T15:00:00.000Z"};
	}
	report = sum(NULL, visits, BOARDS, &collector);
	assert_int_equal(report->time.count, 2);
	assert_true(report->time.point[0].baseline && report->time.point[1].baseline);
	assert_true(report->time.point[0].centre < 1e-9);
	assert_true(report->time.point[1].centre > 1 - 1e-9);
	assert_true(report->time.point[0].outside);
	report_free(collector);
}

static bool finds(const struct report *report, const char *text)
{
	for (size_t i = 0; i < report->findings; i++) {
		if (strstr(report->finding[i].text, text))
			return true;
	}
	return false;
}

/* The views can show it, whatever is in it. */
static void show(const struct report *report, const char *needle)
{
	void (*const views[])(FILE *, const struct report *) = {report_text, report_json,
								report_html};

	for (size_t i = 0; i < COUNT(views); i++) {
		char *text = NULL;
		size_t length;
		FILE *to = open_memstream(&text, &length);

		views[i](to, report);
		assert_false(ferror(to));
		fclose(to);
		if (!strstr(text, needle))
			fail_msg("view %zu does not show %s", i, needle);
		free(text);
	}
}

/* A number on two boards that passed is the first finding. It is none if one board passed twice or
 * in two lots, or if the other board failed. */
static void test_doubles(void **state)
{
#define BOARD(number, id, serial_, ...)                                                            \
	{                                                                                          \
		.unit = number, .slot = "A1", .uid = id, .attempt = "1", .serial = serial_,        \
		.result = "PASS", __VA_ARGS__                                                      \
	}
	static const struct visit visits[] = {
		BOARD("u1", UID1, "N1", .profile = "p"),
		BOARD("u2", UID1, "N1", .profile = "p"),
		BOARD("u3", UID1, "N1", .profile = "p", .lot = "L2"),
		BOARD("u4", UID2, "N2", .profile = "p"),
		BOARD("u5", UID3, "N3", .profile = "p"),
		BOARD("u6", UID3, "N2", .profile = "p", .lot = "L2"),
		BOARD("u7", UID2, "N2", .profile = "p"),
		BOARD("u8", UID1, "N4", .profile = "p"),
		BOARD("u9", UID2, "N4", .profile = "q"),
		BOARD("u10", UID1, "N5", .profile = "p"),
		{.unit = "u11",
		 .slot = "A1",
		 .uid = UID2,
		 .attempt = "1",
		 .result = "FAIL",
		 .error = "usb_error",
		 .serial = "N5"},
		BOARD("u12", UID2, "N5", .command = "verify"),
	};
	struct report_collector *collector;
	const struct report *report = sum(NULL, visits, COUNT(visits), &collector);

	(void)state;
	assert_int_equal(report->doubles, 2);
	assert_string_equal(report->doubled[0].number, "N2");
	assert_true(report->doubled[0].one_profile);
	assert_int_equal(report->doubled[0].boards, 2);
	assert_string_equal(report->doubled[0].holder[0].row.uid, UID2);
	assert_string_equal(report->doubled[0].holder[0].row.slot, "A1");
	assert_string_equal(report->doubled[0].holder[1].row.uid, UID3);
	assert_string_equal(report->doubled[0].holder[1].lot, "L2");
	assert_string_equal(report->doubled[1].number, "N4");
	assert_false(report->doubled[1].one_profile);
	assert_non_null(strstr(report->finding[0].text, "more than one board passed with: N2"));
	assert_true(finds(report, "boards of different profiles passed with: N4"));
	show(report, "N4");
	report_free(collector);
}

/* Rows with one hash are one row in copies of one log. */
#define ROW(number, log_, hash_, id, verdict, ...)                                                 \
	{                                                                                          \
		.unit = number, .slot = "A1", .uid = id, .result = verdict, .log = log_,           \
		.hash = hash_, __VA_ARGS__                                                         \
	}

/* A copy, a backup whose last unit was not over, a file twice: each row counts once. */
static void test_copies(void **state)
{
	static const struct visit visits[] = {
		ROW("u1", 0, "h1", UID1, "PASS", .attempt = "1"),
		ROW("u2", 0, "h2", UID2, "FAIL", .attempt = "1", .error = "usb_error"),
		ROW("u1", 1, "h1", UID1, "PASS", .attempt = "1"),
		ROW("u2", 1, "h2", UID2, "FAIL", .attempt = "1", .error = "usb_error"),
		ROW("u2", 1, "h3", UID2, "PASS", .attempt = "2"),
		ROW("u3", 1, "h4", UID3, "PASS", .attempt = "1"),
		ROW("u1", 2, "h1", UID1, "PASS", .attempt = "1"),
		ROW("u2", 2, "h2", UID2, "FAIL", .attempt = "1", .error = "usb_error"),
		ROW("u2", 2, "h3", UID2, "PASS", .attempt = "2"),
		ROW("u1", 3, "other", UID1, "PASS", .attempt = "1", .lot = "L2"),
	};
	struct report_collector *collector;
	const struct report *report = sum(NULL, visits, COUNT(visits), &collector);

	(void)state;
	assert_int_equal(report->rows, 5);
	assert_int_equal(report->copied, 5);
	assert_int_equal(report->all.units, 4);
	assert_int_equal(report->all.units_passed, 4);
	assert_int_equal(report->all.units_first, 3);
	assert_int_equal(report->boards_again, 0);
	assert_int_equal(report->copies, 2);
	assert_int_equal(report->copy[0].log, 1);
	assert_int_equal(report->copy[0].of, 0);
	assert_int_equal(report->copy[0].rows, 4);
	assert_int_equal(report->copy[0].copied, 2);
	assert_int_equal(report->copy[1].of, 1);
	assert_int_equal(report->copy[1].copied, report->copy[1].rows);
	assert_false(report->copy[0].fork || report->copy[1].fork);
	assert_true(finds(report, "2 of its 4 rows in common"));
	show(report, "3 of its 3 rows in common");
	report_free(collector);
}

/* Logs that go on in different ways, from a row in the middle of another one or behind its last. */
static void test_forks(void **state)
{
	static const struct visit visits[] = {
		ROW("u1", 0, "h1", UID1, "PASS", .attempt = "1"),
		ROW("u2", 0, "h2", UID2, "PASS", .attempt = "1"),
		ROW("u1", 1, "h1", UID1, "PASS", .attempt = "1"),
		ROW("u3", 1, "h3", UID3, "PASS", .attempt = "1"),
		ROW("u1", 2, "g1", UID1, "PASS", .attempt = "1", .lot = "L2"),
		ROW("u1", 3, "g1", UID1, "PASS", .attempt = "1", .lot = "L2"),
		ROW("u2", 3, "g2", UID2, "PASS", .attempt = "1", .lot = "L2"),
		ROW("u1", 4, "g1", UID1, "PASS", .attempt = "1", .lot = "L2"),
		ROW("u2", 4, "g3", UID3, "PASS", .attempt = "1", .lot = "L2"),
	};
	const struct report_options lot = {.lot = "L2", .time_zone = "UTC"};
	struct report_collector *collector;
	const struct report *report = sum(NULL, visits, COUNT(visits), &collector);

	(void)state;
	assert_int_equal(report->rows, 6);
	assert_int_equal(report->copies, 3);
	assert_true(report->copy[0].fork);
	assert_int_equal(report->copy[0].of, 0);
	assert_false(report->copy[1].fork);
	assert_true(report->copy[2].fork);
	assert_int_equal(report->copy[2].of, 3);
	show(report, "differ after it");
	report_free(collector);
	report = sum(&lot, visits, COUNT(visits), &collector);
	assert_int_equal(report->rows, 3);
	assert_int_equal(report->copied, 3);
	report_free(collector);
}

static void test_nothing(void **state)
{
	struct report_collector *collector;
	const struct report *report = sum(NULL, NULL, 0, &collector);
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	(void)state;
	assert_int_equal(report->rows + report->all.boards + report->errors + report->findings, 0);
	report_text(to, report);
	report_json(to, report);
	report_html(to, report);
	assert_false(ferror(to));
	fclose(to);
	free(text);
	report_free(collector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boards),  cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_order),   cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_limits),  cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_copies),  cmocka_unit_test(test_forks),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
