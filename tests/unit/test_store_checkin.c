/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Check-ins: a run that the number file knows, one that it does not, an adopted one, and the
 * answers to a run; a store that forgets a run is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "h7gang/store/checkin.h"
#include "h7gang/store/store.h"

static char room[] = "/tmp/test_checkin_XXXXXX";
static char url[80];
static struct station *station;

static struct db *open_store(void)
{
	const struct db_options options = {.create = true, .patience_ms = 5000};
	char why[300];
	struct db *db;

	if (db_open(url, &options, &db, why, sizeof(why)) != DB_OK)
		fail_msg("%s", why);
	return db;
}

static void in_store(const char *sql)
{
	struct db *db = open_store();

	if (db_exec(db, sql, NULL, 0, NULL) != DB_OK)
		fail_msg("%s", db_why(db));
	db_close(db);
}

static int make(void **state)
{
	struct db *db;

	(void)state;
	if (!mkdtemp(room))
		return -1;
	snprintf(url, sizeof(url), "sqlite:%s/store.db", room);
	db = open_store();
	if (store_init(db) != DB_OK)
		return -1;
	db_close(db);
	station = station_open(url, "S1", "run", "/log.csv");
	return station ? 0 : -1;
}

static int drop(void **state)
{
	char command[64];

	(void)state;
	station_close(station);
	snprintf(command, sizeof(command), "rm -rf %s", room);
	memcpy(room + strlen(room) - 6, "XXXXXX", 6);
	return system(command);
}

/* A run of that name, by a file that knows these names, ended by NULL. */
static struct checkin run(const char *name, ...)
{
	static char known[8][STATION_ID_SIZE];
	struct checkin checkin = {.station = station, .owner = "owner", .name = name};
	char why[300] = "";
	const char *next = name;
	va_list names;

	va_start(names, name);
	for (; next; next = va_arg(names, const char *))
		snprintf(known[checkin.count++], STATION_ID_SIZE, "%s", next);
	va_end(names);
	checkin.known = (const char(*)[STATION_ID_SIZE])known;
	if (station_do(station, checkin_run, &checkin, why, sizeof(why)) != DB_OK)
		fail_msg("%s", why);
	return checkin;
}

static void one_after_the_other(void **state)
{
	struct checkin checkin = run("a", NULL);

	(void)state;
	assert_int_equal(checkin.answer, CHECKIN_TAKEN);
	assert_int_equal(checkin.runs, 1);
	/* The answer was lost: asked again, it is the same run. */
	assert_int_equal(run("a", NULL).runs, 1);
	checkin = run("b", "a", NULL);
	assert_int_equal(checkin.answer, CHECKIN_TAKEN);
	assert_int_equal(checkin.runs, 2);
	/* Killed between its name in the file and the store: the next run knows both. */
	checkin = run("d", "a", "b", "c", NULL);
	assert_int_equal(checkin.answer, CHECKIN_TAKEN);
	assert_int_equal(checkin.runs, 3);
}

static void old_states_and_copies(void **state)
{
	struct checkin checkin;

	(void)state;
	run("a", NULL);
	run("b", "a", NULL);
	checkin = run("c", "a", NULL);
	assert_int_equal(checkin.answer, CHECKIN_OLD);
	assert_true(checkin.at[0]);
	assert_int_equal(run("d", NULL).answer, CHECKIN_OLD);
	/* None of these went into the store. */
	assert_int_equal(run("e", "b", NULL).runs, 3);
	in_store("UPDATE checkins SET adopted = 1");
	assert_int_equal(run("f", "a", NULL).answer, CHECKIN_ADOPTED);
}

static void what_went_back(void **state)
{
	struct checkin checkin;

	(void)state;
	in_store("INSERT INTO pools (id, name, kind, first, last, format, next)"
		 " VALUES (1, 'p', 'counter', 1, 99, 'N{}', 1)");
	in_store("INSERT INTO leases (id, pool_id, owner, turn, station, first, last,"
		 " returned_first, fate) VALUES ('l1', 1, 'owner', 1, 'S1', 1, 10, 4, 'burn'),"
		 " ('l2', 1, 'owner', 2, 'S1', 11, 20, NULL, NULL),"
		 " ('l3', 1, 'another', 1, 'S1', 21, 30, 22, 'burn')");
	checkin = run("a", NULL);
	assert_int_equal(checkin.backs, 1);
	assert_string_equal(checkin.back[0].lease, "l1");
	assert_int_equal(checkin.back[0].first, 4);
	checkin_free(&checkin);
	assert_int_equal(checkin.backs, 0);
}

