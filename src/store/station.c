/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/station.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "backend.h"
#include "h7gang/base/clock.h"
#include "h7gang/base/sha256.h"
#include "h7gang/store/store.h"

#define WHY_SIZE 256

struct station {
	char *url, *name, *run_id;
	char owner[STATION_ID_SIZE];
	pthread_mutex_t lock; /* guards all below; not held while the store is asked */
	pthread_cond_t over;  /* a question has ended */
	bool asking;          /* a question is in progress: only its thread uses `db` */
	struct db *db;        /* NULL: not connected */
	int64_t ask_again;    /* not before */
	char why[WHY_SIZE];   /* of the last failure */
	bool connected;       /* at least once in this run */
	struct db_file file;  /* the file of the first connection; none for a server */
	struct db_file open; /* with the files that exist beside it while this connection is open */
	bool ended; /* the store was replaced, or a copy of the station works: no more questions */
	struct checked_in {
		char owner[STATION_ID_SIZE]; /* that this run checked in for; "" not yet */
		char name[STATION_ID_SIZE];  /* the last one in the store that was its file's */
		int64_t runs;                /* runs of that owner, as the store counted then */
		station_knows *knows;
		void *user;
	} checked_in;
};

static void machine_id(char *text, size_t size)
{
	int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, size - 1) : -1;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!text[0] && gethostname(text, size - 1) != 0)
		snprintf(text, size, "?");
	text[size - 1] = '\0';
}

/* The file need not be there yet; its folder may well come by symbolic links. */
static char *real_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	char *real = folder ? realpath(folder, NULL) : NULL;
	char *whole = NULL;

	if (folder && !real)
		real = strdup(folder);
	if (real && asprintf(&whole, "%s/%s", real, slash ? slash + 1 : path) < 0)
		whole = NULL;
	free(real);
	free(folder);
	return whole;
}

bool station_place_id(const char *path, char id[STATION_ID_SIZE])
{
	char machine[128], hex[SHA256_HEX_SIZE], *real = real_path(path), *text = NULL;
	bool good;

	machine_id(machine, sizeof(machine));
	if (real && asprintf(&text, "%s\n%s", machine, real) < 0)
		text = NULL;
	good = text && sha256_hex(text, strlen(text), hex) == 0;
	snprintf(id, STATION_ID_SIZE, "%.*s", STATION_ID_SIZE - 1, good ? hex : "");
	free(text);
	free(real);
	return good;
}

