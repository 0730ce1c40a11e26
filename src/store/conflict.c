/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds where a log and the store differ, and records it as an incident, with the numbers of the
 * refused rows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/store/store.h"
#include "intake.h"

#define PAGE 1000 /* rows of the store at a time */

/* Rows of the store from a number on. */
struct stored {
	struct db_rows *rows;
	int64_t first;
};

enum stored_column { COL_HASH, COL_RUN, COL_UNIT, COL_ATTEMPT };

static enum db_error stored_row(struct store_intake *intake, struct stored *stored, int64_t seq,
				size_t *row)
{
	const struct db_value values[] = {db_int(intake->log.id), db_int(seq),
					  db_int(seq + PAGE - 1)};
	enum db_error error = DB_OK;

	if (!stored->rows || seq >= stored->first + PAGE) {
		db_rows_free(stored->rows);
		stored->rows = NULL;
		stored->first = seq;
		error = db_query(intake->db,
				 "SELECT row_hash, run_id, unit_id, attempt FROM attempts"
				 " WHERE log_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq",
				 values, 3, &stored->rows);
	}
	*row = (size_t)(seq - stored->first);
	return error;
}

enum db_error intake_incident(struct store_intake *intake, const char *kind, int64_t seq,
			      const char *stored, const char *offered)
{
	const struct db_value values[] = {
		db_int(intake->log.id),
		db_text(kind),
		db_int(seq),
		db_text(stored),
		db_text(offered),
		db_text(intake->shown),
		db_text(intake->offered_by),
	};

	intake->contradicts = true;
	return intake_db_failed(
		intake,
		db_exec(intake->db,
			"INSERT INTO incidents (log_id, kind, seq, stored_hash, offered_hash,"
			" path, offered_by) VALUES ($1, $2, $3, $4, $5, $6, $7)"
			" ON CONFLICT (log_id, kind, seq, offered_hash) DO NOTHING",
			values, 7, NULL));
}

enum db_error intake_changed(struct store_intake *intake, int64_t seq, const char *what)
{
	return intake_fail(intake, DB_REFUSED,
			   "%s: station %s's log was changed after it was pushed: row %" PRId64
			   "%s%s",
			   intake->path, intake->station, seq, *what ? ": " : "", what);
}

/* The same attempt with other words was changed; another attempt in the same place is a second log
 * that went on from a copy of the first. */
static enum db_error judge(struct store_intake *intake, const struct db_rows *rows, size_t row,
			   const struct audit_record *record, const struct audit_link *link)
{
	bool same = strcmp(db_get_text(rows, row, COL_RUN), record->field[STORE_run_id]) == 0 &&
		    strcmp(db_get_text(rows, row, COL_UNIT), record->field[STORE_unit_id]) == 0 &&
		    strcmp(db_get_text(rows, row, COL_ATTEMPT), record->field[STORE_attempt]) == 0;
	enum db_error error = intake_incident(intake, same ? "changed" : "fork", (int64_t)link->seq,
					      db_get_text(rows, row, COL_HASH), link->row_hash);

	if (error != DB_OK)
		return error;
	if (same)
		return intake_changed(intake, (int64_t)link->seq, "");
	return intake_fail(intake, DB_REFUSED,
			   "%s: a fork of station %s's log: row %" PRIu64 " continues row %" PRIu64
			   ", but the store has another row %" PRIu64,
			   intake->path, intake->station, link->seq, link->seq - 1, link->seq);
}

/* DB_OK: this row is the one that the store has. */
static enum db_error compare(struct store_intake *intake, struct stored *stored,
			     const struct audit_walk *walk, const struct audit_record *record)
{
	const struct audit_link *link = audit_walk_link(walk);
	size_t row;
	enum db_error error = stored_row(intake, stored, (int64_t)link->seq, &row);

	if (error != DB_OK)
		return intake_db_failed(intake, error);
	if (row < db_rows_count(stored->rows) &&
	    strcmp(db_get_text(stored->rows, row, COL_HASH), link->row_hash) == 0)
		return DB_OK;
	return judge(intake, stored->rows, row, record, link);
}

/* A number of a refused row, as the store has texts. */
struct refused {
	char *number, *profile, *uid, *run, *unit;
};

static char *escaped(const struct audit_record *record, enum store_field field)
{
	return store_escaped(record->field[field], record->field_length[field]);
}

