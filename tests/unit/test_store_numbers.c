/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and places over stations, on SQLite: every step of a lease with a kill after it, and the
 * shares of two stations in one lot. */
#include "serial_room.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "h7gang/base/clock.h"
#include "h7gang/store/claim.h"
#include "h7gang/store/push.h"
#include "h7gang/store/station.h"
#include "h7gang/store/store.h"

#define STATIONS 3

static char store_path[64], url[80];
static struct profile_serial serial = {.start = 1, .end = 1000, .format = (char *)"N{}"};
static struct profile profile = {
	.name = "p", .serial = &serial, .store = {.lease_size = 10, .places = 4}};

/* A station with its log and its file of numbers. */
struct bench {
	char log[64], state[64], run[16];
	struct station *station;
	struct numbers *numbers;
	struct limits *limits;
};
static struct bench bench[STATIONS];

static void path_of(char *path, const char *name, unsigned i)
{
	snprintf(path, 64, "%s/%s%u", room, name, i);
}

static int make_store(void **state)
{
	const struct db_options options = {.create = true, .patience_ms = 5000};
	char why[300];
	struct db *db;

	(void)state;
	serial.start = 1;
	serial.end = 1000;
	serial.by_uid = serial.keep = false;
	profile.store = (struct profile_store){.lease_size = 10, .places = 4};
	profile.limits = (struct profile_limits){.lot_quantity = 0};
	snprintf(store_path, sizeof(store_path), "%s/store.db", room);
	snprintf(url, sizeof(url), "sqlite:%s", store_path);
	for (unsigned i = 0; i < STATIONS; i++) {
		bench[i] = (struct bench){.station = NULL};
		path_of(bench[i].log, "log", i);
		path_of(bench[i].state, "sn", i);
	}
	if (db_open(url, &options, &db, why, sizeof(why)) != DB_OK || store_init(db) != DB_OK)
		return -1;
	db_close(db);
	return 0;
}

static void close_bench(struct bench *at)
{
	limits_close(at->limits);
	numbers_close(at->numbers);
	station_close(at->station);
	at->limits = NULL;
	at->numbers = NULL;
	at->station = NULL;
}

static int drop_store(void **state)
{
	char command[128];

	(void)state;
	for (unsigned i = 0; i < STATIONS; i++)
		close_bench(&bench[i]);
	snprintf(command, sizeof(command), "rm -f %s/*", room);
	return system(command);
}

static void open_station(unsigned i, const char *run)
{
	char name[16];

	snprintf(name, sizeof(name), "S%u", i);
	snprintf(bench[i].run, sizeof(bench[i].run), "%s", run);
	bench[i].station = station_open(url, name, run, bench[i].log);
	assert_non_null(bench[i].station);
}

/* False: the store or the file said no, and `why`. */
static bool try_numbers(unsigned i, const char *run, char *why, size_t size)
{
	serial.state = bench[i].state;
	open_station(i, run);
	bench[i].numbers = numbers_open(&profile, bench[i].log, true, why, size);
	if (!bench[i].numbers)
		fail_msg("%s", why);
	return numbers_join(bench[i].numbers, bench[i].station, &profile.store, bench[i].log, true,
			    why, size);
}

static void open_numbers(unsigned i, const char *run)
{
	char why[300] = "";

	if (!try_numbers(i, run, why, sizeof(why)))
		fail_msg("%s", why);
}

static void refused(unsigned i, const char *text)
{
	char why[300] = "";

	assert_false(try_numbers(i, "r", why, sizeof(why)));
	if (!strstr(why, text))
		fail_msg("\"%s\" does not say: %s", why, text);
	close_bench(&bench[i]);
}

static unsigned draw(unsigned i, const char *uid, const char *unit_id, enum numbers_result wanted)
{
	struct profile_unit unit;
	char why[300] = "";

	assert_int_equal(numbers_take(bench[i].numbers, uid, unit_id, &unit, why, sizeof(why)),
			 wanted);
	return wanted == NUMBERS_OK ? (unsigned)unit.counter : 0;
}

static int64_t ask_store(const char *sql)
{
	char why[300];
	struct db_rows *rows;
	struct db *db;
	int64_t number;

	assert_int_equal(store_open(url, 5000, &db, why, sizeof(why)), DB_OK);
	if (db_query(db, sql, NULL, 0, &rows) != DB_OK)
		fail_msg("%s", db_why(db));
	number = db_get_int(rows, 0, 0);
	db_rows_free(rows);
	db_close(db);
	return number;
}

