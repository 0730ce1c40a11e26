/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What readers make of logs: sums, yields, outliers, JSON, and logs of versions to come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "h7gang/audit/stats.h"

#define LOG "log.csv"

static char top[64], why[300];

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/stats.XXXXXX");
	return !mkdtemp(top) || chdir(top) < 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return chdir("/") < 0 || system(command) != 0;
}

struct visit {
	const char *unit, *slot, *uid;
	unsigned attempt;
	enum audit_result result;
	enum h7_error error;
	int64_t total_ms;
	const char *finished_at, *command, *station;
};

static void write_rows(const char *path, const struct visit *visits, size_t count)
{
	struct audit_log *log;

	if (audit_open(path, &log, NULL, why, sizeof(why)) != AUDIT_OK)
		fail_msg("%s", why);
	for (size_t i = 0; i < count; i++) {
		const struct visit *visit = &visits[i];
		const char *time =
			visit->finished_at ? visit->finished_at : "2026-11-22T14:04:12.345Z";
		struct audit_row row = {.run_id = "run",
					.unit_id = visit->unit,
					.attempt = visit->attempt,
					.attempts_allowed = 2,
					.command = visit->command ? visit->command : "run",
					.station = visit->station ? visit->station : "S",
					.slot = visit->slot,
					.uid = visit->uid,
					.part = "stm32h743xi",
					.bootloader = "V9.2",
					.bootloader_id = AUDIT_NONE,
					.flash_kib = AUDIT_NONE,
					.blank_ms = AUDIT_NONE,
					.erase_ms = AUDIT_NONE,
					.program_ms = AUDIT_NONE,
					.verify_ms = AUDIT_NONE,
					.total_ms = visit->total_ms,
					.result = visit->result,
					.error = visit->error,
					.detail = "=1+1\x1b\xff\\"};

		strcpy(row.started_at, time);
		strcpy(row.finished_at, time);
		row.bank[0].bytes = row.bank[1].bytes = AUDIT_NONE;
		assert_int_equal(audit_append(log, &row, CLOCK_NEVER), AUDIT_OK);
	}
	assert_true(audit_close(log));
}

static struct audit_counter *count_rows(const char *path)
{
	struct audit_counter *counter = audit_counter_new();
	const struct audit_record *record;
	struct audit_reader *reader;

	assert_non_null(counter);
	if (audit_reader_open_any(path, &reader, why, sizeof(why)) != AUDIT_OK)
		fail_msg("%s", why);
	while (audit_reader_next(reader, &record) == AUDIT_READ_ROW)
		assert_true(audit_counter_row(counter, record));
	audit_reader_close(reader);
	return counter;
}

static const struct visit some[] = {
	{"u1", "A1", "000000000000000000000001", 1, AUDIT_PASS, H7_OK, 1000, NULL, NULL, NULL},
	{"u2", "A2", "000000000000000000000002", 1, AUDIT_FAIL, H7_USB_ERROR, 50, NULL, NULL, NULL},
	{"u2", "A2", "000000000000000000000002", 2, AUDIT_PASS, H7_OK, 3000, NULL, NULL, NULL},
	{"u3", "A10", "000000000000000000000003", 1, AUDIT_FAIL, H7_USB_ERROR, 1, NULL, NULL, NULL},
	{"u3", "A10", "000000000000000000000003", 2, AUDIT_FAIL, H7_VERIFY_MISMATCH, 1,
	 "2026-11-22T15:00:00.000Z", NULL, NULL},
	{"u4", "A1", NULL, 1, AUDIT_ABORTED, H7_ABORTED, 1, NULL, NULL, NULL},
	{"u5", "A1", "000000000000000000000003", 1, AUDIT_PASS, H7_OK, 2000, NULL, NULL, NULL},
	{"u6", "A1", "000000000000000000000001", 1, AUDIT_FAIL, H7_VERIFY_MISMATCH, 9, NULL,
	 "verify", NULL},
	{"u7", "A1", NULL, 1, AUDIT_FAIL, H7_ABORTED, 9, NULL, "rework", NULL},
};

