/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's door to its databases, on SQLite; PostgreSQL behind it is for tests/e2e/store-*.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "h7gang/store/read.h"
#include "h7gang/store/store.h"
#include "store/batch.h"

static char folder[64], url[96];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/h7store.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(url, sizeof(url), "sqlite:%s/s.db", folder);
	return 0;
}

static int remove_folder(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

static struct db *open_it(bool create)
{
	const struct db_options options = {.create = create, .patience_ms = 50};
	struct db *db = NULL;
	char why[512];

	assert_int_equal(db_open(url, &options, &db, why, sizeof(why)), DB_OK);
	return db;
}

static void urls(void **state)
{
	static const struct {
		const char *url;
		enum db_error error;
	} cases[] = {
		{"sqlite:a.db", DB_OK},
		{"sqlite:", DB_URL},
		{"a.db", DB_URL},
		{"mysql://x/y", DB_URL},
		{"postgresql://a@b/c?sslmode=verify-full", DB_OK},
		{"postgres:///c?host=/run", DB_OK},
		{"postgresql://a:secret@b/c", DB_URL},
		{"postgresql://b/c?password=secret", DB_URL},
		{"postgresql://b/c?sslpassword=secret", DB_URL},
		{"postgresql://a:secret%zz@b/c", DB_URL},
		{"postgresql://b/c?colour=red", DB_URL},
	};
	char why[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		why[0] = '\0';
		assert_int_equal(db_check_url(cases[i].url, why, sizeof(why)), cases[i].error);
		assert_null(strstr(why, "secret"));
	}
}

static void a_missing_file_is_not_made(void **state)
{
	const struct db_options options = {.patience_ms = 50};
	struct db *db;
	char why[512];

	(void)state;
	assert_int_equal(db_open(url, &options, &db, why, sizeof(why)), DB_SCHEMA);
	assert_null(db);
	assert_int_not_equal(access(url + strlen("sqlite:"), F_OK), 0);
}

static void a_link_is_not_followed(void **state)
{
	const struct db_options options = {.create = true, .patience_ms = 50};
	char target[96], why[512];
	struct db *db;

	(void)state;
	snprintf(target, sizeof(target), "%s/elsewhere", folder);
	assert_int_equal(symlink(target, url + strlen("sqlite:")), 0);
	assert_int_equal(db_open(url, &options, &db, why, sizeof(why)), DB_DENIED);
	assert_int_not_equal(access(target, F_OK), 0);
}

/* Values are bound by their number, wherever and however often it stands. */
static void values(void **state)
{
	const struct db_value asked[] = {db_text("x'); DROP TABLE t;--"), db_int(-5), db_null()};
	struct db *db = open_it(true);
	struct db_rows *rows;
	int64_t changed = 0;
	struct stat st;

	(void)state;
	assert_int_equal(stat(url + strlen("sqlite:"), &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640u, 0);
	assert_int_equal(db_script(db, "CREATE TABLE t (a TEXT, b INTEGER, c TEXT) STRICT"), DB_OK);
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES ($1, $2, $3)", asked, 3, &changed),
			 DB_OK);
	assert_int_equal(changed, 1);
	assert_int_equal(
		db_query(db, "SELECT $3, $2, $1, $2, a FROM t WHERE a = $1", asked, 3, &rows),
		DB_OK);
	assert_int_equal(db_rows_count(rows), 1);
	assert_true(db_is_null(rows, 0, 0));
	assert_int_equal(db_get_int(rows, 0, 1), -5);
	assert_string_equal(db_get_text(rows, 0, 2), asked[0].text);
	assert_int_equal(db_get_int(rows, 0, 3), -5);
	assert_string_equal(db_get_text(rows, 0, 4), asked[0].text);
	assert_string_equal(db_get_text(rows, 1, 0), "");
	assert_string_equal(db_get_text(rows, 0, 9), "");
	assert_int_equal(db_get_int(rows, 0, 4), 0);
	db_rows_free(rows);
	assert_int_equal(db_exec(db, "SELECT $4", asked, 3, NULL), DB_OTHER);
	db_close(db);
}

static void kinds_of_errors(void **state)
{
	struct db *db = open_it(true);
	FILE *file;
	char path[96], why[512];
	const struct db_options options = {.patience_ms = 50};
	struct db *other;

	(void)state;
	assert_int_equal(db_script(db, "CREATE TABLE t (a INTEGER PRIMARY KEY)"), DB_OK);
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES (1)", NULL, 0, NULL), DB_OK);
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES (1)", NULL, 0, NULL), DB_CONSTRAINT);
	assert_non_null(strstr(db_why(db), "UNIQUE"));
	assert_int_equal(db_exec(db, "SELECT * FROM nowhere", NULL, 0, NULL), DB_SCHEMA);
	assert_int_equal(db_exec(db, "SELEKT", NULL, 0, NULL), DB_OTHER);
	db_close(db);
	snprintf(path, sizeof(path), "sqlite:%s/bad.db", folder);
	file = fopen(path + strlen("sqlite:"), "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("no database at all ", file);
	fclose(file);
	assert_int_equal(db_open(path, &options, &other, why, sizeof(why)), DB_DAMAGED);
}

/* A writer locks the others out, which wait up to their time limit. */
static void one_writer(void **state)
{
	struct db *a = open_it(true), *b = open_it(false);
	struct db_rows *rows;

	(void)state;
	assert_int_equal(db_script(a, "CREATE TABLE t (a INTEGER)"), DB_OK);
	assert_int_equal(db_begin(a), DB_OK);
	assert_int_equal(db_exec(a, "INSERT INTO t VALUES (1)", NULL, 0, NULL), DB_OK);
	assert_int_equal(db_begin(b), DB_BUSY);
	assert_int_equal(db_query(b, "SELECT * FROM t", NULL, 0, &rows), DB_OK);
	assert_int_equal(db_rows_count(rows), 0);
	db_rows_free(rows);
	db_rollback(a);
	assert_int_equal(db_begin(b), DB_OK);
	assert_int_equal(db_exec(b, "INSERT INTO t VALUES (2)", NULL, 0, NULL), DB_OK);
	assert_int_equal(db_commit(b), DB_OK);
	assert_int_equal(db_query(a, "SELECT a FROM t", NULL, 0, &rows), DB_OK);
	assert_int_equal(db_rows_count(rows), 1);
	assert_int_equal(db_get_int(rows, 0, 0), 2);
	db_rows_free(rows);
	/* Closing takes an open transaction back. */
	assert_int_equal(db_begin(b), DB_OK);
	assert_int_equal(db_exec(b, "DELETE FROM t", NULL, 0, NULL), DB_OK);
	db_close(b);
	assert_int_equal(db_query(a, "SELECT a FROM t", NULL, 0, &rows), DB_OK);
	assert_int_equal(db_rows_count(rows), 1);
	db_rows_free(rows);
	db_close(a);
}

static unsigned tries;

static enum db_error busy_twice(struct db *db, void *user)
{
	(void)user;
	assert_int_equal(db_exec(db, "INSERT INTO t VALUES (1)", NULL, 0, NULL), DB_OK);
	return ++tries < 3 ? DB_BUSY : DB_OK;
}

static enum db_error always_busy(struct db *db, void *user)
{
	(void)db;
	(void)user;
	tries++;
	return DB_BUSY;
}

static void transactions_are_tried_again(void **state)
{
	const struct db_options options = {.create = true, .patience_ms = 60000};
	struct db *db = NULL;
	struct db_rows *rows;
	char why[512];

	(void)state;
	assert_int_equal(db_open(url, &options, &db, why, sizeof(why)), DB_OK);
	assert_int_equal(db_script(db, "CREATE TABLE t (a INTEGER)"), DB_OK);
	tries = 0;
	assert_int_equal(db_transaction(db, busy_twice, NULL), DB_OK);
	assert_int_equal(tries, 3);
	assert_int_equal(db_query(db, "SELECT * FROM t", NULL, 0, &rows), DB_OK);
	assert_int_equal(db_rows_count(rows), 1);
	db_rows_free(rows);
	tries = 0;
	assert_int_equal(db_transaction(db, always_busy, NULL), DB_BUSY);
	assert_in_range(tries, 2, 20);
	db_close(db);
}

static void schema_versions(void **state)
{
	struct db *db = open_it(true), *store;
	unsigned version, from;
	char why[512];

	(void)state;
	assert_int_equal(store_version(db, &version), DB_OK);
	assert_int_equal(version, 0);
	assert_int_equal(store_migrate(db, &from), DB_SCHEMA);
	assert_int_equal(store_open(url, 50, &store, why, sizeof(why)), DB_SCHEMA);
	assert_int_equal(store_init(db), DB_OK);
	assert_int_equal(store_init(db), DB_SCHEMA);
	assert_int_equal(store_check(db), DB_OK);
	assert_int_equal(store_migrate(db, &from), DB_OK);
	assert_int_equal(from, store_schema());
	assert_int_equal(store_open(url, 50, &store, why, sizeof(why)), DB_OK);
	db_close(store);
	assert_int_equal(db_exec(db, "INSERT INTO schema_version VALUES (999, 'x', 'x', 'x')", NULL,
				 0, NULL),
			 DB_OK);
	assert_int_equal(store_check(db), DB_SCHEMA);
	assert_int_equal(store_migrate(db, &from), DB_SCHEMA);
	assert_int_equal(store_open(url, 50, &store, why, sizeof(why)), DB_SCHEMA);
	assert_non_null(strstr(why, "999"));
	db_close(db);
}

static void another_programs_file(void **state)
{
	struct db *db = open_it(true);

	(void)state;
	assert_int_equal(db_script(db, "CREATE TABLE mail (a TEXT)"), DB_OK);
	assert_int_equal(store_init(db), DB_SCHEMA);
	assert_non_null(strstr(db_why(db), "another program"));
	db_close(db);
}

static size_t count_of(struct db *db, const char *sql)
{
	struct db_rows *rows;
	size_t count;

	assert_int_equal(db_query(db, sql, NULL, 0, &rows), DB_OK);
	count = db_rows_count(rows);
	db_rows_free(rows);
	return count;
}

/* The table has the columns that the program writes, which are those of the log. */
static void columns(void **state)
{
	static const char behind[] = ",prev_hash,row_hash,more,finished_ms,width";
	struct db *db = open_it(true);
	char sql[4096];

	(void)state;
	assert_int_equal(store_init(db), DB_OK);
	snprintf(sql, sizeof(sql), "SELECT log_id,%s FROM attempts", store_column_list);
	assert_int_equal(count_of(db, sql), 0);
	assert_int_equal(count_of(db, "SELECT name FROM pragma_table_info('attempts')"),
			 BATCH_VALUES);
	assert_true(strncmp(audit_header(), store_column_list,
			    strlen(store_column_list) - strlen(behind)) == 0);
	db_close(db);
}

/* The view sets aside the units that no yield counts, as the program does. */
static void aside(void **state)
{
	struct db *db = open_it(true);
	struct db_rows *rows;

	(void)state;
	assert_int_equal(store_init(db), DB_OK);
	for (unsigned i = 1; i < H7_ERROR_COUNT; i++) {
		const struct db_value values[] = {db_int((int64_t)i),
						  db_text(h7_error_name((enum h7_error)i))};

		assert_int_equal(db_exec(db,
					 "INSERT INTO attempts (log_id, seq, run_id, unit_id, "
					 "attempt, command, lot, result, error, prev_hash, "
					 "row_hash, finished_ms) VALUES (1, $1, 'r', $1, 1, 'run', "
					 "$2, 'FAIL', $2, '', '', 1)",
					 values, 2, NULL),
				 DB_OK);
	}
	assert_int_equal(db_exec(db,
				 "INSERT INTO attempts (log_id, seq, run_id, command, detail, "
				 "prev_hash, row_hash, finished_ms) VALUES (1, 999, 'r', 'note', "
				 "'blocked', '', '', 1)",
				 NULL, 0, NULL),
			 DB_OK);
	assert_int_equal(count_of(db, "SELECT 1 FROM v_units"), H7_ERROR_COUNT - 1);
	assert_int_equal(
		db_query(db, "SELECT lot, units, failed, aside FROM v_yield_daily", NULL, 0, &rows),
		DB_OK);
	assert_int_equal(db_rows_count(rows), H7_ERROR_COUNT - 1);
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		bool counted = h7_error_counted(h7_error_find(db_get_text(rows, i, 0)));

		assert_int_equal(db_get_int(rows, i, 1), counted);
		assert_int_equal(db_get_int(rows, i, 2), counted);
		assert_int_equal(db_get_int(rows, i, 3), !counted);
	}
	db_rows_free(rows);
	db_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),
		cmocka_unit_test_setup_teardown(a_missing_file_is_not_made, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_link_is_not_followed, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(values, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(kinds_of_errors, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(one_writer, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(transactions_are_tried_again, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(schema_versions, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(another_programs_file, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(columns, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(aside, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
