/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/pool.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "h7gang/audit/text.h"

#define COUNT(values) (sizeof(values) / sizeof((values)[0]))

/* --- joining --- */

static enum db_error refuse(struct db *db, const struct pool *pool, const char *what,
			    const char *there, const char *here)
{
	return db_fail(db, DB_REFUSED,
		       "the pool \"%s\" has another %s than this profile: %s there, %s here; a "
		       "range or list of its own needs a pool of its own",
		       pool->name, what, there, here);
}

/* A pool as the store has it. */
struct joined {
	int64_t id;
	uint64_t last, next;
};

static enum db_error compare(struct db *db, const struct pool *pool, const struct db_rows *rows)
{
	char first[24];

	snprintf(first, sizeof(first), "%" PRIu64, pool->first);
	if (strcmp(db_get_text(rows, 0, 1), pool->list ? "list" : "counter") != 0)
		return refuse(db, pool, "kind", db_get_text(rows, 0, 1),
			      pool->list ? "list" : "counter");
	if (strcmp(db_get_text(rows, 0, 4), pool->format) != 0)
		return refuse(db, pool, pool->list ? "list (SHA-256)" : "format",
			      db_get_text(rows, 0, 4), pool->format);
	if (strcmp(db_get_text(rows, 0, 2), first) != 0)
		return refuse(db, pool, "start", db_get_text(rows, 0, 2), first);
	return DB_OK;
}

/* Profiles reach a station one by one: a pool ends where the longest range does that any of them
 * has had, and each takes numbers up to its own end. */
static enum db_error widen(struct db *db, const struct pool *pool, struct joined *joined)
{
	const struct db_value values[] = {db_int(joined->id), db_int((int64_t)pool->last)};

	if (pool->last <= joined->last)
		return DB_OK;
	joined->last = pool->last;
	return db_exec(db, "UPDATE pools SET last = $2 WHERE id = $1 AND last < $2", values, 2,
		       NULL);
}

/* The row is held until the transaction ends: one station at a time takes numbers. */
static enum db_error find_pool(struct db *db, const struct pool *pool, struct db_rows **rows)
{
	const struct db_value name = db_text(pool->name);

	return db_query(db,
			db_pick(db,
				"SELECT id, kind, first, last, format, next FROM pools"
				" WHERE name = $1",
				"SELECT id, kind, first, last, format, next FROM pools"
				" WHERE name = $1 FOR NO KEY UPDATE"),
			&name, 1, rows);
}

static enum db_error make_pool(struct db *db, const struct pool *pool)
{
	const struct db_value values[] = {
		db_text(pool->name),          db_text(pool->list ? "list" : "counter"),
		db_int((int64_t)pool->first), db_int((int64_t)pool->last),
		db_text(pool->format),
	};

	return db_exec(db,
		       "INSERT INTO pools (name, kind, first, last, format, next)"
		       " VALUES ($1, $2, $3, $4, $5, $3) ON CONFLICT (name) DO NOTHING",
		       values, COUNT(values), NULL);
}

/* Existing rows count too. Connections that add rows meanwhile wait until they see the new name. */
static enum db_error name_profile(struct db *db, const struct pool *pool, int64_t id)
{
	const struct db_value values[] = {db_int(id), db_text(pool->profile)};
	struct db_rows *rows;
	enum db_error error =
		db_query(db, "SELECT 1 FROM pool_profiles WHERE pool_id = $1 AND profile = $2",
			 values, 2, &rows);
	bool known = error == DB_OK && db_rows_count(rows) > 0;

	db_rows_free(rows);
	if (error != DB_OK || known)
		return error;
	if (db_kind(db) == DB_POSTGRESQL) {
		error = db_query(db, "SELECT pg_advisory_xact_lock(hashtext('h7gang pools'))", NULL,
				 0, &rows);
		db_rows_free(rows);
	}
	if (error == DB_OK)
		error = db_exec(db,
				"INSERT INTO pool_profiles (pool_id, profile) VALUES ($1, $2)"
				" ON CONFLICT (profile) DO UPDATE SET pool_id = excluded.pool_id",
				values, 2, NULL);
	if (error == DB_OK)
		error = db_exec(
			db,
			"INSERT INTO numbers_used (pool_id, number, log_id, seq, run_id,"
			" unit_id, uid) SELECT $1, unit_serial, log_id, seq, run_id, unit_id,"
			" uid FROM attempts WHERE profile = $2 AND unit_serial IS NOT NULL"
			" AND command IN ('run', 'rework') ORDER BY log_id, seq"
			" ON CONFLICT (pool_id, number) DO NOTHING",
			values, 2, NULL);
	return error;
}

/* Skips numbers that the station gave out earlier. */
static enum db_error pass_over(struct db *db, const struct pool *pool, struct joined *joined)
{
	uint64_t used = pool->used < joined->last ? pool->used : joined->last;
	const struct db_value values[] = {db_int(joined->id), db_int((int64_t)used + 1)};

