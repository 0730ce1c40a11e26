/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logs row by row: as JSON, and of versions to come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "h7gang/audit/read.h"

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
	char text[8192];

	(void)state;
	write_rows(LOG, some, 3);
	rewrite("", "");
	assert_int_equal(audit_reader_open("later.csv", &reader, why, sizeof(why)), AUDIT_OK);
	audit_reader_close(reader);
	rewrite("station_key,limit_9,", "k,\"a,b\",");
	/* A strict reader refuses the newer log; a lenient one reads it. */
	assert_int_equal(audit_reader_open("later.csv", &reader, why, sizeof(why)), AUDIT_HEADER);
	assert_int_equal(audit_reader_open_any("later.csv", &reader, why, sizeof(why)), AUDIT_OK);
	assert_int_equal(audit_reader_columns(reader), 56);
	assert_int_equal(audit_reader_column(reader, "limit_9"), 53);
	assert_int_equal(audit_reader_column(reader, "row_hash"), 55);
	assert_int_equal(audit_reader_next(reader, &record), AUDIT_READ_ROW);
	assert_string_equal(record->field[53], "a,b");
	assert_int_equal(record->field_length[55], 64);
	audit_reader_close(reader);
	json_of("later.csv", text, sizeof(text));
	assert_non_null(strstr(text, ",\"station_key\":\"k\",\"limit_9\":\"a,b\",\"prev_hash\":"));
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
		cmocka_unit_test_setup_teardown(test_json, setup, teardown),
		cmocka_unit_test_setup_teardown(test_later_columns, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
