/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/store/store.h"

#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

static enum db_error locate(struct store_intake *intake, const struct audit_link *link,
			    const struct audit_record *record)
{
	enum db_error error = intake_keep_station(intake, record);

	if (error == DB_OK)
		error = intake_find(intake, link, &intake->log);
	if (error != DB_OK)
		return error;
	if (intake->log.id == 0) {
		error = intake_find_rewritten(intake, record, &intake->log);
		if (error == DB_OK && intake->log.id != 0)
			error = intake_conflict(intake);
		if (error != DB_OK)
			return error;
		intake->pushed.early = link->seq > 1;
		if (intake->pushed.early)
			return intake_fail(intake, DB_REFUSED,
					   "%s: row %" PRIu64 " follows a row that the store does "
					   "not have: push the files before this one first",
					   intake->path, link->seq);
		memcpy(intake->log.genesis, link->row_hash, SHA256_HEX_SIZE);
		memcpy(intake->log.head_hash, NO_HASH, SHA256_HEX_SIZE);
	}
	intake->located = true;
	return DB_OK;
}

/* --- rows --- */

enum db_error intake_row(struct store_intake *intake, const struct audit_walk *walk,
			 const struct audit_record *record)
{
	const struct audit_link *link = audit_walk_link(walk);
	enum db_error error = DB_OK;
	const char *problem;

	if (!intake->located)
		error = locate(intake, link, record);
	if (error == DB_OK && batch_full(&intake->batch))
		error = intake_flush(intake);
	if (error != DB_OK)
		return error;
	/* If the row at the store's head is the same, the chain makes all earlier rows the same. */
	if (link->seq <= (uint64_t)intake->log.head_seq) {
		if (link->seq == (uint64_t)intake->log.head_seq &&
		    strcmp(link->row_hash, intake->log.head_hash) != 0)
			return intake_conflict(intake);
		intake->last = *link;
		intake->pushed.known++;
		return DB_OK;
	}
	problem = batch_add(&intake->batch, walk, record);
	if (problem)
		return intake_fail(intake, DB_REFUSED, "%s: row %" PRIu64 ": %s", intake->path,
				   link->seq, problem);
	intake->last = *link;
	return DB_OK;
}

/* --- into the store --- */

/* Takes the log's row for this transaction alone, and makes it for a new log. */
static enum db_error lock_log(struct store_intake *intake, struct db *db, struct known_log *log)
{
	const struct db_value values[] = {
		db_text(intake->log.genesis),
		db_text(intake->station),
		db_text(intake->shown),
		db_text(NO_HASH),
	};
	struct db_rows *rows = NULL;
	enum db_error error = DB_OK;

	if (intake->log.id == 0)
		error = db_exec(db,
				"INSERT INTO logs (genesis, station, path, head_seq, head_hash)"
				" VALUES ($1, $2, $3, 0, $4) ON CONFLICT (genesis) DO NOTHING",
				values, 4, NULL);
	if (error == DB_OK)
		error = db_query(db,
				 db_pick(db,
					 "SELECT id, genesis, head_seq, head_hash FROM logs"
					 " WHERE genesis = $1",
					 "SELECT id, genesis, head_seq, head_hash FROM logs"
					 " WHERE genesis = $1 FOR UPDATE"),
				 values, 1, &rows);
	if (error == DB_OK)
		intake_take_log(log, rows);
	db_rows_free(rows);
	return error;
}

static enum db_error put_header(struct store_intake *intake, struct db *db, int64_t log_id)
{
	const struct db_value values[] = {
		db_int(log_id),
		db_int((int64_t)intake->batch.link[0].seq),
		db_text(intake->header),
	};
	struct db_rows *rows = NULL;
	enum db_error error;
	bool same;

	if (!intake->header)
		return DB_OK;
	error = db_query(db,
			 "SELECT header FROM headers WHERE log_id = $1 AND first_seq <= $2"
			 " ORDER BY first_seq DESC LIMIT 1",
			 values, 2, &rows);
	same = error == DB_OK && strcmp(db_get_text(rows, 0, 0), intake->header) == 0;
	db_rows_free(rows);
	if (error != DB_OK || same)
		return error;
	return db_exec(db, "INSERT INTO headers (log_id, first_seq, header) VALUES ($1, $2, $3)",
		       values, 3, NULL);
}

static enum db_error move_head(struct store_intake *intake, struct db *db, int64_t log_id)
{
	const struct audit_link *last = &intake->batch.link[intake->batch.rows - 1];
	const struct db_value values[] = {
		db_int(log_id),
		db_int((int64_t)last->seq),
		db_text(last->row_hash),
		db_text(intake->shown),
	};

	return db_exec(
		db,
		db_pick(db,
			"UPDATE logs SET head_seq = $2, head_hash = $3, path = $4,"
			" pushed_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = $1",
			"UPDATE logs SET head_seq = $2, head_hash = $3, path = $4, pushed_at ="
			" to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
			" WHERE id = $1"),
		values, 4, NULL);
}