/* The file as it was before its last line that begins with `word`: as a kill would have left it. */
static void cut_before(const char *path, const char *word)
{
	char text[16384], *at = NULL, *next;
	FILE *file = fopen(path, "r");
	size_t length;

	assert_non_null(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	for (next = text; (next = strstr(next, word)) != NULL; next++)
		at = next;
	assert_non_null(at);
	assert_int_equal(truncate(path, at - text), 0);
}

static bool holds(const char *path, const char *word)
{
	char command[400];

	snprintf(command, sizeof(command), "grep -q '^%s' %s 2>/dev/null", word, path);
	return system(command) == 0;
}

/* pool: first + skipped + leased + burned + free = next */
static void adds_up(void)
{
	assert_int_equal(
		ask_store("SELECT next - first - skipped - leased - burned - free FROM v_pools"),
		0);
}

static void none_twice(void **state)
{
	bool seen[200] = {false};

	(void)state;
	for (unsigned i = 0; i < STATIONS; i++)
		open_numbers(i, "r");
	for (unsigned k = 0; k < 3 * 40; k++) {
		unsigned number = draw(k % STATIONS, "", "u", NUMBERS_OK);

		assert_in_range(number, 1, 199);
		assert_false(seen[number]);
		seen[number] = true;
	}
	adds_up();
}

static void killed_before_the_line(void **state)
{
	(void)state;
	open_numbers(0, "r");
	close_bench(&bench[0]);
	assert_int_equal(ask_store("SELECT count(*) FROM leases"), 1);
	cut_before(bench[0].state, "lease");
	open_numbers(0, "s");
	assert_int_equal(ask_store("SELECT count(*) FROM leases"), 1);
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 1);
	adds_up();
}

/* A request to the store is in the file first. */
static void asked_for_by_name(void **state)
{
	struct station *nobody;
	char why[300], command[500];

	(void)state;
	profile.store.offline_lease = profile.store.offline_start = true;
	serial.state = bench[0].state;
	nobody = station_open("postgresql:///none?host=/nonexistent", "S0", "r", bench[0].log);
	bench[0].numbers = numbers_open(&profile, bench[0].log, true, why, sizeof(why));
	assert_true(numbers_join(bench[0].numbers, nobody, &profile.store, bench[0].log, true, why,
				 sizeof(why)));
	draw(0, "", "u", NUMBERS_AWAY);
	assert_true(holds(bench[0].state, "ask"));
	close_bench(&bench[0]);
	station_close(nobody);
	open_numbers(0, "s");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 1);
	snprintf(
		command, sizeof(command),
		"[ \"$(sqlite3 %s 'SELECT id FROM leases')\" = \"$(awk '/^ask/ {print $3}' %s)\" ]",
		store_path, bench[0].state);
	assert_int_equal(system(command), 0);
}

static void back_and_out_again(void **state)
{
	(void)state;
	profile.store.unused = PROFILE_UNUSED_REUSE;
	open_numbers(0, "r");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 1);
	close_bench(&bench[0]);
	assert_int_equal(ask_store("SELECT free FROM v_pools"), 9);
	adds_up();
	/* Killed before the store was told, and before that was noted. */
	cut_before(bench[0].state, "gone");
	open_numbers(1, "r");
	assert_int_equal(draw(1, "", "u", NUMBERS_OK), 2);
	open_numbers(0, "s");
	assert_true(draw(0, "", "u", NUMBERS_OK) > 10);
	close_bench(&bench[0]);
	adds_up();
	close_bench(&bench[1]);
	adds_up();
}

static void burned(void **state)
{
	(void)state;
	profile.store.unused = PROFILE_UNUSED_BURN;
	open_numbers(0, "r");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 1);
	close_bench(&bench[0]);
	assert_int_equal(ask_store("SELECT burned FROM v_pools"), 9);
	open_numbers(0, "s");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 11);
	close_bench(&bench[0]);
	adds_up();
}

static void kept(void **state)
{
	(void)state;
	open_numbers(0, "r");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 1);
	close_bench(&bench[0]);
	open_numbers(0, "s");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 2);
}