	if (joined->next <= pool->leased)
		return db_fail(db, DB_MOVED,
			       "the store was put back from a backup: it does not know this run's "
			       "leases; nothing more is given out in this run");
	if (pool->used == 0 || used < joined->next)
		return DB_OK;
	joined->next = used + 1;
	return db_exec(db,
		       "UPDATE pools SET skipped = skipped + $2 - next, next = $2"
		       " WHERE id = $1 AND next < $2",
		       values, 2, NULL);
}

/* The pool is locked from here on. */
static enum db_error join(struct db *db, const struct pool *pool, struct joined *joined)
{
	struct db_rows *rows;
	enum db_error error = find_pool(db, pool, &rows);

	if (error == DB_OK && db_rows_count(rows) == 0) {
		db_rows_free(rows);
		rows = NULL;
		error = make_pool(db, pool);
		if (error == DB_OK)
			error = find_pool(db, pool, &rows);
	}
	if (error == DB_OK)
		error = compare(db, pool, rows);
	if (error == DB_OK) {
		joined->id = db_get_int(rows, 0, 0);
		joined->last = (uint64_t)db_get_int(rows, 0, 3);
		joined->next = (uint64_t)db_get_int(rows, 0, 5);
	}
	db_rows_free(rows);
	if (error == DB_OK)
		error = name_profile(db, pool, joined->id);
	if (error == DB_OK)
		error = widen(db, pool, joined);
	return error == DB_OK ? pass_over(db, pool, joined) : error;
}

enum db_error pool_join(struct db *db, const struct pool *pool)
{
	struct joined joined;

	return join(db, pool, &joined);
}

/* --- leasing --- */

/* The range taken under this id, if there is one. */
static enum db_error find_lease(struct db *db, struct pool_lease *lease)
{
	const struct db_value id = db_text(lease->id);
	struct db_rows *rows;
	enum db_error error =
		db_query(db, "SELECT first, last FROM leases WHERE id = $1", &id, 1, &rows);

	lease->got = error == DB_OK && db_rows_count(rows) > 0;
	if (lease->got) {
		lease->first = (uint64_t)db_get_int(rows, 0, 0);
		lease->last = (uint64_t)db_get_int(rows, 0, 1);
	}
	db_rows_free(rows);
	return error;
}

static enum db_error check_turn(struct db *db, const struct pool_lease *lease)
{
	const struct db_value owner = db_text(lease->owner);
	struct db_rows *rows;
	enum db_error error = db_query(
		db, "SELECT coalesce(max(turn), 0) FROM leases WHERE owner = $1", &owner, 1, &rows);

	/* A store that was restored from a backup knows fewer numbers; the others are skipped. */
	if (error == DB_OK && db_get_int(rows, 0, 0) >= (int64_t)lease->turn)
		error = db_fail(db, DB_REFUSED,
				"this station's file of numbers has had %" PRIu64
				" leases, the store says %" PRId64
				": it is a copy, or an old state, of one that went on",
				lease->turn - 1, db_get_int(rows, 0, 0));
	db_rows_free(rows);
	return error;
}

/* Takes as much of the range as is wanted and the profile allows; it allows the first number. */
static void take_range(struct pool_lease *lease, uint64_t first, uint64_t last)
{
	if (last > lease->pool->last)
		last = lease->pool->last;
	lease->got = true;
	lease->first = first;
	lease->last = last - first < lease->size ? last : first + lease->size - 1;
}

/* Returned numbers are given out first: finds a range of them, up to *last. 0: there is none. */
static enum db_error find_free(struct db *db, struct pool_lease *lease, int64_t pool,
			       uint64_t *last)
{
	const struct db_value values[] = {db_int(pool), db_int((int64_t)lease->pool->last)};
	struct db_rows *rows;
	enum db_error error =
		db_query(db,
			 "SELECT first, last FROM pool_free WHERE pool_id = $1 AND first <= $2"
			 " ORDER BY first LIMIT 1",
			 values, 2, &rows);

	*last = 0;
	if (error == DB_OK && db_rows_count(rows) > 0) {
		*last = (uint64_t)db_get_int(rows, 0, 1);
		take_range(lease, (uint64_t)db_get_int(rows, 0, 0), *last);
	}
	db_rows_free(rows);
	return error;
}

/* They are leased now. */
static enum db_error take_free(struct db *db, const struct pool_lease *lease, int64_t pool,
			       uint64_t last)
{
	const struct db_value values[] = {db_int(pool), db_int((int64_t)lease->first),
					  db_int((int64_t)lease->last + 1)};

	if (lease->last == last)
		return db_exec(db, "DELETE FROM pool_free WHERE pool_id = $1 AND first = $2",
			       values, 2, NULL);
	return db_exec(db, "UPDATE pool_free SET first = $3 WHERE pool_id = $1 AND first = $2",
		       values, 3, NULL);
}

static enum db_error take_next(struct db *db, const struct pool_lease *lease, int64_t pool)
{
	const struct db_value values[] = {db_int(pool), db_int((int64_t)lease->last + 1)};

	return db_exec(db, "UPDATE pools SET next = $2 WHERE id = $1", values, 2, NULL);
}

