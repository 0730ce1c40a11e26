/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log that is pushed: the file that rows are taken from, and the log of the store that it is.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/store/store.h"
#include "intake.h"

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
	char *copy = strdup(path), *head = strdup(header),
	     *shown = store_escaped(path, strlen(path));

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

void intake_take_log(struct known_log *log, const struct db_rows *rows)
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
		intake_take_log(log, rows);
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

enum db_error intake_find_rewritten(struct store_intake *intake, const struct audit_record *record,
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

enum db_error intake_keep_station(struct store_intake *intake, const struct audit_record *record)
{
	char *station =
		store_escaped(record->field[STORE_station], record->field_length[STORE_station]);

	if (!station)
		return intake_fail(intake, DB_MEMORY, "no memory");
	free(intake->station);
	intake->station = station;
	return DB_OK;
}