/* Where the batch continues the store's rows; another program may have pushed the same log. */
static enum db_error fit(struct store_intake *intake, const struct known_log *log, size_t *from)
{
	const struct batch *batch = &intake->batch;
	uint64_t head = (uint64_t)log->head_seq, first = batch->link[0].seq;

	intake->behind = head + 1 < first || log->id == 0;
	if (intake->behind)
		return intake_fail(intake, DB_AWAY,
				   "the store has fewer rows of this log than it had: it was "
				   "restored from a backup");
	*from = head >= first ? (size_t)(head - first) + 1 : 0;
	if (*from > batch->rows)
		*from = batch->rows; /* compared at the end of the file */
	else if (strcmp(*from ? batch->link[*from - 1].row_hash : batch->link[0].prev_hash,
			log->head_hash) != 0)
		return intake_fail(intake, DB_REFUSED, "not the same rows");
	return DB_OK;
}

static enum db_error put_batch(struct db *db, void *user)
{
	struct store_intake *intake = user;
	struct known_log log = {0};
	size_t from = 0;
	enum db_error error = store_check(db);

	if (error == DB_OK)
		error = lock_log(intake, db, &log);
	if (error == DB_OK)
		error = fit(intake, &log, &from);
	if (error == DB_OK && from < intake->batch.rows) {
		error = put_header(intake, db, log.id);
		if (error == DB_OK)
			error = batch_insert(&intake->batch, db, log.id, from);
		if (error == DB_OK)
			error = move_head(intake, db, log.id);
	}
	if (error == DB_OK) {
		const struct audit_link *last = &intake->batch.link[intake->batch.rows - 1];

		if (from < intake->batch.rows) {
			log.head_seq = (int64_t)last->seq;
			memcpy(log.head_hash, last->row_hash, SHA256_HEX_SIZE);
		}
		intake->pending = log;
		intake->pending_rows = intake->batch.rows - from;
	}
	return error;
}

enum db_error intake_flush(struct store_intake *intake)
{
	enum db_error error;

	if (intake->batch.rows == 0)
		return DB_OK;
	if (!intake->db)
		return intake_fail(intake, DB_AWAY, "the store is away");
	intake->why[0] = '\0';
	error = db_transaction(intake->db, put_batch, intake);
	if (error == DB_REFUSED)
		return intake_conflict(intake);
	if (error != DB_OK)
		return intake->why[0] ? error : intake_db_failed(intake, error);
	intake->log = intake->pending;
	intake->pushed.rows += intake->pending_rows;
	intake->pushed.known += intake->batch.rows - intake->pending_rows;
	free(intake->header);
	intake->header = NULL;
	batch_clear(&intake->batch);
	return DB_OK;
}

/* --- the end --- */

/* Whether the last row of the file is the one that the store has. */
static enum db_error compare_last(struct store_intake *intake)
{
	const struct db_value values[] = {db_int(intake->log.id),
					  db_int((int64_t)intake->last.seq)};
	struct db_rows *rows = NULL;
	enum db_error error =
		db_query(intake->db, "SELECT row_hash FROM attempts WHERE log_id = $1 AND seq = $2",
			 values, 2, &rows);
	bool same = error == DB_OK && strcmp(db_get_text(rows, 0, 0), intake->last.row_hash) == 0;

	db_rows_free(rows);
	if (error != DB_OK)
		return intake_db_failed(intake, error);
	return same ? DB_OK : intake_conflict(intake);
}

enum db_error intake_end(struct store_intake *intake, bool whole)
{
	enum db_error error = intake_flush(intake);

	if (error != DB_OK || !intake->located ||
	    intake->last.seq >= (uint64_t)intake->log.head_seq)
		return error;
	if (!intake->db)
		return intake_fail(intake, DB_AWAY, "the store is away");
	error = compare_last(intake);
	if (error != DB_OK || !whole)
		return error;
	error = intake_incident(intake, "cut", (int64_t)intake->last.seq + 1, intake->log.head_hash,
				intake->last.row_hash);
	if (error != DB_OK)
		return error;
	return intake_fail(intake, DB_REFUSED,
			   "%s: station %s's log was cut after it was pushed: it ends at row "
			   "%" PRIu64 ", the store has rows to %" PRId64,
			   intake->path, intake->station, intake->last.seq, intake->log.head_seq);
}

enum db_error intake_broken(struct store_intake *intake, uint64_t seq, const char *what)
{
	bool pushed = intake->located && seq <= (uint64_t)intake->log.head_seq;
	char hash[SHA256_HEX_SIZE] = "";
	enum db_error error = intake_flush(intake); /* the rows before it hold */

	intake->contradicts = true;
	if (error == DB_OK && intake->located && intake->log.id != 0) {
		error = intake_stored_hash(intake, (int64_t)seq, hash);
		if (error == DB_OK)
			error = intake_incident(intake, pushed ? "changed" : "broken", (int64_t)seq,
						hash, "");
	}
	if (error != DB_OK)
		return error;
	if (pushed)
		return intake_changed(intake, (int64_t)seq, what);
	return intake_fail(intake, DB_REFUSED, "%s: %s", intake->path, what);
}
