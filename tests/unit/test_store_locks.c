/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SQLite's locks are the process's: a second connection of it must not take the first one's away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "h7gang/store/db.h"
#include "h7gang/store/store.h"

static char folder[] = "/tmp/test_locks_XXXXXX";
static char url[80], wal[80];

static struct db *open_db(bool create)
{
	const struct db_options options = {.create = create, .patience_ms = 5000};
	char why[300];
	struct db *db;

	if (db_open(url, &options, &db, why, sizeof(why)) != DB_OK)
		fail_msg("%s", why);
	return db;
}

static void add(struct db *db)
{
	assert_int_equal(db_exec(db, "INSERT INTO claim_scopes VALUES ('lot', hex(randomblob(8)))",
				 NULL, 0, NULL),
			 DB_OK);
}

/* The write-ahead log is removed by the last connection of all processes, and by no other. */
static void another_program_is_not_the_last(void **state)
{
	struct db *first, *second, *third;
	struct stat before, after;
	struct db_rows *rows;
	char command[200];

	(void)state;
	first = open_db(true);
	assert_int_equal(store_init(first), DB_OK);
	second = open_db(false);
	add(first);
	assert_int_equal(stat(wal, &before), 0);
	snprintf(command, sizeof(command),
		 "sqlite3 %s \"INSERT INTO claim_scopes VALUES ('lot', 'other')\"", url + 7);
	assert_int_equal(system(command), 0);
	assert_int_equal(stat(wal, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	add(second);
	add(first);
	db_close(second);
	add(first);
	third = open_db(false);
	assert_int_equal(db_query(third, "SELECT count(*) FROM claim_scopes", NULL, 0, &rows),
			 DB_OK);
	assert_int_equal(db_get_int(rows, 0, 0), 5);
	db_rows_free(rows);
	db_close(third);
	db_close(first);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(url, sizeof(url), "sqlite:%s/store.db", folder);
	snprintf(wal, sizeof(wal), "%s/store.db-wal", folder);
	return 0;
}

static int remove_folder(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_program_is_not_the_last),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