static enum db_error write_lease(struct db *db, const struct pool_lease *lease, int64_t pool)
{
	const struct db_value values[] = {
		db_text(lease->id),
		db_int(pool),
		db_text(lease->owner),
		db_int((int64_t)lease->turn),
		db_text(station_name(lease->station)),
		db_int((int64_t)lease->first),
		db_int((int64_t)lease->last),
	};

	return db_exec(db,
		       "INSERT INTO leases (id, pool_id, owner, turn, station, first, last)"
		       " VALUES ($1, $2, $3, $4, $5, $6, $7)",
		       values, COUNT(values), NULL);
}

/* Refuses numbers outside the profile's range, even if the store offers them. */
static enum db_error check_range(struct db *db, const struct pool_lease *lease)
{
	const struct pool *pool = lease->pool;

	if (!lease->got || (lease->first >= pool->first && lease->first <= lease->last &&
			    lease->last <= pool->last))
		return DB_OK;
	return db_fail(db, DB_REFUSED,
		       "the store gives %" PRIu64 " to %" PRIu64 " of the pool \"%s\", which has "
		       "%" PRIu64 " to %" PRIu64,
		       lease->first, lease->last, pool->name, pool->first, pool->last);
}

/* The database checks a lease against the pool and its free numbers as they were before it. */
static enum db_error take_lease(struct db *db, struct pool_lease *lease,
				const struct joined *joined)
{
	uint64_t last;
	enum db_error error = find_free(db, lease, joined->id, &last);

	if (error == DB_OK && !lease->got && joined->next <= lease->pool->last)
		take_range(lease, joined->next, joined->last);
	if (error == DB_OK)
		error = check_range(db, lease);
	if (error != DB_OK || !lease->got)
		return error;
	error = write_lease(db, lease, joined->id);
	if (error != DB_OK)
		return error;
	return last ? take_free(db, lease, joined->id, last) : take_next(db, lease, joined->id);
}

enum db_error pool_lease(struct db *db, void *user)
{
	struct pool_lease *lease = user;
	struct joined joined;
	enum db_error error;

	/* Before anything is decided the pool is locked: two processes with one file may ask at
	 * once under one id. */
	error = join(db, lease->pool, &joined);
	if (error == DB_OK)
		error = find_lease(db, lease);
	if (error != DB_OK || lease->got)
		return error == DB_OK ? check_range(db, lease) : error;
	lease->pool_last = joined.last;
	error = check_turn(db, lease);
	return error == DB_OK ? take_lease(db, lease, &joined) : error;
}

enum db_error pool_return(struct db *db, void *user)
{
	const struct pool_return *back = user;
	const struct db_value values[] = {
		db_text(back->id),
		db_int((int64_t)back->first),
		db_text(back->reuse ? "reuse" : "burn"),
	};
	int64_t changed = 0;
	enum db_error error = db_exec(db,
				      db_pick(db,
					      "UPDATE leases SET returned_first = $2, fate = $3,"
					      " returned_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
					      " WHERE id = $1 AND returned_first IS NULL",
					      "UPDATE leases SET returned_first = $2, fate = $3,"
					      " returned_at = to_char(now() AT TIME ZONE 'UTC',"
					      " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
					      " WHERE id = $1 AND returned_first IS NULL"),
				      values, COUNT(values), &changed);

	if (error != DB_OK || changed == 0 || !back->reuse)
		return error;
	return db_exec(db,
		       "INSERT INTO pool_free (pool_id, first, last)"
		       " SELECT pool_id, returned_first, last FROM leases WHERE id = $1",
		       values, 1, NULL);
}

/* --- finding --- */

enum db_error pool_find(struct db *db, void *user)
{
	struct pool_find *find = user;
	const struct db_value values[] = {db_text(find->uid), db_text(find->pool),
					  db_int(find->failed)};
	struct db_rows *rows;
	enum db_error error = db_query(
		db,
		"SELECT a.unit_serial, a.result FROM attempts a"
		" JOIN pool_profiles f ON f.profile = a.profile"
		" JOIN pools p ON p.id = f.pool_id"
		" WHERE a.uid = $1 AND p.name = $2 AND a.unit_serial IS NOT NULL"
		" AND a.command IN ('run', 'rework') AND (a.result = 'PASS' OR $3 = 1)"
		" ORDER BY CASE WHEN a.result = 'PASS' THEN 0 ELSE 1 END, a.finished_ms DESC,"
		" a.seq DESC LIMIT 1",
		values, COUNT(values), &rows);
	size_t length;

	find->number[0] = '\0';
	find->passed = false;
	if (error == DB_OK && db_rows_count(rows) > 0) {
		snprintf(find->number, sizeof(find->number), "%s", db_get_text(rows, 0, 0));
		length = strlen(find->number);
		/* The store has texts escaped. */
		if (!audit_text_unescape(find->number, &length))
			find->number[0] = '\0';
		find->passed = strcmp(db_get_text(rows, 0, 1), "PASS") == 0;
	}
	db_rows_free(rows);
	return error;
}
