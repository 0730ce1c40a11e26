/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/given.h"

#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "claim_private.h"
#include "h7gang/base/text.h"

#define NUMBER_SIZE (4 * 65) /* of a number or a profile's name, escaped */

/* The store has texts escaped. */
static bool escaped(const char *text, char *to, size_t size)
{
	size_t length = text_csv(text, strlen(text), to, size - 1);

	if (length == TEXT_NO_ROOM)
		return false;
	to[length] = 0;
	return true;
}

/* The run itself knows the numbers of its own units. Looks at claims before rows: a claim that ends
 * in between leaves a row. */
static enum db_error elsewhere(struct db *db, struct given_number *given, const char *scope)
{
	const struct db_value values[] = {db_text(scope), db_text(station_run(given->station))};
	struct db_rows *rows;
	enum db_error error = db_query(db,
				       "SELECT station FROM open_claims WHERE kind = 'number'"
				       " AND scope = $1 AND run_id <> $2 LIMIT 1",
				       values, sizeof(values) / sizeof(values[0]), &rows);

	given->busy = error == DB_OK && db_rows_count(rows) > 0;
	if (given->busy)
		snprintf(given->where, sizeof(given->where), "%s", db_get_text(rows, 0, 0));
	db_rows_free(rows);
	return error;
}

static enum db_error find(struct db *db, struct given_number *given, const char *number,
			  const char *profile)
{
	const struct db_value values[] = {db_text(number), db_text(profile)};
	struct db_rows *rows;
	enum db_error error = db_query(db,
				       "SELECT a.uid, a.result FROM attempts a"
				       " WHERE a.unit_serial = $1 AND a.profile = $2"
				       " AND a.command IN ('run', 'rework')"
				       " ORDER BY CASE WHEN a.result = 'PASS' THEN 0 ELSE 1 END,"
				       " a.finished_ms DESC, a.seq DESC LIMIT 1",
				       values, sizeof(values) / sizeof(values[0]), &rows);

	if (error == DB_OK && db_rows_count(rows) > 0) {
		const char *uid = db_get_text(rows, 0, 0);

		given->known = true;
		given->passed = strcmp(db_get_text(rows, 0, 1), "PASS") == 0;
		snprintf(given->uid, sizeof(given->uid), "%s", uid ? uid : "");
	}
	db_rows_free(rows);
	return error;
}

enum db_error given_number(struct db *db, void *user)
{
	struct given_number *given = user;
	char number[NUMBER_SIZE], profile[NUMBER_SIZE], scope[2 * NUMBER_SIZE];
	enum db_error error;

	if (!escaped(given->number, number, sizeof(number)) ||
	    !escaped(given->profile, profile, sizeof(profile)))
		return DB_REFUSED;
	/* No pool has such a name. */
	snprintf(scope, sizeof(scope), "%s=%s", profile, number);
	error = claim_lock_scope(db, CLAIM_NUMBER, scope);
	if (error == DB_OK)
		error = claim_end_all(db, CLAIM_NUMBER, given->station, given->ended);
	if (error == DB_OK)
		error = elsewhere(db, given, scope);
	if (error == DB_OK)
		error = find(db, given, number, profile);
	if (error != DB_OK || given->busy)
		return error;
	return claim_make(db, given->station, station_run(given->station), CLAIM_NUMBER, scope,
			  &given->unit, false, NULL);
}
