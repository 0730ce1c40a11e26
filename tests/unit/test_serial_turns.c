/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store that does not answer keeps one board waiting, and no other one beyond its own deadline:
 * another connection holds the store's lock while a board asks for its place in the lot. */
#include "serial_room.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "h7gang/base/clock.h"
#include "h7gang/store/db.h"
#include "h7gang/store/store.h"

static struct profile profile = {.name = "p"};
static char url[96], store_path[80];
static struct station *station;
static struct limits *limits;
static sqlite3 *silent;

/* A board whose question is under way, in a thread of its own. */
struct asking {
	pthread_t thread;
	const char *unit, *uid;
	_Atomic pid_t id;
	_Atomic bool answered;
	enum limits_answer answer;
};

static void *ask(void *user)
{
	struct asking *asking = user;
	char why[300];

	atomic_store(&asking->id, (pid_t)syscall(SYS_gettid));
	asking->answer = limits_admit(limits, asking->unit, asking->uid, false, CLOCK_NEVER, why,
				      sizeof(why));
	atomic_store(&asking->answered, true);
	return NULL;
}

static bool sleeps(pid_t thread)
{
	char path[64], text[256] = "";
	const char *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)thread);
	file = fopen(path, "r");
	if (!file)
		return false;
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	end = strrchr(text, ')');
	return end && strncmp(end, ") S", 3) == 0;
}

/* Returns once it waits for the store's lock: nothing else in its way makes it sleep so often. */
static void begin_asking(struct asking *asking)
{
	unsigned seen = 0;

	assert_int_equal(pthread_create(&asking->thread, NULL, ask, asking), 0);
	while (seen < 5) {
		seen = sleeps(atomic_load(&asking->id)) ? seen + 1 : 0;
		usleep(1000);
	}
	assert_false(atomic_load(&asking->answered));
}

static void end_asking(struct asking *asking, enum limits_answer wanted)
{
	assert_int_equal(pthread_join(asking->thread, NULL), 0);
	assert_int_equal(asking->answer, wanted);
}

static void admit(const char *unit, const char *uid, int64_t ms, enum limits_answer wanted)
{
	char why[300] = "";
	enum limits_answer answer =
		limits_admit(limits, unit, uid, false, clock_after_ms(ms), why, sizeof(why));

	if (answer != wanted)
		fail_msg("%s: %d, not %d: %s", unit, answer, wanted, why);
	assert_true(answer == LIMITS_ADMITTED || why[0]);
}

static void be_silent(bool on)
{
	assert_int_equal(sqlite3_exec(silent, on ? "BEGIN IMMEDIATE" : "COMMIT", NULL, NULL, NULL),
			 SQLITE_OK);
}

static void open_all(uint64_t quantity, unsigned places)
{
	const struct db_options options = {.create = true, .patience_ms = 5000};
	char why[300];
	struct db *db;

	profile.limits = (struct profile_limits){.lot_quantity = quantity};
	profile.store = (struct profile_store){.offline_lease = places > 0, .places = places};
	snprintf(store_path, sizeof(store_path), "%s/store.db", room);
	snprintf(url, sizeof(url), "sqlite:%s", store_path);
	if (db_open(url, &options, &db, why, sizeof(why)) != DB_OK)
		fail_msg("%s", why);
	assert_int_equal(store_init(db), DB_OK);
	db_close(db);
	station = station_open(url, "S1", "run", log_path);
	limits = limits_open(&profile, log_path, "L", why, sizeof(why));
	assert_true(station && limits);
	if (!limits_join(limits, station, &profile.store, log_path, why, sizeof(why)))
		fail_msg("%s", why);
	assert_int_equal(sqlite3_open(store_path, &silent), SQLITE_OK);
}

static int close_all(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[96];

	limits_close(limits);
	station_close(station);
	sqlite3_close(silent);
	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", store_path, ends[i]);
		unlink(path);
	}
	return clean_room(state);
}

static void others_keep_their_deadlines(void **state)
{
	struct asking first = {.unit = "u2", .uid = UID_B};

	(void)state;
	open_all(4, 0);
	admit("u1", UID_A, 60000, LIMITS_ADMITTED);
	be_silent(true);
	begin_asking(&first);
	admit("u3", "cccccccccccccccccccccccc", 50, LIMITS_AWAY);
	limits_done(limits, "u1", UID_A, true); /* a pass does not wait */
	assert_false(atomic_load(&first.answered));
	be_silent(false);
	end_asking(&first, LIMITS_ADMITTED);
	admit("u3", "cccccccccccccccccccccccc", 60000, LIMITS_ADMITTED);
}

static void places_are_counted_while_one_asks(void **state)
{
	struct asking first = {.unit = "u2", .uid = UID_B};

	(void)state;
	open_all(4, 2);
	admit("u1", UID_A, 60000, LIMITS_ADMITTED); /* and two places ahead */
	be_silent(true);
	begin_asking(&first); /* it may get one of them */
	admit("u3", "cccccccccccccccccccccccc", 50, LIMITS_ADMITTED);
	admit("u4", "dddddddddddddddddddddddd", 50, LIMITS_AWAY);
	assert_false(atomic_load(&first.answered));
	be_silent(false);
	end_asking(&first, LIMITS_ADMITTED);
	admit("u5", "eeeeeeeeeeeeeeeeeeeeeeee", 60000, LIMITS_ADMITTED);
	admit("u6", "ffffffffffffffffffffffff", 60000, LIMITS_REACHED);
	limits_done(limits, "u3", "cccccccccccccccccccccccc", false); /* its place is free again */
	admit("u6", "ffffffffffffffffffffffff", 60000, LIMITS_ADMITTED);
	admit("u7", "abababababababababababab", 60000, LIMITS_REACHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(others_keep_their_deadlines, close_all),
		cmocka_unit_test_teardown(places_are_counted_while_one_asks, close_all),
	};

	return cmocka_run_group_tests(tests, make_room, remove_room);
}