static void copies(void **state)
{
	char command[400];

	(void)state;
	open_numbers(0, "r");
	for (unsigned k = 0; k < 3; k++)
		draw(0, "", "u", NUMBERS_OK);
	close_bench(&bench[0]);
	snprintf(command, sizeof(command), "cp %s %s; cp %s %s/old", bench[0].state, bench[1].state,
		 bench[0].state, room);
	assert_int_equal(system(command), 0);
	refused(1, "in another place");
	open_numbers(0, "s");
	for (unsigned k = 0; k < 10; k++)
		draw(0, "", "u", NUMBERS_OK);
	close_bench(&bench[0]);
	/* Put back from a backup: the store has counted on. */
	snprintf(command, sizeof(command), "cp %s/old %s", room, bench[0].state);
	assert_int_equal(system(command), 0);
	profile.store.lease_size = 40;
	refused(0, "an old state");
}

static void without_the_store(void **state)
{
	char why[300];

	(void)state;
	open_numbers(0, "r");
	close_bench(&bench[0]);
	serial.state = bench[0].state;
	bench[0].numbers = numbers_open(&profile, bench[0].log, true, why, sizeof(why));
	assert_non_null(bench[0].numbers);
	assert_false(numbers_alone(bench[0].numbers, why, sizeof(why)));
}

static void other_ranges(void **state)
{
	(void)state;
	open_numbers(0, "r");
	serial.start = 2;
	refused(1, "another start than this profile: 1 there, 2 here");
	serial.start = 1;
	serial.format = (char *)"M{}";
	refused(1, "another format");
	serial.format = (char *)"N{}";
}

/* Runs a statement in the store. */
static enum db_error in_store(const char *sql)
{
	const struct db_options options = {.patience_ms = 5000};
	enum db_error error;
	char why[300];
	struct db *db;

	assert_int_equal(db_open(url, &options, &db, why, sizeof(why)), DB_OK);
	error = db_exec(db, sql, NULL, 0, NULL);
	db_close(db);
	return error;
}

static void a_longer_range(void **state)
{
	char why[300] = "";
	struct profile_unit unit;

	(void)state;
	serial.end = 15;
	open_numbers(0, "r");
	for (unsigned k = 1; k <= 4; k++)
		assert_int_equal(draw(0, "", "u", NUMBERS_OK), k);
	serial.end = 30;
	open_numbers(1, "r");
	assert_int_equal(draw(1, "", "u", NUMBERS_OK), 11);
	/* A run with the former profile takes no number above its end. */
	for (unsigned k = 5; k <= 10; k++)
		assert_int_equal(draw(0, "", "u", NUMBERS_OK), k);
	assert_int_equal(numbers_take(bench[0].numbers, "", "u", &unit, why, sizeof(why)),
			 NUMBERS_EXHAUSTED);
	assert_non_null(strstr(why, "up to this profile's end, 15"));
	assert_non_null(strstr(why, "goes on to 30: raise the end"));
	close_bench(&bench[0]);
	open_numbers(0, "s");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 21);
	adds_up();
	/* A pool goes on, and never back. */
	assert_int_equal(in_store("UPDATE pools SET last = last - 1"), DB_CONSTRAINT);
	assert_int_equal(in_store("UPDATE pools SET last = last + 1"), DB_OK);
	assert_int_equal(in_store("UPDATE pools SET first = 0"), DB_CONSTRAINT);
}

/* Returned and leased numbers for a profile whose end was lowered. */
static void a_shorter_range(void **state)
{
	(void)state;
	serial.end = 30;
	profile.store.unused = PROFILE_UNUSED_REUSE;
	open_numbers(0, "r");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 1);
	close_bench(&bench[0]);
	profile.store.unused = PROFILE_UNUSED_KEEP;
	serial.end = 4;
	open_numbers(1, "r");
	for (unsigned k = 2; k <= 4; k++)
		assert_int_equal(draw(1, "", "u", NUMBERS_OK), k);
	draw(1, "", "u", NUMBERS_EXHAUSTED);
	serial.end = 30;
	open_numbers(0, "s");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 5);
	close_bench(&bench[0]);
	serial.end = 5;
	open_numbers(0, "t");
	draw(0, "", "u", NUMBERS_EXHAUSTED);
	close_bench(&bench[0]);
	serial.end = 30;
	open_numbers(0, "u");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 6);
	adds_up();
}

static void write_store(const char *sql)
{
	char why[300];
	struct db *db;

	assert_int_equal(store_open(url, 5000, &db, why, sizeof(why)), DB_OK);
	if (db_exec(db, sql, NULL, 0, NULL) != DB_OK)
		fail_msg("%s", db_why(db));
	db_close(db);
}

