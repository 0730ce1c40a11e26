/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a log's rows into the store: in order, each once, in transactions of some hundred
 * rows. Whatever fails, what is in the store is a beginning of the log, and the same rows may be
 * offered again. */
#ifndef STORE_INTAKE_H
#define STORE_INTAKE_H

#include "batch.h"
#include "h7gang/store/push.h"

/* A log as the store has it. */
struct known_log {
	int64_t id; /* 0: not in the store yet */
	char genesis[SHA256_HEX_SIZE];
	int64_t head_seq;
	char head_hash[SHA256_HEX_SIZE];
};

struct store_intake {
	struct db *db;    /* borrowed; NULL: away */
	char *path;       /* of the file that rows are taken from */
	char *shown;      /* the same, escaped: a file may be called anything */
	char *header;     /* of it, until it is in the store */
	char *station;    /* of the log, by its first row here; escaped */
	char *offered_by; /* escaped */
	bool behind;      /* the store has lost rows that it had: all is to be begun anew */
	bool located;     /* `log` is that of the file */
	struct known_log log;
	struct audit_link last; /* row seen, whether it was new or not; seq 0: none */
	struct batch batch;
	struct known_log pending; /* what the log is once the transaction is committed */
	size_t pending_rows;
	struct store_pushed pushed;
	char why[1024];
};

/* Copies what is told; NULL: no memory. */
struct store_intake *intake_new(const char *offered_by);
void intake_free(struct store_intake *intake);

/* From here on rows are those of the file `path`. What was not flushed is dropped. DB_OK or
 * DB_MEMORY. */
enum db_error intake_file(struct store_intake *intake, const char *path, const char *header);

/* Offers the row that the walk gave. On any error but DB_REFUSED the same row may be offered again.
 */
enum db_error intake_row(struct store_intake *intake, const struct audit_walk *walk,
			 const struct audit_record *record);

/* Brings what was taken into the store. May be called again after a failure, with another
 * connection to the same store. DB_REFUSED: `why`. */
enum db_error intake_flush(struct store_intake *intake);

/* The file holds no further row, now. `whole`: and the log goes on in no other file, so that rows
 * that the store has behind it were cut off. */
enum db_error intake_end(struct store_intake *intake, bool whole);

/* The walk says that a row does not hold; `what`: what it says. */
enum db_error intake_broken(struct store_intake *intake, uint64_t seq, const char *what);

/* intake_log.c */

/* Which log in the store a file belongs to whose first row is this. `log->id` 0: none. */
enum db_error intake_find(struct store_intake *intake, const struct audit_link *first,
			  struct known_log *log);

/* A log whose first row was written anew looks like another log; but no two have the same attempt
 * of the same run in their first row. */
enum db_error intake_find_rewritten(struct store_intake *intake, const struct audit_record *record,
				    struct known_log *log);

/* Takes the log's station from its first row. */
enum db_error intake_keep_station(struct store_intake *intake, const struct audit_record *record);

/* The first row of an answer: id, genesis, head_seq, head_hash. `log->id` 0: there is none. */
void intake_take_log(struct known_log *log, const struct db_rows *rows);

/* Says what is wrong, and whether it is the database's word. Returns `error`. */
enum db_error intake_fail(struct store_intake *intake, enum db_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
enum db_error intake_db_failed(struct store_intake *intake, enum db_error error);

/* conflict.c: finds where the file and the store differ, records that as an incident, and reports
 * it. Returns DB_REFUSED, or what kept it from finding out. */
enum db_error intake_conflict(struct store_intake *intake);
enum db_error intake_incident(struct store_intake *intake, const char *kind, int64_t seq,
			      const char *stored, const char *offered);

/* Says that the log was changed after it was pushed: DB_REFUSED. `what`: why, or "". */
enum db_error intake_changed(struct store_intake *intake, int64_t seq, const char *what);

/* The hash that the store has of a row, "" if none. */
enum db_error intake_stored_hash(struct store_intake *intake, int64_t seq,
				 char hash[SHA256_HEX_SIZE]);

#endif