static void test_sums(void **state)
{
	struct audit_counter *counter;
	const struct audit_stats *stats;

	(void)state;
	write_rows(LOG, some, sizeof(some) / sizeof(some[0]));
	counter = count_rows(LOG);
	stats = audit_counter_sum(counter);
	assert_non_null(stats);
	assert_int_equal(stats->rows, 9);
	assert_int_equal(stats->skipped, 1);
	assert_int_equal(stats->all.passed, 3);
	assert_int_equal(stats->all.first, 2);
	assert_int_equal(stats->all.failed, 1);
	assert_int_equal(stats->all.aborted, 1);
	assert_int_equal(stats->verify.failed, 1);
	assert_int_equal(stats->boards, 3);
	assert_int_equal(stats->boards_passed, 3);
	assert_int_equal(stats->errors.count, 3);
	assert_string_equal(stats->errors.tally[0].name, "verify_mismatch");
	assert_int_equal(stats->errors.tally[0].failed, 1);
	assert_string_equal(stats->errors.tally[1].name, "usb_error");
	assert_int_equal(stats->errors.tally[1].failed, 0);
	assert_int_equal(stats->errors.tally[1].attempts, 2);
	assert_int_equal(stats->slots.count, 3);
	assert_string_equal(stats->slots.tally[1].name, "A2");
	assert_string_equal(stats->slots.tally[2].name, "A10");
	assert_string_equal(stats->slots.tally[2].station, "");
	assert_int_equal(stats->bootloaders.count, 1);
	assert_string_equal(stats->bootloaders.tally[0].name, "V9.2");
	assert_string_equal(stats->time_unit, "hour");
	assert_int_equal(stats->times.count, 2);
	assert_string_equal(stats->times.tally[1].name, "2026-11-22T15");
	assert_int_equal(stats->times.tally[1].failed, 1);
	assert_int_equal(stats->hour[15].failed, 1);
	assert_string_equal(stats->until, "2026-11-22T15:00:00.000Z");
	assert_int_equal(stats->cycles, 3);
	assert_int_equal(audit_cycle_at(stats, 0), 1000);
	assert_int_equal(audit_cycle_at(stats, 500), 2000);
	assert_int_equal(audit_cycle_at(stats, 1000), 3000);
	audit_counter_free(counter);
}

static void test_nothing(void **state)
{
	struct audit_counter *counter;
	const struct audit_stats *stats;

	(void)state;
	write_rows(LOG, NULL, 0);
	counter = count_rows(LOG);
	stats = audit_counter_sum(counter);
	assert_non_null(stats);
	assert_int_equal(stats->rows + stats->slots.count + stats->errors.count + stats->cycles, 0);
	audit_counter_free(counter);
}

/* Many units, hours and two stations: what grows must grow right. */
static void test_many(void **state)
{
	enum { UNITS = 1200 };
	static struct visit visits[UNITS];
	static char units[UNITS][16], slots[UNITS][16], times[UNITS][CLOCK_TEXT_SIZE];
	struct audit_counter *counter;
	const struct audit_stats *stats;

	(void)state;
	for (int i = 0; i < UNITS; i++) {
		bool bad = i % 8 == 3 && i % 3 == 0;

		snprintf(units[i], sizeof(units[i]), "u%d", i);
		snprintf(slots[i], sizeof(slots[i]), "A%d", i % 8);
		snprintf(times[i], sizeof(times[i]), "2026-11-%02dT%02d:00:00.000Z", 1 + i / 100,
			 i % 24);
		visits[i] = (struct visit){units[i],
					   slots[i],
					   NULL,
					   1,
					   bad ? AUDIT_FAIL : AUDIT_PASS,
					   bad ? H7_USB_TIMEOUT : H7_OK,
					   i,
					   times[i],
					   NULL,
					   i % 16 < 8 ? "left" : "right"};
	}
	write_rows(LOG, visits, UNITS);
	counter = count_rows(LOG);
	stats = audit_counter_sum(counter);
	assert_non_null(stats);
	assert_int_equal(stats->all.passed + stats->all.failed, UNITS);
	assert_int_equal(stats->all.failed, 50);
	assert_int_equal(stats->slots.count, 16);
	assert_string_equal(stats->time_unit, "day");
	assert_int_equal(stats->times.count, 12);
	assert_int_equal(audit_cycle_at(stats, 1000) > audit_cycle_at(stats, 0), 1);
	for (size_t i = 0; i < stats->slots.count; i++) {
		const struct audit_tally *slot = &stats->slots.tally[i];

		assert_string_equal(slot->station, i < 8 ? "left" : "right");
		assert_int_equal(slot->passed + slot->failed, 75);
		assert_int_equal(slot->outlier, strcmp(slot->name, "A3") == 0);
	}
	audit_counter_free(counter);
}

static bool near(double value, double wanted)
{
	return value > wanted * 0.999999 && value < wanted * 1.000001;
}