/* The store knows a number before its board has it. One that another board has is skipped. */
static void used_elsewhere(void **state)
{
	(void)state;
	open_numbers(0, "r");
	assert_int_equal(draw(0, "a", "u1", NUMBERS_OK), 1);
	assert_int_equal(ask_store("SELECT count(*) FROM numbers_used WHERE number = 'N1'"
				   " AND log_id = 0 AND run_id = 'r' AND unit_id = 'u1'"),
			 1);
	write_store("INSERT INTO numbers_used VALUES (1, 'N2', 0, 0, 'copy', 'u1', 'b')");
	assert_int_equal(draw(0, "c", "u2", NUMBERS_OK), 3);
	/* The same with on_fail: keep: the board does not keep the skipped one. */
	serial.keep = true;
	write_store("INSERT INTO numbers_used VALUES (1, 'N4', 0, 0, 'copy', 'u2', 'd')");
	assert_int_equal(draw(0, "e", "u3", NUMBERS_OK), 5);
	close_bench(&bench[0]);
	open_numbers(0, "s");
	assert_int_equal(draw(0, "e", "u1", NUMBERS_OK), 5);
	assert_int_equal(draw(0, "f", "u2", NUMBERS_OK), 6);
	adds_up();
}

/* The store was tampered with: a number outside the pool goes into no number file. */
static void numbers_of_no_pool(void **state)
{
	unsigned got;

	(void)state;
	open_numbers(0, "r");
	close_bench(&bench[0]);
	write_store("DROP TRIGGER pool_free_is_returned");
	write_store("DROP TRIGGER leases_are_apart");
	write_store("INSERT INTO pool_free VALUES (1, 0, 5)");
	refused(1, "which has 1 to 1000");
	write_store("DELETE FROM pool_free");
	write_store("INSERT INTO pool_free VALUES (1, 1001, 1002)");
	write_store("INSERT INTO pool_free VALUES (1, 900000000000000000, 900000000000000001)");
	open_numbers(1, "s");
	got = draw(1, "", "u", NUMBERS_OK);
	assert_in_range(got, 1, 1000);
	close_bench(&bench[1]);
	write_store("INSERT INTO pool_free VALUES (1, 7, 7)");
	open_numbers(2, "t");
	assert_int_equal(draw(2, "", "u", NUMBERS_OK), 7);
}

static void used_before(void **state)
{
	(void)state;
	add_row(bench[0].log, "u1", "run", "L", UID_A, "N7", AUDIT_PASS);
	open_numbers(0, "r");
	assert_int_equal(draw(0, "", "u", NUMBERS_OK), 8);
	adds_up();
}

static void used_up(void **state)
{
	(void)state;
	serial.end = 15;
	open_numbers(0, "r");
	open_numbers(1, "r");
	for (unsigned k = 0; k < 10; k++)
		draw(0, "", "u", NUMBERS_OK);
	draw(0, "", "u", NUMBERS_EXHAUSTED);
	for (unsigned k = 0; k < 5; k++)
		assert_int_equal(draw(1, "", "u", NUMBERS_OK), 11 + k);
	draw(1, "", "u", NUMBERS_EXHAUSTED);
}

static void push(unsigned i)
{
	struct store_pushed pushed;
	char why[300];
	struct db *db;

	assert_int_equal(store_open(url, 5000, &db, why, sizeof(why)), DB_OK);
	if (store_push(db, bench[i].log, true, "S", &pushed, why, sizeof(why)) != DB_OK)
		fail_msg("%s", why);
	db_close(db);
}

static void doubles_are_seen(void **state)
{
	(void)state;
	open_numbers(0, "r");
	add_row(bench[0].log, "u1", "run", "L", UID_A, "N1", AUDIT_FAIL);
	add_row(bench[0].log, "u1", "run", "L", UID_A, "N1", AUDIT_PASS);
	push(0);
	assert_int_equal(ask_store("SELECT count(*) FROM v_doubles"), 0);
	add_row(bench[1].log, "u2", "run", "L", UID_B, "N1", AUDIT_PASS);
	push(1);
	assert_int_equal(ask_store("SELECT count(*) FROM v_doubles WHERE number = 'N1'"), 1);
	push(1);
	assert_int_equal(ask_store("SELECT count(*) FROM v_doubles"), 1);
}

