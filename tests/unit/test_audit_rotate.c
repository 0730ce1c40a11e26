/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log that goes on in a new file: by size, by lot, behind an older version's header; after a kill
 * between its steps, and where a file is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "h7gang/audit/read.h"

#define LOG "log.csv"

/* The header before this one, and how many empty columns of a row it has not. */
static const char older_end[] = ",error,detail,prev_hash,row_hash";
#define LATER 5

static char top[64], why[300], said[2048];

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/rotate.XXXXXX");
	return !mkdtemp(top) || chdir(top) < 0;
}

static int teardown(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return chdir("/") < 0 || system(command) != 0;
}

/* --- helpers --- */

static struct audit_row sample(const char *unit, const char *lot)
{
	struct audit_row row = {.run_id = "run",
				.unit_id = unit,
				.attempt = 1,
				.attempts_allowed = 1,
				.started_at = "2026-11-22T14:03:12.345Z",
				.finished_at = "2026-11-22T14:04:12.345Z",
				.lot = lot,
				.command = "run",
				.bootloader_id = AUDIT_NONE,
				.flash_kib = AUDIT_NONE,
				.wire_wait_ms = AUDIT_NONE};

	row.bank[0].bytes = row.bank[1].bytes = AUDIT_NONE;
	return row;
}

static struct audit_log *open_with(uint64_t bytes, const char *lot)
{
	const struct audit_options options = {.rotate_bytes = bytes, .lot = lot};
	struct audit_log *log;

	if (audit_open_with(LOG, &options, &log, NULL, why, sizeof(why)) != AUDIT_OK)
		fail_msg("%s", why);
	return log;
}

static void append(struct audit_log *log, const char *lot, int rows)
{
	static int number;
	char unit[16];

	while (rows-- > 0) {
		snprintf(unit, sizeof(unit), "u%d", ++number);

		struct audit_row row = sample(unit, lot);

		assert_int_equal(audit_append(log, &row, CLOCK_NEVER), AUDIT_OK);
	}
}

static void fill(uint64_t bytes, int rows)
{
	struct audit_log *log = open_with(bytes, NULL);

	append(log, "L", rows);
	assert_true(audit_close(log));
}

static void hear(void *user, const char *text)
{
	(void)user;
	snprintf(said, sizeof(said), "%s", text);
}

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Rows of these files as one chain; -1: not intact. */
static int rows_of(const char *const *paths, size_t count)
{
	struct audit_report_sink sink = {hear, NULL};
	struct audit_check check;

	said[0] = '\0';
	return audit_verify(paths, count, NULL, &sink, &check) ? (int)check.rows : -1;
}

