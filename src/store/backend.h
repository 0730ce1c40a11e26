/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interface of a database, which db.c calls. */
#ifndef STORE_BACKEND_H
#define STORE_BACKEND_H

#include "h7gang/store/db.h"

#define DB_WHY_SIZE 2048  /* escaped; at most a quarter of it before */
#define DB_VALUES_MAX 128 /* of a statement */

struct backend {
	enum db_kind kind;
	void (*close)(struct db *db);
	enum db_error (*begin)(struct db *db);
	enum db_error (*query)(struct db *db, const char *sql, const struct db_value *values,
			       size_t count, struct db_rows *rows, int64_t *changed);
	enum db_error (*load)(struct db *db, const char *sql, const struct db_value *values,
			      size_t columns, size_t rows);
	enum db_error (*script)(struct db *db, const char *sql);
};

/* The first member of each backend's connection. */
struct db {
	const struct backend *backend;
	int64_t patience_ms;
	bool in_transaction;
	char why[DB_WHY_SIZE];
};

/* An answer, cell by cell. */
struct db_rows {
	size_t columns;
	size_t used, room;      /* cells */
	char **cell;            /* row by row; NULL: SQL's NULL */
	struct rows_text *text; /* the cells' texts, the newest first */
};

/* Adds a cell; false: no memory. `text` NULL is SQL's NULL. */
bool rows_add(struct db_rows *rows, const char *text, size_t length);

/* Notes the reason of an error: one line, without control characters. Returns `error`. */
enum db_error db_fail(struct db *db, enum db_error error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

enum db_error db_sqlite_open(const char *path, const struct db_options *options, struct db **db,
			     char *why, size_t why_size);
enum db_error db_pg_check_url(const char *url, char *why, size_t why_size);
enum db_error db_pg_open(const char *url, const struct db_options *options, struct db **db,
			 char *why, size_t why_size);

#endif