static void a_board_keeps_its_number(void **state)
{
	struct profile_unit unit = {.counter = 1, .uid = UID_A, .serial = "N1"};

	(void)state;
	serial.by_uid = true;
	open_numbers(0, "r0");
	open_numbers(1, "r1");
	assert_int_equal(draw(0, UID_A, "u1", NUMBERS_OK), 1);
	draw(1, UID_A, "u2", NUMBERS_BUSY); /* it is at the other station */
	numbers_done(bench[0].numbers, &unit, true);
	draw(1, UID_A, "u3", NUMBERS_BUSY); /* its row is on the way */
	add_row(bench[0].log, "u1", "run", "L", UID_A, "N1", AUDIT_PASS);
	assert_int_equal(ask_store("SELECT count(*) FROM claims"), 1);
	push(0);
	assert_int_equal(draw(1, UID_A, "u4", NUMBERS_OK), 1);
	/* One that failed gets another. */
	assert_int_equal(draw(0, UID_B, "u5", NUMBERS_OK), 2);
	unit = (struct profile_unit){.counter = 2, .uid = UID_B, .serial = "N2"};
	numbers_done(bench[0].numbers, &unit, false);
	assert_int_equal(draw(1, UID_B, "u6", NUMBERS_OK), 11);
}

/* --- lots --- */

/* No file can grow, and so the store takes nothing in. */
static void fill_disk(bool full)
{
	static struct rlimit before;
	struct rlimit now;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &now), 0);
	if (full) {
		before = now;
		now.rlim_cur = 0;
		signal(SIGXFSZ, SIG_IGN);
	} else {
		now = before;
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
}

static void open_lot(unsigned i, const char *run, const char *lot)
{
	char why[300];

	open_station(i, run);
	bench[i].limits = limits_open(&profile, bench[i].log, lot, why, sizeof(why));
	assert_non_null(bench[i].limits);
	if (!limits_join(bench[i].limits, bench[i].station, &profile.store, bench[i].log, why,
			 sizeof(why)))
		fail_msg("%s", why);
}

static void open_limits(unsigned i, const char *run)
{
	open_lot(i, run, "L");
}

static void admit(unsigned i, const char *unit, const char *uid, enum limits_answer wanted)
{
	char why[300] = "";
	enum limits_answer answer =
		limits_admit(bench[i].limits, unit, uid, false, CLOCK_NEVER, why, sizeof(why));

	if (answer != wanted)
		fail_msg("%d, not %d: %s", answer, wanted, why);
}

static void one_lot(void **state)
{
	(void)state;
	profile.limits.lot_quantity = 3;
	profile.limits.once_per_lot = true;
	open_limits(0, "r"); /* add_row's run */
	open_limits(1, "s");
	admit(0, "u1", UID_A, LIMITS_ADMITTED);
	admit(1, "v1", UID_A, LIMITS_DUPLICATE); /* on the other's tray */
	admit(1, "v2", UID_B, LIMITS_ADMITTED);
	admit(1, "v3", "cccccccccccccccccccccccc", LIMITS_ADMITTED);
	admit(0, "u2", "dddddddddddddddddddddddd", LIMITS_REACHED);
	limits_done(bench[1].limits, "v3", "cccccccccccccccccccccccc", false);
	admit(0, "u2", "dddddddddddddddddddddddd", LIMITS_ADMITTED);
	/* A pass counts once, before its row is in the store and after. */
	limits_done(bench[0].limits, "u1", UID_A, true);
	admit(1, "v4", "eeeeeeeeeeeeeeeeeeeeeeee", LIMITS_REACHED);
	add_row(bench[0].log, "u1", "run", "L", UID_A, "", AUDIT_PASS);
	push(0);
	assert_int_equal(ask_store("SELECT count(*) FROM claims"), 2);
	admit(1, "v4", "eeeeeeeeeeeeeeeeeeeeeeee", LIMITS_REACHED);
	admit(1, "v5", UID_A, LIMITS_DUPLICATE); /* passed there */
	limits_done(bench[0].limits, "u2", "dddddddddddddddddddddddd", false);
	admit(1, "v4", "eeeeeeeeeeeeeeeeeeeeeeee", LIMITS_ADMITTED);
}

static void nameless(void **state)
{
	(void)state;
	profile.limits.lot_quantity = 2;
	open_limits(0, "r");
	open_limits(1, "s");
	admit(0, "u1", "", LIMITS_ADMITTED);
	admit(1, "v1", "", LIMITS_ADMITTED);
	admit(1, "v2", "", LIMITS_REACHED);
	limits_done(bench[0].limits, "u1", "", true);
	add_row(bench[0].log, "u1", "run", "L", "", "", AUDIT_PASS);
	push(0);
	admit(1, "v2", "", LIMITS_REACHED);
	limits_done(bench[1].limits, "v1", "", false);
	admit(1, "v2", "", LIMITS_ADMITTED);
}