static void numbers_in_rows(void **state)
{
	struct checkin_seen asked = {.pool = "p", .number = {"N1", "N2", "N\t3"}, .count = 3};
	char why[300] = "";

	(void)state;
	in_store("INSERT INTO pools (id, name, kind, first, last, format, next)"
		 " VALUES (1, 'p', 'counter', 1, 99, 'N{}', 21), (2, 'q', 'counter', 1, 9, '', 1)");
	in_store("INSERT INTO numbers_used (pool_id, number, log_id, seq)"
		 " VALUES (1, 'N2', 1, 1), (2, 'N1', 1, 2), (1, 'N\\x093', 1, 3)");
	assert_int_equal(station_do(station, checkin_seen, &asked, why, sizeof(why)), DB_OK);
	assert_false(asked.seen[0]); /* of another pool */
	assert_true(asked.seen[1]);
	assert_true(asked.seen[2]); /* the store has texts escaped */
	asked.count = 0;
	assert_int_equal(station_do(station, checkin_seen, &asked, why, sizeof(why)), DB_OK);
}

static enum db_error nothing(struct db *db, void *user)
{
	(void)db;
	(void)user;
	return DB_OK;
}

/* The names that the number file has, as one text. */
static bool in_file(void *names, const char *name)
{
	return strstr(names, name) != NULL;
}

/* A copy of the station checks in while this run goes on. */
static void a_copy_checks_in(void **state)
{
	char file[] = "a";
	struct checkin checkin = run("a", NULL);
	char why[300] = "";

	(void)state;
	station_checked_in(station, "owner", "a", checkin.runs, in_file, file);
	assert_int_equal(station_do(station, nothing, NULL, why, sizeof(why)), DB_OK);
	checkin = run("c", "a", NULL); /* its file has that name, this one's has not */
	assert_int_equal(checkin.answer, CHECKIN_TAKEN);
	assert_int_equal(station_do(station, nothing, NULL, why, sizeof(why)), DB_MOVED);
	assert_non_null(strstr(why, "a copy of this station checked in at 2"));
	assert_false(station_intact(station, why, sizeof(why)));
	assert_non_null(strstr(why, "a copy of this station"));
	/* Whatever comes then. */
	in_store("UPDATE checkins SET runs = runs + 1, name = 'a'");
	assert_int_equal(station_do(station, nothing, NULL, why, sizeof(why)), DB_MOVED);
}

/* A store that was put back from a backup of before the run. */
static void forgotten(const char *sql)
{
	char file[] = "a b";
	struct checkin checkin = run("a", NULL);
	char why[300] = "";

	station_checked_in(station, "owner", "a", checkin.runs, in_file, file);
	assert_int_equal(station_do(station, nothing, NULL, why, sizeof(why)), DB_OK);
	run("b", "a", NULL); /* another process of the same file */
	for (int i = 0; i < 2; i++)
		assert_int_equal(station_do(station, nothing, NULL, why, sizeof(why)), DB_OK);
	in_store(sql);
	assert_int_equal(station_do(station, nothing, NULL, why, sizeof(why)), DB_MOVED);
	assert_non_null(strstr(why, "nothing more is given out in this run"));
	assert_false(station_intact(station, why, sizeof(why)));
	/* Whatever comes then. */
	in_store("INSERT INTO checkins (owner, station, runs) VALUES ('owner', 'S1', 9)"
		 " ON CONFLICT (owner) DO UPDATE SET runs = 9");
	assert_int_equal(station_do(station, nothing, NULL, why, sizeof(why)), DB_MOVED);
}

static void put_back_to_before_the_file(void **state)
{
	(void)state;
	forgotten("DELETE FROM checkins");
}

static void put_back_to_before_the_run(void **state)
{
	(void)state;
	in_store("DROP TRIGGER checkins_go_forward");
	forgotten("UPDATE checkins SET runs = 0, name = NULL");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_after_the_other),
		TEST(old_states_and_copies),
		TEST(what_went_back),
		TEST(numbers_in_rows),
		TEST(a_copy_checks_in),
		TEST(put_back_to_before_the_file),
		TEST(put_back_to_before_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