static void refused_free(struct refused *refused)
{
	free(refused->number);
	free(refused->profile);
	free(refused->uid);
	free(refused->run);
	free(refused->unit);
}

static enum db_error note_number(struct db *db, void *user)
{
	static const char use[] =
		"INSERT INTO numbers_used (pool_id, number, log_id, seq, run_id, unit_id, uid)"
		" SELECT pool_id, $2, 0, 0, $3, $4, $5 FROM pool_profiles WHERE profile = $1"
		" ON CONFLICT (pool_id, number) DO NOTHING";
	static const char twice[] =
		"INSERT INTO doubles (pool_id, number, first_log_id, first_seq, log_id, seq,"
		" station, uid, row_hash) SELECT u.pool_id, u.number, u.log_id, u.seq, $6, $7, $8,"
		" CAST($5 AS TEXT), $9 FROM pool_profiles p JOIN numbers_used u ON u.pool_id = "
		"p.pool_id"
		" WHERE p.profile = $1 AND u.number = $2"
		" AND (u.uid IS NULL OR CAST($5 AS TEXT) IS NULL OR u.uid <> CAST($5 AS TEXT))"
		" AND NOT (u.run_id = $3 AND u.unit_id = $4) ON CONFLICT DO NOTHING";
	const struct db_value *values = user;
	enum db_error error = db_exec(db, use, values, 5, NULL);

	return error == DB_OK ? db_exec(db, twice, values, 9, NULL) : error;
}

/* A board may have the number of a refused row, so v_doubles tells if another one has it. A store
 * that is away hears of it with the next push. */
static void note_refused(struct store_intake *intake, const struct audit_walk *walk,
			 const struct audit_record *record)
{
	const struct audit_link *link = audit_walk_link(walk);
	const char *command = record->field[STORE_command];
	struct refused refused;

	if (!record->field[STORE_unit_serial][0] ||
	    (strcmp(command, "run") != 0 && strcmp(command, "rework") != 0))
		return;
	refused = (struct refused){.number = escaped(record, STORE_unit_serial),
				   .profile = escaped(record, STORE_profile),
				   .uid = escaped(record, STORE_uid),
				   .run = escaped(record, STORE_run_id),
				   .unit = escaped(record, STORE_unit_id)};
	if (refused.number && refused.profile && refused.uid && refused.run && refused.unit) {
		struct db_value values[] = {
			db_text(refused.profile),
			db_text(refused.number),
			db_text(refused.run),
			db_text(refused.unit),
			db_text(refused.uid[0] ? refused.uid : NULL),
			db_int(intake->log.id),
			db_int((int64_t)link->seq),
			db_text(intake->station),
			db_text(link->row_hash),
		};

		db_transaction(intake->db, note_number, values);
	}
	refused_free(&refused);
}

enum db_error intake_conflict(struct store_intake *intake)
{
	struct stored stored = {0};
	struct audit_walk *walk;
	const struct audit_record *record;
	enum audit_read read;
	enum db_error error = DB_OK;
	char why[200];

	if (audit_walk_open(intake->path, &walk, why, sizeof(why)) != AUDIT_OK)
		return intake_fail(intake, DB_OTHER, "%s: %s", intake->path, why);
	do {
		read = audit_walk_next(walk, &record);
		if (read == AUDIT_READ_ROW && error == DB_OK)
			error = compare(intake, &stored, walk, record);
		if (read == AUDIT_READ_ROW && error == DB_REFUSED)
			note_refused(intake, walk, record);
	} while (read == AUDIT_READ_ROW && (error == DB_OK || error == DB_REFUSED));
	if (error == DB_OK)
		error = intake_fail(intake, DB_AWAY, "%s: it changed while it was read",
				    intake->path);
	db_rows_free(stored.rows);
	audit_walk_close(walk);
	return error;
}

enum db_error intake_stored_hash(struct store_intake *intake, int64_t seq,
				 char hash[SHA256_HEX_SIZE])
{
	struct stored stored = {0};
	size_t row;
	enum db_error error = stored_row(intake, &stored, seq, &row);

	hash[0] = '\0';
	if (error == DB_OK)
		snprintf(hash, SHA256_HEX_SIZE, "%s", db_get_text(stored.rows, row, COL_HASH));
	db_rows_free(stored.rows);
	return intake_db_failed(intake, error);
}