/* A run that was killed with four units on the tray: one had passed, its row is in the log only. */
static void after_a_kill(void **state)
{
	static const char *const uids[] = {UID_A, UID_B, "cccccccccccccccccccccccc",
					   "dddddddddddddddddddddddd"};
	int status;
	pid_t child;

	(void)state;
	profile.limits.lot_quantity = 4;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		open_limits(0, "r");
		for (unsigned i = 0; i < 4; i++) {
			char unit[8];

			snprintf(unit, sizeof(unit), "u%u", i);
			admit(0, unit, uids[i], LIMITS_ADMITTED);
		}
		add_row(bench[0].log, "u0", "run", "L", UID_A, "", AUDIT_PASS);
		kill(getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	open_limits(1, "s");
	admit(1, "v1", "eeeeeeeeeeeeeeeeeeeeeeee", LIMITS_REACHED);
	open_limits(0, "t");
	assert_int_equal(ask_store("SELECT count(*) FROM claims"), 1);
	for (unsigned i = 1; i < 4; i++) {
		char unit[8];

		snprintf(unit, sizeof(unit), "v%u", i + 1);
		admit(1, unit, uids[i], LIMITS_ADMITTED);
	}
	admit(1, "v5", "eeeeeeeeeeeeeeeeeeeeeeee", LIMITS_REACHED);
	push(0);
	assert_int_equal(ask_store("SELECT count(*) FROM claims"), 3);
	admit(1, "v5", "eeeeeeeeeeeeeeeeeeeeeeee", LIMITS_REACHED);
}

/* A log from before the store counts from the first unit on, also before it is pushed. */
static void a_log_that_was_there(void **state)
{
	(void)state;
	profile.limits.lot_quantity = 3;
	add_row(bench[0].log, "u1", "run", "L", UID_A, "", AUDIT_PASS);
	add_row(bench[0].log, "u2", "run", "L", UID_B, "", AUDIT_PASS);
	open_limits(0, "t");
	open_limits(1, "s");
	admit(1, "v1", "cccccccccccccccccccccccc", LIMITS_ADMITTED);
	admit(1, "v2", "dddddddddddddddddddddddd", LIMITS_REACHED);
	push(0);
	assert_int_equal(ask_store("SELECT count(*) FROM claims"), 1);
	admit(1, "v2", "dddddddddddddddddddddddd", LIMITS_REACHED);
}

static void places_ahead(void **state)
{
	(void)state;
	profile.limits.lot_quantity = 6;
	profile.store.offline_lease = true;
	open_limits(0, "r");
	admit(0, "u1", UID_A, LIMITS_ADMITTED);
	assert_int_equal(ask_store("SELECT count(*) FROM claims WHERE ahead = 1"), 4);
	open_limits(1, "s");
	admit(1, "v1", UID_B, LIMITS_ADMITTED);
	admit(1, "v2", "cccccccccccccccccccccccc", LIMITS_REACHED);
	/* A pass that was made in one of them takes it along. */
	add_row(bench[0].log, "u9", "run", "L", "dddddddddddddddddddddddd", "", AUDIT_PASS);
	push(0);
	assert_int_equal(ask_store("SELECT count(*) FROM claims WHERE ahead = 1"), 3);
	admit(1, "v2", "cccccccccccccccccccccccc", LIMITS_REACHED);
	/* The lot is full but for its own places. */
	admit(0, "u2", "eeeeeeeeeeeeeeeeeeeeeeee", LIMITS_ADMITTED);
	assert_int_equal(ask_store("SELECT count(*) FROM claims WHERE ahead = 1"), 2);
	close_bench(&bench[0]);
	assert_int_equal(ask_store("SELECT count(*) FROM claims WHERE ahead = 1"), 0);
	admit(1, "v2", "cccccccccccccccccccccccc", LIMITS_ADMITTED);
}

static void kill_child(pid_t child)
{
	int status;

	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
}

/* Two boards passed in places taken ahead, while the store was away, and the program was killed.
 * Its next run is of another lot, or knows no limits: the passes still count in the first lot,
 * before their rows come. */
static void passes_of_another_lot(void **state)
{
	static const char lots[2][4] = {"M", "L\\\x01"};
	pid_t child;

	(void)state;
	profile.limits.lot_quantity = 4;
	profile.store.offline_lease = true;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		open_lot(0, "r", lots[1]);
		admit(0, "u0", UID_A, LIMITS_ADMITTED);
		limits_done(bench[0].limits, "u0", UID_A, false);
		fill_disk(true);
		admit(0, "u1", UID_A, LIMITS_ADMITTED);
		admit(0, "u2", UID_B, LIMITS_ADMITTED);
		fill_disk(false);
		add_row(bench[0].log, "u1", "run", lots[1], UID_A, "", AUDIT_PASS);
		add_row(bench[0].log, "u2", "run", lots[1], UID_B, "", AUDIT_PASS);
		kill(getpid(), SIGKILL);
	}
	kill_child(child);
	open_lot(0, "t", lots[0]);
	close_bench(&bench[0]);
	open_numbers(0, "v");
	open_lot(1, "s", lots[1]);
	admit(1, "v1", "cccccccccccccccccccccccc", LIMITS_ADMITTED);
	admit(1, "v2", "dddddddddddddddddddddddd", LIMITS_ADMITTED);
	admit(1, "v3", "eeeeeeeeeeeeeeeeeeeeeeee", LIMITS_REACHED);
	push(0);
	admit(1, "v3", "eeeeeeeeeeeeeeeeeeeeeeee", LIMITS_REACHED);
	assert_int_equal(ask_store("SELECT count(*) FROM claims WHERE owner = "
				   "(SELECT owner FROM claims WHERE run_id = 'r')"),
			 0);
}

