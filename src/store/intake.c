/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "intake.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/audit/text.h"
#include "h7gang/store/store.h"

#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

/* --- making one --- */

struct store_intake *intake_new(const char *offered_by)
{
	struct store_intake *intake = calloc(1, sizeof(*intake));

	if (!intake)
		return NULL;
	intake->offered_by = store_escaped(offered_by, strlen(offered_by));
	if (intake->offered_by && batch_open(&intake->batch) == 0)
		return intake;
	free(intake->offered_by);
	free(intake);
	return NULL;
}

void intake_free(struct store_intake *intake)
{
	if (!intake)
		return;
	batch_close(&intake->batch);
	free(intake->station);
	free(intake->header);
	free(intake->shown);
	free(intake->path);
	free(intake->offered_by);
	free(intake);
}

enum db_error intake_fail(struct store_intake *intake, enum db_error error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(intake->why, sizeof(intake->why), format, arguments);
	va_end(arguments);
	return error;
}

enum db_error intake_db_failed(struct store_intake *intake, enum db_error error)
{
	if (error == DB_OK || error == DB_REFUSED)
		return error;
	return intake_fail(intake, error, "%s", intake->db ? db_why(intake->db) : "away");
}

enum db_error intake_file(struct store_intake *intake, const char *path, const char *header)
{
	char *copy = strdup(path), *head = strdup(header), *shown = store_escaped(path, strlen(path));

	if (!copy || !head || !shown) {
		free(shown);
		free(copy);
		free(head);
		return intake_fail(intake, DB_MEMORY, "no memory");
	}
	free(intake->path);
	free(intake->shown);
	free(intake->header);
	intake->path = copy;
	intake->shown = shown;
	intake->header = head;
	intake->located = false;
	memset(&intake->last, 0, sizeof(intake->last));
	batch_clear(&intake->batch);
	return DB_OK;
}

/* --- which log it is --- */

static void take_log(struct known_log *log, const struct db_rows *rows)
{
	memset(log, 0, sizeof(*log));
	if (db_rows_count(rows) == 0)
		return;
	log->id = db_get_int(rows, 0, 0);
	snprintf(log->genesis, sizeof(log->genesis), "%s", db_get_text(rows, 0, 1));
	log->head_seq = db_get_int(rows, 0, 2);
	snprintf(log->head_hash, sizeof(log->head_hash), "%s", db_get_text(rows, 0, 3));
}

static enum db_error look_up(struct store_intake *intake, const char *sql,
			     const struct db_value *values, size_t count, struct known_log *log)
{
	struct db_rows *rows = NULL;
	enum db_error error = db_query(intake->db, sql, values, count, &rows);

	if (error == DB_OK)
		take_log(log, rows);
	db_rows_free(rows);
	return intake_db_failed(intake, error);
}

/* By its first row, or, for a file that goes on with another one, by the row before. Each log is
 * asked for that row by its key: there are few logs. */
enum db_error intake_find(struct store_intake *intake, const struct audit_link *first,
			  struct known_log *log)
{
	const struct db_value genesis[] = {db_text(first->row_hash)};
	const struct db_value before[] = {db_int((int64_t)first->seq - 1),
					  db_text(first->prev_hash)};
	enum db_error error;

	memset(log, 0, sizeof(*log));
	if (!intake->db)
		return intake_fail(intake, DB_AWAY, "the store is away");
	error = look_up(intake,
			"SELECT id, genesis, head_seq, head_hash FROM logs WHERE genesis = $1",
			genesis, 1, log);
	if (error == DB_OK && log->id == 0 && first->seq > 1)
		error = look_up(intake,
				"SELECT l.id, l.genesis, l.head_seq, l.head_hash FROM logs l"
				" JOIN attempts a ON a.log_id = l.id AND a.seq = $1"
				" WHERE a.row_hash = $2",
				before, 2, log);
	return error;
}

/* A log whose first row was written anew looks like another log; but no two have the same attempt
 * of the same run in their first row. */
static enum db_error rewritten(struct store_intake *intake, const struct audit_record *record,
			       struct known_log *log)
{
	const struct db_value values[] = {
		db_text(record->field[STORE_run_id]),
		db_text(record->field[STORE_unit_id]),
		db_int(strtoll(record->field[STORE_attempt], NULL, 10)),
		db_int(strtoll(record->field[STORE_seq], NULL, 10)),
	};

	return look_up(intake,
		       "SELECT l.id, l.genesis, l.head_seq, l.head_hash FROM logs l"
		       " JOIN attempts a ON a.log_id = l.id AND a.seq = $4"
		       " WHERE a.run_id = $1 AND a.unit_id = $2 AND a.attempt = $3",
		       values, 4, log);
}

static enum db_error keep_station(struct store_intake *intake, const struct audit_record *record)
{
	char *station = store_escaped(record->field[STORE_station], record->field_length[STORE_station]);

	if (!station)
		return intake_fail(intake, DB_MEMORY, "no memory");
	free(intake->station);
	intake->station = station;
	return DB_OK;
}

static enum db_error locate(struct store_intake *intake, const struct audit_link *link,
			    const struct audit_record *record)
{
	enum db_error error = keep_station(intake, record);

	if (error == DB_OK)
		error = intake_find(intake, link, &intake->log);
	if (error != DB_OK)
		return error;
	if (intake->log.id == 0) {
		error = rewritten(intake, record, &intake->log);
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
	/* What the store has, it has by the same chain if the row at its head is the same. */
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
		take_log(log, rows);
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

/* Where the batch goes on with what the store has; another program may have pushed the same log. */
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