static void test_chance(void **state)
{
	(void)state;
	assert_true(near(audit_chance(3, 4, 4, 8), 17.0 / 70)); /* Fisher's lady tasting tea */
	assert_true(near(audit_chance(4, 4, 4, 8), 1.0 / 70));
	assert_true(near(audit_chance(10, 10, 10, 100), 1 / 17310309456440.0));
	assert_true(near(audit_chance(0, 4, 4, 8), 1));
	assert_true(near(audit_chance(1, 8, 4, 8), 1)); /* all are drawn */
	assert_true(audit_chance(5, 4, 4, 8) <= 0);
	assert_true(near(audit_chance(0, 0, 0, 0), 1));
	/* Large numbers neither overflow nor take for ever. */
	assert_true(audit_chance(900, 1000, 1000, 1000000) < 1e-100);
	assert_true(audit_chance(1, 1000, 100, 1000000) > 0.09);
}

/* --- JSON --- */

static void json_of(const char *path, char *text, size_t size)
{
	const struct audit_record *record;
	struct audit_reader *reader;
	FILE *to = fmemopen(text, size, "w");

	assert_int_equal(audit_reader_open_any(path, &reader, why, sizeof(why)), AUDIT_OK);
	assert_int_equal(audit_reader_next(reader, &record), AUDIT_READ_ROW);
	audit_record_json(to, "a\"b", reader, record);
	assert_false(ferror(to));
	fclose(to);
	audit_reader_close(reader);
}

static void test_json(void **state)
{
	char text[8192];

	(void)state;
	write_rows(LOG, some, 1);
	json_of(LOG, text, sizeof(text));
	assert_non_null(strstr(text, "{\"v\":1,\"file\":\"a\\\"b\",\"line\":2,\"seq\":1,"));
	assert_non_null(strstr(text, "\"blank_ms\":null,"));
	assert_non_null(strstr(text, "\"total_ms\":1000,"));
	assert_non_null(strstr(text, "\"dfu_serial\":\"\","));
	assert_non_null(strstr(text, "\"detail\":\"=1+1\\u001b\\ufffd\\\\\","));
	assert_string_equal(text + strlen(text) - 3, "\"}\n");
}

/* --- a version to come --- */

static void rewrite(const char *header, const char *extra)
{
	FILE *from = fopen(LOG, "r"), *to = fopen("later.csv", "w");
	char line[AUDIT_ROW_MAX];

	assert_non_null(from);
	assert_non_null(to);
	for (unsigned n = 0; fgets(line, sizeof(line), from); n++) {
		char *cut = n ? line + strlen(line) - 2 * 64 - 2 : strstr(line, "prev_hash");

		fprintf(to, "%.*s%s%s", (int)(cut - line), line, n ? extra : header, cut);
	}
	fclose(from);
	fclose(to);
}

static void test_later_columns(void **state)
{
	const struct audit_record *record;
	struct audit_reader *reader;
	struct audit_counter *counter;
	char text[8192];

	(void)state;
	write_rows(LOG, some, 3);
	rewrite("", "");
	assert_int_equal(audit_reader_open("later.csv", &reader, why, sizeof(why)), AUDIT_OK);
	audit_reader_close(reader);
	rewrite("station_key,limit_9,", "k,\"a,b\",");
	/* Those who judge do not know it; those who look up do. */
	assert_int_equal(audit_reader_open("later.csv", &reader, why, sizeof(why)), AUDIT_HEADER);
	assert_int_equal(audit_reader_open_any("later.csv", &reader, why, sizeof(why)), AUDIT_OK);
	assert_int_equal(audit_reader_columns(reader), 51);
	assert_int_equal(audit_reader_column(reader, "limit_9"), 48);
	assert_int_equal(audit_reader_column(reader, "row_hash"), 50);
	assert_int_equal(audit_reader_next(reader, &record), AUDIT_READ_ROW);
	assert_string_equal(record->field[48], "a,b");
	assert_int_equal(record->field_length[50], 64);
	audit_reader_close(reader);
	json_of("later.csv", text, sizeof(text));
	assert_non_null(strstr(text, ",\"station_key\":\"k\",\"limit_9\":\"a,b\",\"prev_hash\":"));
	counter = count_rows("later.csv");
	assert_int_equal(audit_counter_sum(counter)->all.passed, 2);
	audit_counter_free(counter);

	rewrite("Bad Name,", "x,");
	assert_int_equal(audit_reader_open_any("later.csv", &reader, why, sizeof(why)),
			 AUDIT_HEADER);
	rewrite(",", ",");
	assert_int_equal(audit_reader_open_any("later.csv", &reader, why, sizeof(why)),
			 AUDIT_HEADER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sums, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test(test_chance),
		cmocka_unit_test_setup_teardown(test_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later_columns, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
