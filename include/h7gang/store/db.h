/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One interface to both databases. A statement is constant text with $1, $2, ... in it; values are
 * bound, never pasted. Texts are UTF-8 without NUL. Used by one thread at a time.
 *
 * Every call is bounded by the patience the database was opened with. Errors come back as one of a
 * few kinds, with the words in db_why(). */
#ifndef H7GANG_STORE_DB_H
#define H7GANG_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum db_error {
	DB_OK = 0,
	DB_AWAY,       /* not reachable, or cannot write now (disk full): later, perhaps */
	DB_BUSY,       /* conflict with another transaction: repeat the whole one */
	DB_CONSTRAINT, /* the row contradicts another */
	DB_DAMAGED,    /* the database says that it is broken */
	DB_SCHEMA,     /* no store in there, or one of another version */
	DB_DENIED,     /* not allowed: role, password, file mode */
	DB_REFUSED,    /* the new rows contradict the old ones */
	DB_URL,        /* no such URL, or one that may not be used */
	DB_MOVED,      /* SQLite: the file was changed, moved or deleted by another program */
	DB_MEMORY,
	DB_OTHER
};

enum db_kind { DB_SQLITE, DB_POSTGRESQL };

enum db_value_kind { DB_NULL, DB_INT, DB_TEXT };

/* Texts are borrowed for the call. */
struct db_value {
	enum db_value_kind kind;
	int64_t number;
	const char *text; /* NUL-terminated */
};

static inline struct db_value db_null(void)
{
	return (struct db_value){.kind = DB_NULL};
}

static inline struct db_value db_int(int64_t number)
{
	return (struct db_value){.kind = DB_INT, .number = number};
}

/* NULL is SQL's NULL; "" is a text. */
static inline struct db_value db_text(const char *text)
{
	return (struct db_value){.kind = text ? DB_TEXT : DB_NULL, .text = text};
}

struct db;

/* `url`: "sqlite:PATH" or a "postgresql://..." of libpq's, without a password in it. */
struct db_options {
	bool create;         /* SQLite: make the file (0640) if it is missing */
	bool look;           /* SQLite: nothing is to be written, not even the files beside it */
	int64_t patience_ms; /* for one statement, connecting, or getting a lock; at least 1 */
};
enum db_error db_open(const char *url, const struct db_options *options, struct db **db, char *why,
		      size_t why_size);

/* Whether the URL is one, without trying it: DB_OK, or DB_URL and `why`. */
enum db_error db_check_url(const char *url, char *why, size_t why_size);

/* The files that a URL means now, to find out later whether they are still the same: the store, and
 * the files that SQLite keeps beside it while it is open. 0: of a server, or missing. */
struct db_file {
	uint64_t device, inode, wal, shm;
};
void db_file(const char *url, struct db_file *file);

void db_close(struct db *db); /* NULL is allowed; an open transaction is rolled back */

enum db_kind db_kind(const struct db *db);

/* The message of the last call that failed; one line, no secret. */
const char *db_why(const struct db *db);

/* The text for this database, where they differ. */
const char *db_pick(const struct db *db, const char *sqlite, const char *postgresql);

/* A transaction for writing. SQLite: BEGIN IMMEDIATE, so that it is alone. PostgreSQL: READ
 * COMMITTED; lock rows (FOR UPDATE) before deciding on them. After DB_AWAY from db_commit it is
 * unknown whether it was done: look. db_rollback is allowed at any time. */
enum db_error db_begin(struct db *db);
enum db_error db_commit(struct db *db);
void db_rollback(struct db *db);

/* Begins, calls `work`, commits if it returns DB_OK and rolls back otherwise; repeats all of it a
 * few times while the answer is DB_BUSY. `work` must not keep anything of a try that did not
 * succeed. */
enum db_error db_transaction(struct db *db, enum db_error (*work)(struct db *db, void *user),
			     void *user);

/* One statement. `changed` (may be NULL): rows written. */
enum db_error db_exec(struct db *db, const char *sql, const struct db_value *values, size_t count,
		      int64_t *changed);

/* Inserts many rows of `columns` values each, as fast as possible; stops at the first that fails,
 * and then only db_rollback may follow. `insert` is for SQLite, `copy` for PostgreSQL: "COPY ...
 * FROM STDIN (FORMAT binary)", with columns of type bigint for DB_INT and text for DB_TEXT. */
enum db_error db_load(struct db *db, const char *insert, const char *copy,
		      const struct db_value *values, size_t columns, size_t rows);

/* A statement with an answer, all of which is held in memory: limit it. Free in any case. */
struct db_rows;
enum db_error db_query(struct db *db, const char *sql, const struct db_value *values, size_t count,
		       struct db_rows **rows);
size_t db_rows_count(const struct db_rows *rows);
bool db_is_null(const struct db_rows *rows, size_t row, size_t column);
const char *db_get_text(const struct db_rows *rows, size_t row, size_t column); /* "" if NULL */
int64_t db_get_int(const struct db_rows *rows, size_t row, size_t column); /* 0 if it is none */
void db_rows_free(struct db_rows *rows);

/* Several statements without values, for the SQL files of this program alone. In PostgreSQL they
 * are one transaction unless one is open. */
enum db_error db_script(struct db *db, const char *sql);

#endif