/* Two machines made from one image have the same id and the same paths; their names differ. */
static void one_image_two_machines(void **state)
{
	(void)state;
	profile.limits.lot_quantity = 2;
	open_limits(0, "r");
	admit(0, "u1", UID_A, LIMITS_ADMITTED);
	admit(0, "u2", UID_B, LIMITS_ADMITTED);
	memcpy(bench[1].log, bench[0].log, sizeof(bench[1].log));
	open_limits(1, "s");
	admit(1, "v1", "cccccccccccccccccccccccc", LIMITS_REACHED);
}

/* The claim of a unit was made and the answer lost; it began in a place taken ahead, and failed. */
static void a_lost_answer(void **state)
{
	struct claim_unit unit = {.unit_id = "u2", .uid = UID_B};
	struct claim_units none = {.unit = NULL};
	struct claim_lot claim = {
		.lot = "L", .quantity = 6, .unit = unit, .ended = &none, .made = &none};
	struct station *other;
	char why[300];

	(void)state;
	profile.limits.lot_quantity = 6;
	profile.store.offline_lease = true;
	open_limits(0, "r");
	admit(0, "u1", UID_A, LIMITS_ADMITTED);
	fill_disk(true);
	admit(0, "u2", UID_B, LIMITS_ADMITTED);
	fill_disk(false);
	other = station_open(url, "S0", "r", bench[0].log);
	assert_non_null(other);
	claim.station = other;
	claim.ahead = 4;
	assert_int_equal(station_do(other, claim_lot, &claim, why, sizeof(why)), DB_OK);
	station_close(other);
	clock_sleep_until(clock_after_ms(STATION_PAUSE_MS));
	limits_done(bench[0].limits, "u2", UID_B, false);
	close_bench(&bench[0]);
	assert_int_equal(ask_store("SELECT count(*) FROM claims WHERE unit_id = 'u2'"), 0);
}

/* --- labels --- */

static enum numbers_result label(unsigned i, const char *number, const char *uid,
				 const char *unit_id, struct profile_unit *unit)
{
	char why[300] = "";

	return numbers_take_given(bench[i].numbers, number, uid, unit_id, unit, why, sizeof(why));
}

static int make_labels(void **state)
{
	int rc = make_store(state);

	serial.given = serial.keep = true;
	return rc;
}

static int drop_labels(void **state)
{
	serial.given = false;
	return drop_store(state);
}

