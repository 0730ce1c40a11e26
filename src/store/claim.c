/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/claim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "claim_private.h"
#include "h7gang/store/pool.h"

#define COUNT(values) (sizeof(values) / sizeof((values)[0]))

static const char kind_lot[] = "lot", kind_number[] = CLAIM_NUMBER;

static struct db_value text_or_null(const char *text)
{
	return db_text(text[0] ? text : NULL);
}

bool claim_units_add(struct claim_units *units, const char *unit_id, const char *uid)
{
	struct claim_unit *unit;

	if (units->count == units->room) {
		size_t room = units->room ? 2 * units->room : 16;
		struct claim_unit *more = reallocarray(units->unit, room, sizeof(*more));

		if (!more)
			return false;
		units->unit = more;
		units->room = room;
	}
	unit = &units->unit[units->count++];
	snprintf(unit->unit_id, sizeof(unit->unit_id), "%s", unit_id);
	snprintf(unit->uid, sizeof(unit->uid), "%s", uid);
	return true;
}

bool claim_units_drop(struct claim_units *units, const char *unit_id)
{
	for (size_t i = 0; i < units->count; i++) {
		if (strcmp(units->unit[i].unit_id, unit_id) != 0)
			continue;
		units->unit[i] = units->unit[--units->count];
		return true;
	}
	return false;
}

/* Until the transaction ends, no other station decides about this scope (a lot, or a pool of
 * numbers). */
enum db_error claim_lock_scope(struct db *db, const char *kind, const char *scope)
{
	const struct db_value values[] = {db_text(kind), db_text(scope)};
	enum db_error error = db_exec(db,
				      "INSERT INTO claim_scopes (kind, scope) VALUES ($1, $2)"
				      " ON CONFLICT (kind, scope) DO NOTHING",
				      values, 2, NULL);
	struct db_rows *rows;

	if (error != DB_OK || db_kind(db) == DB_SQLITE)
		return error;
	error = db_query(db,
			 "SELECT 1 FROM claim_scopes WHERE kind = $1 AND scope = $2"
			 " FOR NO KEY UPDATE",
			 values, 2, &rows);
	db_rows_free(rows);
	return error;
}

enum db_error claim_make(struct db *db, const struct station *station, const char *run_id,
			 const char *kind, const char *scope, const struct claim_unit *unit,
			 bool ahead, int64_t *made)
{
	const struct db_value values[] = {
		db_text(kind),
		db_text(scope),
		db_text(run_id),
		db_text(unit->unit_id),
		text_or_null(unit->uid),
		db_int(ahead),
		db_text(station_owner(station)),
		db_text(station_name(station)),
	};

	return db_exec(
		db,
		"INSERT INTO claims (kind, scope, run_id, unit_id, uid, ahead, owner, station)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
		" ON CONFLICT (run_id, unit_id, kind) DO NOTHING",
		values, COUNT(values), made);
}

static enum db_error end(struct db *db, const char *kind, const char *run_id, const char *unit_id)
{
	const struct db_value values[] = {db_text(kind), db_text(run_id), db_text(unit_id)};

	return db_exec(db, "DELETE FROM claims WHERE kind = $1 AND run_id = $2 AND unit_id = $3",
		       values, COUNT(values), NULL);
}

enum db_error claim_end_all(struct db *db, const char *kind, const struct station *station,
			    const struct claim_units *ended)
{
	enum db_error error = DB_OK;

	for (size_t i = 0; i < ended->count && error == DB_OK; i++)
		error = end(db, kind, station_run(station), ended->unit[i].unit_id);
	return error;
}

/* --- places in a lot --- */

static enum db_error give_up_ahead(struct db *db, const struct claim_lot *claim)
{
	const struct db_value values[] = {db_text(station_run(claim->station)),
					  db_text(claim->lot)};

	return db_exec(db,
		       "DELETE FROM claims WHERE kind = 'lot' AND run_id = $1 AND ahead = 1"
		       " AND unit_id = (SELECT min(unit_id) FROM claims WHERE kind = 'lot'"
		       " AND run_id = $1 AND scope = $2 AND ahead = 1)",
		       values, 2, NULL);
}

static enum db_error give_up_all(struct db *db, const struct claim_lot *claim)
{
	const struct db_value run = db_text(station_run(claim->station));

