/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings a log's rows into the store: in order, each once, in transactions of some hundred rows.
 * After any failure, the store has the first rows of the log, and the same rows may be offered
 * again. */
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
	char *shown;      /* the same, escaped: a file can have any name */
	char *header;     /* of it, until it is in the store */
	char *station;    /* of the log, by its first row here; escaped */
	char *offered_by; /* escaped */
	bool behind;      /* the store has lost rows: start over from its head */
	bool located;     /* `log` is that of the file */
	bool contradicts; /* a refused row is a fork, changed, cut or broken */
	struct known_log log;
	struct audit_link last; /* row seen, whether it was new or not; seq 0: none */
	struct batch batch;
	struct known_log pending; /* `log` after the transaction is committed */
	size_t pending_rows;
	struct store_pushed pushed;
	char why[1024];
};

/* Copies `offered_by`. NULL: no memory. */
struct store_intake *intake_new(const char *offered_by);
void intake_free(struct store_intake *intake);

/* The rows from here on are those of the file `path`. Rows that were not flushed are dropped. DB_OK
 * or DB_MEMORY. */
enum db_error intake_file(struct store_intake *intake, const char *path, const char *header);

/* Offers the row that the walk gave. On any error but DB_REFUSED the same row may be offered again.
 */
enum db_error intake_row(struct store_intake *intake, const struct audit_walk *walk,
			 const struct audit_record *record);

/* Writes the accepted rows to the store. May be called again after a failure, with another
 * connection to the same store. DB_REFUSED: `why`. */
enum db_error intake_flush(struct store_intake *intake);

/* The file has no further row now. `whole`: and no other file continues the log, so that further
 * rows in the store were cut off from the log. */
enum db_error intake_end(struct store_intake *intake, bool whole);

/* The walk found a row with a wrong hash; `what`: its message. */
enum db_error intake_broken(struct store_intake *intake, uint64_t seq, const char *what);

/* intake_log.c */

/* The log in the store of a file with this first row. `log->id` 0: none. */
enum db_error intake_find(struct store_intake *intake, const struct audit_link *first,
			  struct known_log *log);

/* A log with a rewritten first row looks like another log, but no two logs have the same attempt of
 * the same run in their first row. */
enum db_error intake_find_rewritten(struct store_intake *intake, const struct audit_record *record,
				    struct known_log *log);

/* Takes the log's station from its first row. */
enum db_error intake_keep_station(struct store_intake *intake, const struct audit_record *record);

/* The first row of an answer: id, genesis, head_seq, head_hash. `log->id` 0: there is none. */
void intake_take_log(struct known_log *log, const struct db_rows *rows);

/* Notes the reason of an error. Returns `error`. */
enum db_error intake_fail(struct store_intake *intake, enum db_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
enum db_error intake_db_failed(struct store_intake *intake, enum db_error error);

/* conflict.c: finds where the file and the store differ, records that as an incident, and reports
 * it. Returns DB_REFUSED, or the error that kept it from finding out. */
enum db_error intake_conflict(struct store_intake *intake);
enum db_error intake_incident(struct store_intake *intake, const char *kind, int64_t seq,
			      const char *stored, const char *offered);

/* Says that the log was changed after it was pushed: DB_REFUSED. `what`: why, or "". */
enum db_error intake_changed(struct store_intake *intake, int64_t seq, const char *what);

/* The hash that the store has of a row, "" if none. */
enum db_error intake_stored_hash(struct store_intake *intake, int64_t seq,
				 char hash[SHA256_HEX_SIZE]);

#endif