/* Two stations scan one label at once: one of them gets it. */
static void a_label_is_claimed(void **state)
{
	struct profile_unit unit, other;

	(void)state;
	open_numbers(0, "r0");
	open_numbers(1, "r1");
	assert_int_equal(label(0, "SN1", UID_A, "u1", &unit), NUMBERS_OK);
	assert_int_equal(label(1, "SN1", UID_B, "u1", &other), NUMBERS_BUSY);
	assert_int_equal(label(1, "SN2", UID_B, "u1", &other), NUMBERS_OK);
	assert_int_equal(ask_store("SELECT count(*) FROM claims"), 2);
	/* Without a pass the claim is over; with one it lasts until the row is there. */
	numbers_done(bench[0].numbers, &unit, false);
	numbers_done(bench[1].numbers, &other, true);
	assert_int_equal(ask_store("SELECT count(*) FROM claims WHERE scope = 'p=SN1'"), 0);
	assert_int_equal(label(0, "SN2", UID_A, "u2", &unit), NUMBERS_BUSY);
	assert_int_equal(label(0, "SN1", UID_A, "u2", &unit), NUMBERS_OK);
	assert_int_equal(label(0, "SN1", UID_A, "u3", &other), NUMBERS_BUSY);
	assert_int_equal(ask_store("SELECT count(*) FROM claims"), 2);
}

static void labels_of_nameless_boards(void **state)
{
	struct profile_unit one, two, other;

	(void)state;
	open_numbers(0, "r0");
	open_numbers(1, "r1");
	assert_int_equal(label(0, "SN1", "", "u1", &one), NUMBERS_OK);
	assert_int_equal(label(0, "SN2", "", "u2", &two), NUMBERS_OK);
	numbers_done(bench[0].numbers, &two, false);
	assert_int_equal(label(1, "SN1", "", "u1", &other), NUMBERS_BUSY);
	assert_int_equal(label(1, "SN2", "", "u1", &other), NUMBERS_OK);
}

static void labels_after_a_kill(void **state)
{
	struct profile_unit unit;

	(void)state;
	open_numbers(0, "r0");
	assert_int_equal(label(0, "SN1", UID_A, "u1", &unit), NUMBERS_OK);
	close_bench(&bench[0]);
	open_numbers(1, "r1");
	assert_int_equal(label(1, "SN1", UID_B, "u1", &unit), NUMBERS_BUSY);
	open_numbers(0, "r2");
	assert_int_equal(label(1, "SN1", UID_B, "u1", &unit), NUMBERS_OK);
}

/* While the store gives no answer, `offline:` says what a label may do. */
static void labels_without_an_answer(void **state)
{
	const struct db_options options = {.patience_ms = 5000};
	struct profile_unit unit;
	char why[300];
	struct db *db;

	(void)state;
	open_numbers(0, "r0");
	assert_int_equal(db_open(url, &options, &db, why, sizeof(why)), DB_OK);
	assert_int_equal(db_exec(db, "BEGIN EXCLUSIVE", NULL, 0, NULL), DB_OK);
	assert_int_equal(label(0, "SN1", UID_A, "u1", &unit), NUMBERS_AWAY);
	profile.store.offline_lease = true;
	assert_int_equal(label(0, "SN1", UID_A, "u2", &unit), NUMBERS_OK);
	assert_false(numbers_offline_start(bench[0].numbers));
	/* A run that has not reached the store yet. */
	open_numbers(1, "r1");
	assert_int_equal(label(1, "SN2", UID_B, "u1", &unit), NUMBERS_AWAY);
	profile.store.offline_start = true;
	assert_int_equal(label(1, "SN2", UID_B, "u2", &unit), NUMBERS_OK);
	assert_true(numbers_offline_start(bench[1].numbers));
	db_close(db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_store, drop_store)

#define LABELS(name) cmocka_unit_test_setup_teardown(name, make_labels, drop_labels)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(none_twice),
		TEST(killed_before_the_line),
		TEST(asked_for_by_name),
		TEST(back_and_out_again),
		TEST(burned),
		TEST(kept),
		TEST(copies),
		TEST(without_the_store),
		TEST(other_ranges),
		TEST(a_longer_range),
		TEST(a_shorter_range),
		TEST(used_elsewhere),
		TEST(numbers_of_no_pool),
		TEST(used_before),
		TEST(used_up),
		TEST(doubles_are_seen),
		TEST(a_board_keeps_its_number),
		TEST(one_lot),
		TEST(nameless),
		TEST(after_a_kill),
		TEST(a_log_that_was_there),
		TEST(places_ahead),
		TEST(passes_of_another_lot),
		TEST(one_image_two_machines),
		TEST(a_lost_answer),
		LABELS(a_label_is_claimed),
		LABELS(labels_of_nameless_boards),
		LABELS(labels_after_a_kill),
		LABELS(labels_without_an_answer),
	};

	return cmocka_run_group_tests(tests, make_room, remove_room);
}