bool station_new_id(char id[STATION_ID_SIZE])
{
	unsigned char bytes[(STATION_ID_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

struct station *station_open(const char *url, const char *name, const char *run_id, const char *log)
{
	struct station *station = calloc(1, sizeof(*station));

	if (!station || pthread_mutex_init(&station->lock, NULL) != 0) {
		free(station);
		return NULL;
	}
	if (clock_cond_init(&station->over) != 0) {
		pthread_mutex_destroy(&station->lock);
		free(station);
		return NULL;
	}
	station->url = strdup(url);
	station->name = store_escaped(name, strlen(name));
	station->run_id = strdup(run_id);
	station->ask_again = clock_now();
	if (station->url && station->name && station->run_id &&
	    station_place_id(log, station->owner))
		return station;
	station_close(station);
	return NULL;
}

void station_close(struct station *station)
{
	if (!station)
		return;
	db_close(station->db);
	pthread_cond_destroy(&station->over);
	pthread_mutex_destroy(&station->lock);
	free(station->url);
	free(station->name);
	free(station->run_id);
	free(station);
}

const char *station_name(const struct station *station)
{
	return station->name;
}

const char *station_url(const struct station *station)
{
	return station->url;
}

const char *station_run(const struct station *station)
{
	return station->run_id;
}

const char *station_owner(const struct station *station)
{
	return station->owner;
}

bool station_may_come_back(enum db_error error)
{
	return error == DB_AWAY || error == DB_BUSY;
}

static void tell_moved(struct station *station)
{
	snprintf(station->why, sizeof(station->why),
		 "%s was changed, moved or deleted by another program; nothing more is given out "
		 "in this run",
		 station->url);
}

static bool changed(uint64_t then, uint64_t now)
{
	return then && then != now;
}

/* Whether the URL still means the file that this run began with. If another program moved, deleted
 * or recreated the store, it lacks the numbers that this one gave out. The lock is held. */
static bool same_file(struct station *station)
{
	struct db_file now;

	if (!station->connected || station->ended)
		return !station->ended;
	db_file(station->url, &now);
	station->ended = now.device != station->file.device || now.inode != station->file.inode ||
			 changed(station->open.wal, now.wal) || changed(station->open.shm, now.shm);
	if (station->ended)
		tell_moved(station);
	return !station->ended;
}

bool station_intact(struct station *station, char *why, size_t why_size)
{
	bool intact;

	pthread_mutex_lock(&station->lock);
	intact = same_file(station);
	if (!intact)
		snprintf(why, why_size, "the store: %s", station->why);
	pthread_mutex_unlock(&station->lock);
	return intact;
}

/* No more questions in this run. `copied_at`: a copy of the station checked in then; NULL: the
 * store was replaced. */
static enum db_error fail_for_good(struct station *station, struct db *db, const char *copied_at)
{
	char why[WHY_SIZE];

	pthread_mutex_lock(&station->lock);
	station->ended = true;
	if (copied_at)
		snprintf(station->why, sizeof(station->why),
			 "a copy of this station checked in at %s; nothing more is given out in "
			 "this run. Find the copy and stop it, then start this station again",
			 copied_at);
	else
		tell_moved(station);
	snprintf(why, sizeof(why), "%s", station->why);
	pthread_mutex_unlock(&station->lock);
	return db_fail(db, DB_MOVED, "%s", why);
}

/* Whether the last check-in in the store is of this run or of another process with the same file,
 * which has its name then. A copy of the file checks in under a name that this one lacks. */
static bool is_ours(struct station *station, const struct checked_in *mine, const char *name)
{
	if (strcmp(name, mine->name) == 0)
		return true;
	if (!mine->knows(mine->user, name))
		return false;
	pthread_mutex_lock(&station->lock);
	snprintf(station->checked_in.name, sizeof(station->checked_in.name), "%s", name);
	pthread_mutex_unlock(&station->lock);
	return true;
}

/* Whether the store still knows this run, and no copy of the station. A store restored from a
 * backup, under the same name or on a server, lacks the numbers that this one gave out since. */
static enum db_error knows_run(struct db *db, struct station *station)
{
	struct checked_in mine;
	const struct db_value owner = db_text(mine.owner);
	struct db_rows *rows;
	enum db_error error;

	pthread_mutex_lock(&station->lock);
	mine = station->checked_in;
	pthread_mutex_unlock(&station->lock);
	if (!mine.owner[0])
		return DB_OK;
	error = db_query(db, "SELECT runs, name, at FROM checkins WHERE owner = $1", &owner, 1,
			 &rows);
	if (error == DB_OK && (db_rows_count(rows) == 0 || db_get_int(rows, 0, 0) < mine.runs))
		error = fail_for_good(station, db, NULL);
	else if (error == DB_OK && !is_ours(station, &mine, db_get_text(rows, 0, 1)))
		error = fail_for_good(station, db, db_get_text(rows, 0, 2));
	db_rows_free(rows);
	return error;
}

/* The caller's work, done after the check that the schema is still ours. */
struct errand {
	struct station *station;
	enum db_error (*work)(struct db *db, void *user);
	void *user;
	char why[WHY_SIZE];
};

static enum db_error check_and_work(struct db *db, void *user)
{
	const struct errand *errand = user;
	enum db_error error = store_check(db);
	char why[WHY_SIZE];

	if (error == DB_OK && !station_intact(errand->station, why, sizeof(why)))
		return fail_for_good(errand->station, db, NULL);
	if (error == DB_OK)
		error = knows_run(db, errand->station);
	return error == DB_OK ? errand->work(db, errand->user) : error;
}

/* Before connecting. False: the file is not the one of this run. */
static bool note_file(struct station *station, struct errand *errand)
{
	bool same;

	pthread_mutex_lock(&station->lock);
	same = same_file(station);
	if (!same)
		memcpy(errand->why, station->why, sizeof(errand->why));
	else if (!station->connected)
		db_file(station->url, &station->file);
	pthread_mutex_unlock(&station->lock);
	return same;
}

/* In its turn, without the lock. */
static enum db_error connect_and_do(struct station *station, struct errand *errand)
{
	enum db_error error = DB_OK;

	if (!note_file(station, errand))
		return DB_MOVED;
	if (!station->db)
		error = store_open(station->url, STATION_PATIENCE_MS, &station->db, errand->why,
				   sizeof(errand->why));
	if (error != DB_OK)
		return error;
	pthread_mutex_lock(&station->lock);
	station->connected = true;
	pthread_mutex_unlock(&station->lock);
	error = db_transaction(station->db, check_and_work, errand);
	if (error != DB_OK)
		snprintf(errand->why, sizeof(errand->why), "%s", db_why(station->db));
	pthread_mutex_lock(&station->lock);
	if (error == DB_OK && !station->open.inode)
		db_file(station->url, &station->open);
	station->ended = station->ended || error == DB_MOVED;
	if (error == DB_AWAY)
		station->open = (struct db_file){0};
	pthread_mutex_unlock(&station->lock);
	if (error == DB_AWAY) {
		db_close(station->db);
		station->db = NULL;
	}
	return error;
}

/* The lock is held. False: not before the deadline. */
static bool take_turn(struct station *station, int64_t deadline)
{
	bool in_time = true;

	while (station->asking && in_time)
		in_time = clock_wait_until(&station->over, &station->lock, deadline);
	if (station->asking)
		return false;
	station->asking = true;
	return true;
}

/* In its turn, without the lock. */
static enum db_error ask(struct station *station, struct errand *errand)
{
	bool connected = station->db != NULL;
	enum db_error error = connect_and_do(station, errand);

	/* An old connection may have died with a server that has restarted since. */
	if (error == DB_AWAY && connected)
		error = connect_and_do(station, errand);
	return error;
}

enum db_error station_do_until(struct station *station, int64_t deadline,
			       enum db_error (*work)(struct db *db, void *user), void *user,
			       char *why, size_t why_size)
{
	struct errand errand = {.station = station, .work = work, .user = user};
	enum db_error error = DB_AWAY;

	pthread_mutex_lock(&station->lock);
	if (!take_turn(station, deadline)) {
		pthread_mutex_unlock(&station->lock);
		snprintf(why, why_size,
			 "the store is away: it did not answer the boards before this one in time");
		return DB_AWAY;
	}
	if (clock_now() >= station->ask_again) {
		pthread_mutex_unlock(&station->lock);
		error = ask(station, &errand);
		pthread_mutex_lock(&station->lock);
		if (error != DB_OK)
			memcpy(station->why, errand.why, sizeof(station->why));
		if (station_may_come_back(error))
			station->ask_again = clock_after_ms(STATION_PAUSE_MS);
	}
	if (error != DB_OK)
		snprintf(why, why_size, "%s%s",
			 station_may_come_back(error) ? "the store is away: " : "the store: ",
			 station->why);
	station->asking = false;
	pthread_cond_signal(&station->over);
	pthread_mutex_unlock(&station->lock);
	return error;
}

enum db_error station_do(struct station *station, enum db_error (*work)(struct db *db, void *user),
			 void *user, char *why, size_t why_size)
{
	return station_do_until(station, clock_after_ms(STATION_TURN_MS), work, user, why,
				why_size);
}

void station_checked_in(struct station *station, const char *owner, const char *name, int64_t runs,
			station_knows *knows, void *user)
{
	struct checked_in *mine = &station->checked_in;

	pthread_mutex_lock(&station->lock);
	snprintf(mine->owner, sizeof(mine->owner), "%s", owner);
	snprintf(mine->name, sizeof(mine->name), "%s", name);
	mine->runs = runs;
	mine->knows = knows;
	mine->user = user;
	pthread_mutex_unlock(&station->lock);
}