#define ROWS(...)                                                                                  \
	rows_of((const char *const[]){__VA_ARGS__},                                                \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* The log with all of its numbered files. */
static int rows_of_all(void)
{
	static char names[16][32];
	const char *paths[17];
	size_t count = 0;

	for (; count < 16; count++) {
		snprintf(names[count], sizeof(names[count]), LOG ".%04zu", count + 1);
		if (!there(names[count]))
			break;
		paths[count] = names[count];
	}
	paths[count] = LOG;
	return rows_of(paths, count + 1);
}

static void refused(enum audit_status wanted, const char *text)
{
	struct audit_log *log;

	assert_int_equal(audit_open(LOG, &log, NULL, why, sizeof(why)), wanted);
	if (!strstr(why, text))
		fail_msg("said: %s", why);
}

/* --- tests --- */

static void test_by_size(void **state)
{
	struct stat st;

	(void)state;
	fill(2000, 20);
	assert_true(there(LOG ".0001") && there(LOG ".0002"));
	assert_int_equal(stat(LOG ".0001", &st), 0);
	assert_in_range(st.st_size, 2000, 2500); /* a row is shorter than 500 */
	assert_int_equal(st.st_mode & 0777, 0640);
	fill(2000, 3);
	assert_int_equal(rows_of_all(), 23);
	assert_int_equal(ROWS(LOG), -1);
	assert_non_null(strstr(said, "in a file before this one?"));
	assert_int_equal(ROWS(LOG ".0002", LOG ".0001"), -1);
}

/* A file never has less than one row, however small the limit. */
static void test_tiny_limit(void **state)
{
	(void)state;
	fill(1, 3);
	assert_int_equal(ROWS(LOG ".0001", LOG ".0002", LOG), 3);
	assert_false(there(LOG ".0003"));
}

static void test_by_lot(void **state)
{
	struct audit_log *log = open_with(0, "A");

	(void)state;
	append(log, "A", 2);
	assert_true(audit_close(log));
	assert_true(audit_close(open_with(0, "A")));
	assert_false(there(LOG ".0001"));
	log = open_with(0, "B");
	append(log, "B", 1);
	assert_true(audit_close(log));
	assert_int_equal(ROWS(LOG ".0001"), 2);
	assert_int_equal(ROWS(LOG ".0001", LOG), 3);
	/* A new lot without a row makes no file of its own. */
	assert_true(audit_close(open_with(0, "C")));
	assert_true(audit_close(open_with(0, "D")));
	assert_true(there(LOG ".0002"));
	assert_false(there(LOG ".0003"));
}

static void test_a_kill_between_the_renames(void **state)
{
	(void)state;
	fill(0, 4);
	assert_int_equal(rename(LOG, LOG ".0001"), 0);
	fill(0, 2);
	assert_int_equal(ROWS(LOG ".0001", LOG), 6);
}

/* The number is a second name of the log until the new file has the log's name. */
static void test_a_kill_in_the_middle(void **state)
{
	(void)state;
	fill(0, 4);
	assert_int_equal(link(LOG, LOG ".0001"), 0);
	assert_int_equal(ROWS(LOG ".0001", LOG), 4);
	assert_int_equal(symlink("nowhere", LOG ".new"), 0);
	fill(0, 2);
	assert_false(there(LOG ".0001"));
	assert_int_equal(ROWS(LOG), 6);
}

static void test_a_missing_file(void **state)
{
	(void)state;
	fill(1, 3);
	assert_true(there(LOG ".0002"));
	/* Older ones may be put away. */
	assert_int_equal(unlink(LOG ".0001"), 0);
	fill(0, 1);
	/* The one that the log follows may not. */
	assert_int_equal(rename(LOG ".0002", "away"), 0);
	refused(AUDIT_DAMAGED, "is missing");
	assert_int_equal(rename("away", LOG ".0002"), 0);
	fill(0, 1);
}

static void test_a_file_that_is_not_the_one_before(void **state)
{
	FILE *file;

	(void)state;
	fill(0, 3);
	assert_int_equal(system("cp " LOG " " LOG ".0001"), 0);
	refused(AUDIT_DAMAGED, "doubled");
	file = fopen(LOG ".0001", "w");
	assert_non_null(file);
	fputs("not a log\n", file);
	fclose(file);
	refused(AUDIT_HEADER, LOG ".0001:");
	assert_int_equal(rename(LOG ".0001", LOG ".1"), 0); /* no name of ours */
	fill(0, 1);
	assert_int_equal(ROWS(LOG), 4);
}

/* Open attempts go on over files; those that have their row do not come back. */
static void test_marks(void **state)
{
	struct audit_log *log = open_with(1, NULL);
	struct audit_row stays = sample("stays", "L"), goes = sample("goes", "L");
	unsigned recovered;

	(void)state;
	assert_int_equal(audit_begin(log, &stays, CLOCK_NEVER), AUDIT_OK);
	assert_int_equal(audit_begin(log, &goes, CLOCK_NEVER), AUDIT_OK);
	assert_int_equal(audit_append(log, &goes, CLOCK_NEVER), AUDIT_OK);
	append(log, "L", 3);
	assert_true(audit_close(log));
	assert_true(there(LOG ".0003"));
	assert_int_equal(audit_open(LOG, &log, &recovered, why, sizeof(why)), AUDIT_OK);
	assert_int_equal(recovered, 1);
	assert_true(audit_close(log));
	assert_int_equal(ROWS(LOG ".0001", LOG ".0002", LOG ".0003", LOG), 5);
}

/* --- an older version's log --- */

static void as_older_log(const char *path, const char *to_path)
{
	char line[AUDIT_ROW_MAX], text[AUDIT_ROW_MAX + 128], prev[SHA256_HEX_SIZE];
	FILE *from = fopen(path, "r"), *to = fopen(to_path, "w");

	assert_non_null(from);
	assert_non_null(to);
	memset(prev, '0', sizeof(prev) - 1);
	prev[sizeof(prev) - 1] = '\0';
	assert_non_null(fgets(line, sizeof(line), from));
	fprintf(to, "%.*s%s\n", (int)(strstr(line, ",error,detail,") - line), line, older_end);
	while (fgets(line, sizeof(line), from)) {
		size_t body = strlen(line) - 1 - 64 - 1 - 64 - LATER;
		char hash[SHA256_HEX_SIZE];
		int n = snprintf(text, sizeof(text), "%s\n%.*s", prev, (int)body, line);

		assert_int_equal(sha256_hex(text, (size_t)n, hash), 0);
		fprintf(to, "%.*s%s,%s\n", (int)body, line, prev, hash);
		memcpy(prev, hash, sizeof(prev));
	}
	fclose(from);
	fclose(to);
}

static void as_older_mark(void)
{
	char line[AUDIT_ROW_MAX], hash[SHA256_HEX_SIZE];
	FILE *file = fopen(LOG ".begun", "r+");
	size_t body;

	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	body = strlen(line) - 1 - 64 - LATER;
	assert_int_equal(sha256_hex(line, body, hash), 0);
	rewind(file);
	assert_int_equal(ftruncate(fileno(file), 0), 0);
	fprintf(file, "%.*s%s\n", (int)body, line, hash);
	fclose(file);
}

static void test_an_older_version(void **state)
{
	struct audit_log *log;
	struct audit_row open = sample("open", "L");
	unsigned recovered;

	(void)state;
	fill(0, 3);
	as_older_log(LOG, "older.csv");
	assert_int_equal(rename("older.csv", LOG), 0);
	assert_int_equal(ROWS(LOG), 3);
	log = open_with(0, NULL);
	assert_int_equal(audit_begin(log, &open, CLOCK_NEVER), AUDIT_OK);
	assert_true(audit_close(log));
	as_older_mark();
	assert_int_equal(audit_open(LOG, &log, &recovered, why, sizeof(why)), AUDIT_OK);
	assert_int_equal(recovered, 1);
	append(log, "L", 1);
	assert_true(audit_close(log));
	assert_false(there(LOG ".torn"));
	assert_int_equal(ROWS(LOG ".0001"), 3);
	assert_int_equal(ROWS(LOG ".0001", LOG), 5);
	assert_false(there(LOG ".0002"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_by_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tiny_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_by_lot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_kill_between_the_renames, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_kill_in_the_middle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_missing_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_file_that_is_not_the_one_before, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_marks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_older_version, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
