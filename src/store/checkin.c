/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/checkin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/store/store.h"

#define COUNT(values) (sizeof(values) / sizeof((values)[0]))

/* The owner's row, held until the transaction ends. */
static enum db_error lock_owner(struct db *db, const struct checkin *checkin, struct db_rows **rows)
{
	const struct db_value values[] = {db_text(checkin->owner),
					  db_text(station_name(checkin->station))};
	enum db_error error = db_exec(db,
				      "INSERT INTO checkins (owner, station) VALUES ($1, $2)"
				      " ON CONFLICT (owner) DO NOTHING",
				      values, 2, NULL);

	*rows = NULL;
	if (error != DB_OK)
		return error;
	return db_query(db,
			db_pick(db, "SELECT runs, name, at, adopted FROM checkins WHERE owner = $1",
				"SELECT runs, name, at, adopted FROM checkins WHERE owner = $1"
				" FOR NO KEY UPDATE"),
			values, 1, rows);
}

static bool knows(const struct checkin *checkin, const char *name)
{
	for (size_t i = checkin->count; i > 0; i--) {
		if (strcmp(checkin->known[i - 1], name) == 0)
			return true;
	}
	return false;
}

static enum db_error advance(struct db *db, const struct checkin *checkin)
{
	const struct db_value values[] = {db_text(checkin->owner), db_text(checkin->name),
					  db_text(station_name(checkin->station))};

	return db_exec(db,
		       db_pick(db,
			       "UPDATE checkins SET runs = runs + 1, name = $2, station = $3,"
			       " at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE owner = $1",
			       "UPDATE checkins SET runs = runs + 1, name = $2, station = $3,"
			       " at = to_char(now() AT TIME ZONE 'UTC',"
			       " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') WHERE owner = $1"),
		       values, COUNT(values), NULL);
}

static enum db_error find_back(struct db *db, struct checkin *checkin)
{
	const struct db_value owner = db_text(checkin->owner);
	struct db_rows *rows = NULL;
	enum db_error error = db_query(db,
				       "SELECT id, returned_first FROM leases WHERE owner = $1"
				       " AND returned_first IS NOT NULL",
				       &owner, 1, &rows);
	size_t count = error == DB_OK ? db_rows_count(rows) : 0;

	checkin_free(checkin);
	if (count > 0) {
		checkin->back = calloc(count, sizeof(*checkin->back));
		if (!checkin->back)
			error = db_fail(db, DB_MEMORY, "no memory");
	}
	for (size_t i = 0; checkin->back && i < count; i++) {
		struct checkin_back *back = &checkin->back[checkin->backs++];

		snprintf(back->lease, sizeof(back->lease), "%s", db_get_text(rows, i, 0));
		back->first = (uint64_t)db_get_int(rows, i, 1);
	}
	db_rows_free(rows);
	return error;
}

void checkin_free(struct checkin *checkin)
{
	free(checkin->back);
	checkin->back = NULL;
	checkin->backs = 0;
}

enum db_error checkin_run(struct db *db, void *user)
{
	struct checkin *checkin = user;
	struct db_rows *rows;
	enum db_error error = lock_owner(db, checkin, &rows);
	bool first, done;

	if (error != DB_OK)
		return error;
	first = db_is_null(rows, 0, 1);
	done = strcmp(db_get_text(rows, 0, 1), checkin->name) == 0;
	if (db_get_int(rows, 0, 3) != 0)
		checkin->answer = CHECKIN_ADOPTED;
	else
		checkin->answer = first || knows(checkin, db_get_text(rows, 0, 1)) ? CHECKIN_TAKEN
										   : CHECKIN_OLD;
	checkin->runs = db_get_int(rows, 0, 0) + !done;
	snprintf(checkin->at, sizeof(checkin->at), "%s", db_get_text(rows, 0, 2));
	db_rows_free(rows);
	if (checkin->answer != CHECKIN_TAKEN)
		return DB_OK;
	if (!done)
		error = advance(db, checkin);
	return error == DB_OK ? find_back(db, checkin) : error;
}

enum db_error checkin_seen(struct db *db, void *user)
{
	struct checkin_seen *asked = user;
	struct db_value value[1 + CHECKIN_NUMBERS] = {db_text(asked->pool)};
	char sql[160 + 6 * CHECKIN_NUMBERS];
	char *text[CHECKIN_NUMBERS] = {NULL};
	struct db_rows *rows = NULL;
	enum db_error error = DB_OK;
	int used = snprintf(sql, sizeof(sql),
			    "SELECT u.number FROM numbers_used u JOIN pools p ON p.id = u.pool_id"
			    " WHERE p.name = $1 AND u.number IN (");

	for (size_t i = 0; i < asked->count && error == DB_OK; i++) {
		text[i] = store_escaped(asked->number[i], strlen(asked->number[i]));
		asked->seen[i] = false;
		value[1 + i] = db_text(text[i]);
		used += snprintf(sql + used, sizeof(sql) - (size_t)used, "%s$%zu", i ? "," : "",
				 i + 2);
		if (!text[i])
			error = db_fail(db, DB_MEMORY, "no memory");
	}
	snprintf(sql + used, sizeof(sql) - (size_t)used, ")");
	if (error == DB_OK && asked->count > 0)
		error = db_query(db, sql, value, 1 + asked->count, &rows);
	for (size_t row = 0; rows && row < db_rows_count(rows); row++) {
		for (size_t i = 0; i < asked->count; i++)
			asked->seen[i] |= strcmp(db_get_text(rows, row, 0), text[i]) == 0;
	}
	db_rows_free(rows);
	for (size_t i = 0; i < asked->count; i++)
		free(text[i]);
	return error;
}