	return db_exec(db, "DELETE FROM claims WHERE kind = 'lot' AND run_id = $1 AND ahead = 1",
		       &run, 1, NULL);
}

/* A unit that was begun in a place taken ahead gets a claim of its own for it, unless its row came
 * first. */
static enum db_error settle(struct db *db, const struct claim_lot *claim,
			    const struct claim_unit *unit)
{
	const char *run_id = station_run(claim->station);
	const struct db_value values[] = {db_text(run_id), db_text(unit->unit_id),
					  db_text(claim->lot)};
	struct db_rows *rows;
	int64_t made = 0;
	enum db_error error =
		db_query(db,
			 "SELECT 1 FROM attempts WHERE run_id = $1 AND unit_id = $2 AND lot = $3"
			 " AND result = 'PASS' LIMIT 1",
			 values, COUNT(values), &rows);
	bool came = error == DB_OK && db_rows_count(rows) > 0;

	db_rows_free(rows);
	if (error != DB_OK || came)
		return error;
	error = claim_make(db, claim->station, run_id, kind_lot, claim->lot, unit, false, &made);
	return error == DB_OK && made ? give_up_ahead(db, claim) : error;
}

/* One statement, and so one moment: a row that comes in meanwhile is in both of its counts or in
 * neither. */
static enum db_error count(struct db *db, struct claim_lot *claim, bool *has_passed)
{
	static const char sql[] =
		"SELECT"
		" (SELECT count(DISTINCT a.uid) + count(*) - count(a.uid) FROM attempts a"
		"  WHERE a.lot = $1 AND a.result = 'PASS' AND a.command IN ('run', 'rework')),"
		" (SELECT count(DISTINCT c.uid) FROM open_claims c WHERE c.kind = 'lot'"
		"  AND c.scope = $1 AND NOT (c.run_id = $3 AND c.unit_id = $4)"
		"  AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.lot = $1 AND a.uid = c.uid"
		"   AND a.result = 'PASS' AND a.command IN ('run', 'rework')))"
		" + (SELECT count(*) FROM open_claims c WHERE c.kind = 'lot' AND c.scope = $1"
		"  AND c.uid IS NULL AND NOT (c.run_id = $3 AND c.unit_id = $4)),"
		" (SELECT count(*) FROM claims c WHERE c.kind = 'lot' AND c.scope = $1"
		"  AND c.run_id = $3 AND c.ahead = 1),"
		" (SELECT count(*) FROM attempts a WHERE a.lot = $1 AND a.uid = $2"
		"  AND a.result = 'PASS' AND a.command IN ('run', 'rework')),"
		" (SELECT min(c.station) FROM open_claims c WHERE c.kind = 'lot' AND c.scope = $1"
		"  AND c.uid = $2 AND NOT (c.run_id = $3 AND c.unit_id = $4))";
	const struct db_value values[] = {
		db_text(claim->lot),
		text_or_null(claim->unit.uid),
		db_text(station_run(claim->station)),
		db_text(claim->unit.unit_id),
	};
	struct db_rows *rows;
	enum db_error error = db_query(db, sql, values, COUNT(values), &rows);

	if (error == DB_OK) {
		claim->passed = (uint64_t)db_get_int(rows, 0, 0);
		claim->flying = (uint64_t)db_get_int(rows, 0, 1);
		claim->has_ahead = (unsigned)db_get_int(rows, 0, 2);
		*has_passed = db_get_int(rows, 0, 3) > 0;
		snprintf(claim->where, sizeof(claim->where), "%s", db_get_text(rows, 0, 4));
	}
	db_rows_free(rows);
	return error;
}

static enum db_error decide(struct db *db, struct claim_lot *claim)
{
	bool has_passed, full;
	enum db_error error = count(db, claim, &has_passed);

	if (error != DB_OK || !claim->unit.unit_id[0])
		return error;
	claim->answer = CLAIM_MADE;
	full = claim->quantity && !has_passed && !claim->where[0] &&
	       claim->passed + claim->flying >= claim->quantity;
	if (claim->once && claim->where[0])
		claim->answer = CLAIM_ON_TRAY;
	else if (claim->once && has_passed && !claim->rework)
		claim->answer = CLAIM_PASSED;
	else if (full && claim->has_ahead == 0)
		claim->answer = CLAIM_FULL;
	if (claim->answer != CLAIM_MADE)
		return DB_OK;
	if (full) {
		error = give_up_ahead(db, claim);
		claim->has_ahead--;
	} else if (!has_passed && !claim->where[0]) {
		claim->flying++;
	}
	return error == DB_OK ? claim_make(db, claim->station, station_run(claim->station),
					   kind_lot, claim->lot, &claim->unit, false, NULL)
			      : error;
}

/* As many as wanted, up to the free room. */
static enum db_error look_ahead(struct db *db, struct claim_lot *claim)
{
	struct claim_unit place = {.uid = ""};
	uint64_t total = claim->passed + claim->flying;
	enum db_error error = DB_OK;
	int64_t made;

	while (error == DB_OK && claim->has_ahead < claim->ahead &&
	       (claim->quantity == 0 || total < claim->quantity)) {
		char id[STATION_ID_SIZE];

		if (!station_new_id(id))
			return db_fail(db, DB_OTHER, "no random numbers");
		snprintf(place.unit_id, sizeof(place.unit_id), "ahead-%s", id);
		error = claim_make(db, claim->station, station_run(claim->station), kind_lot,
				   claim->lot, &place, true, &made);
		claim->has_ahead++;
		total++;
	}
	return error;
}

enum db_error claim_lot(struct db *db, void *user)
{
	struct claim_lot *claim = user;
	enum db_error error = claim_lock_scope(db, kind_lot, claim->lot);

	if (error == DB_OK)
		error = claim_end_all(db, kind_lot, claim->station, claim->ended);
	for (size_t i = 0; i < claim->made->count && error == DB_OK; i++)
		error = settle(db, claim, &claim->made->unit[i]);
	if (error == DB_OK && claim->last)
		return give_up_all(db, claim);
	if (error == DB_OK)
		error = decide(db, claim);
	return error == DB_OK ? look_ahead(db, claim) : error;
}

/* --- a board's number --- */

/* Claims before rows: a claim that ends in between leaves a row to be seen. */
static enum db_error elsewhere(struct db *db, struct claim_number *claim)
{
	const struct db_value values[] = {
		db_text(claim->pool),
		db_text(claim->unit.uid),
		db_text(station_run(claim->station)),
		db_text(claim->unit.unit_id),
	};
	struct db_rows *rows;
	enum db_error error = db_query(db,
				       "SELECT station FROM open_claims WHERE kind = 'number'"
				       " AND scope = $1 AND uid = $2"
				       " AND NOT (run_id = $3 AND unit_id = $4) LIMIT 1",
				       values, COUNT(values), &rows);

	claim->busy = error == DB_OK && db_rows_count(rows) > 0;
	if (claim->busy)
		snprintf(claim->where, sizeof(claim->where), "%s", db_get_text(rows, 0, 0));
	db_rows_free(rows);
	return error;
}

enum db_error claim_number(struct db *db, void *user)
{
	struct claim_number *claim = user;
	struct pool_find find = {
		.pool = claim->pool, .uid = claim->unit.uid, .failed = claim->keep};
	enum db_error error = claim_lock_scope(db, kind_number, claim->pool);

	if (error == DB_OK)
		error = claim_end_all(db, kind_number, claim->station, claim->ended);
	if (error != DB_OK || !claim->unit.unit_id[0])
		return error;
	error = elsewhere(db, claim);
	if (error == DB_OK)
		error = pool_find(db, &find);
	if (error != DB_OK)
		return error;
	snprintf(claim->number, sizeof(claim->number), "%s", find.number);
	claim->passed = find.passed;
	if (find.passed)
		claim->busy = false; /* the board has its number, on whichever slot it is now */
	if (claim->busy)
		return DB_OK;
	return claim_make(db, claim->station, station_run(claim->station), kind_number, claim->pool,
			  &claim->unit, false, NULL);
}

/* --- after a killed run --- */

void claim_left_free(struct claim_recovery *recovery)
{
	for (size_t i = 0; i < recovery->count; i++)
		free(recovery->left[i].scope);
	free(recovery->left);
	recovery->left = NULL;
	recovery->count = 0;
}

bool claim_left_is_place(const struct claim_left *left)
{
	return strcmp(left->kind, kind_lot) == 0;
}

/* False: no memory. */
static bool take_left(struct claim_recovery *recovery, const struct db_rows *rows)
{
	size_t count = db_rows_count(rows);

	recovery->left = calloc(count + 1, sizeof(*recovery->left));
	if (!recovery->left)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct claim_left *left = &recovery->left[i];

		snprintf(left->kind, sizeof(left->kind), "%s", db_get_text(rows, i, 0));
		snprintf(left->run_id, sizeof(left->run_id), "%s", db_get_text(rows, i, 1));
		snprintf(left->unit.unit_id, sizeof(left->unit.unit_id), "%s",
			 db_get_text(rows, i, 2));
		snprintf(left->unit.uid, sizeof(left->unit.uid), "%s", db_get_text(rows, i, 3));
		left->scope = strdup(db_get_text(rows, i, 4));
		if (!left->scope)
			return false;
		recovery->count++;
	}
	return true;
}

enum db_error claim_list_left(struct db *db, void *user)
{
	struct claim_recovery *recovery = user;
	const struct db_value values[] = {db_text(station_owner(recovery->station)),
					  db_text(station_run(recovery->station)),
					  db_text(station_name(recovery->station))};
	struct db_rows *rows;
	enum db_error error = db_query(db,
				       "SELECT kind, run_id, unit_id, uid, scope FROM claims"
				       " WHERE owner = $1 AND run_id <> $2 AND station = $3",
				       values, COUNT(values), &rows);

	claim_left_free(recovery);
	if (error == DB_OK && !take_left(recovery, rows))
		error = db_fail(db, DB_MEMORY, "no memory");
	db_rows_free(rows);
	return error;
}

static int order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The units of that lot whose pass the store has, sorted: "RUN UNIT". Free the array, then `rows`.
 */
static enum db_error known_passes(struct db *db, const char *lot, struct db_rows **rows,
				  const char ***known)
{
	const struct db_value value = db_text(lot);
	enum db_error error =
		db_query(db,
			 "SELECT run_id || ' ' || unit_id FROM attempts WHERE lot = $1"
			 " AND result = 'PASS' AND command IN ('run', 'rework')",
			 &value, 1, rows);
	size_t count = error == DB_OK ? db_rows_count(*rows) : 0;

	*known = NULL;
	if (error != DB_OK)
		return error;
	*known = calloc(count + 1, sizeof(**known));
	if (!*known)
		return db_fail(db, DB_MEMORY, "no memory");
	for (size_t i = 0; i < count; i++)
		(*known)[i] = db_get_text(*rows, i, 0);
	qsort(*known, count, sizeof(**known), order);
	return DB_OK;
}

static enum db_error claim_passes(struct db *db, const struct claim_recovery *recovery)
{
	struct db_rows *rows = NULL;
	const char **known = NULL;
	enum db_error error = known_passes(db, recovery->lot, &rows, &known);

	for (size_t i = 0; i < recovery->passes && error == DB_OK; i++) {
		const struct claim_pass *pass = &recovery->pass[i];
		char text[128];
		const char *key = text;

		snprintf(text, sizeof(text), "%s %s", pass->run_id, pass->unit.unit_id);
		if (bsearch(&key, known, db_rows_count(rows), sizeof(*known), order))
			continue;
		error = claim_make(db, recovery->station, pass->run_id, kind_lot, recovery->lot,
				   &pass->unit, false, NULL);
	}
	free(known);
	db_rows_free(rows);
	return error;
}

enum db_error claim_recover(struct db *db, void *user)
{
	const struct claim_recovery *recovery = user;
	const struct db_value owner = db_text(station_owner(recovery->station));
	enum db_error error = DB_OK;

	if (recovery->passes > 0) {
		error = claim_lock_scope(db, kind_lot, recovery->lot);
		if (error == DB_OK)
			error = claim_passes(db, recovery);
	}
	for (size_t i = 0; i < recovery->count && error == DB_OK; i++) {
		const struct claim_left *left = &recovery->left[i];

		if (!left->passed)
			error = end(db, left->kind, left->run_id, left->unit.unit_id);
	}
	if (error != DB_OK || recovery->count == 0)
		return error;
	/* A claim may have been made after the row of its pass had come. */
	return db_exec(db,
		       "DELETE FROM claims WHERE owner = $1 AND NOT EXISTS"
		       " (SELECT 1 FROM open_claims o WHERE o.kind = claims.kind"
		       " AND o.run_id = claims.run_id AND o.unit_id = claims.unit_id)",
		       &owner, 1, NULL);
}
