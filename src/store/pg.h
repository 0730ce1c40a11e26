/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PostgreSQL connection: libpq's asynchronous calls, so that each wait has an end. */
#ifndef STORE_PG_H
#define STORE_PG_H

#include <libpq-fe.h>

#include "backend.h"

struct pg {
	struct db db;
	PGconn *connection;
	bool broken; /* the connection cannot be used again */
};

struct pg *pg_of(struct db *db);

/* The parameters as libpq wants them: texts, numbers in decimal. */
struct pg_values {
	const char *text[DB_VALUES_MAX];
	char number[DB_VALUES_MAX][24];
};
enum db_error pg_values(struct pg *pg, struct pg_values *texts, const struct db_value *values,
			size_t count);

/* Sends all queued output, and reads input meanwhile. */
enum db_error pg_flush(struct pg *pg, int64_t deadline);

/* The next result of the statement, to be cleared; NULL: there are no more. */
enum db_error pg_result(struct pg *pg, int64_t deadline, PGresult **result);

/* DB_OK for a good result, or notes the error. */
enum db_error pg_judge(struct pg *pg, const PGresult *result);

/* Marks the connection as broken. */
enum db_error pg_lost(struct pg *pg, const char *what);

/* When a call that begins now must be over. */
int64_t pg_deadline(const struct pg *pg);

enum db_error pg_copy(struct db *db, const char *sql, const struct db_value *values, size_t columns,
		      size_t rows);

/* Connects; `why` on failure. */
enum db_error pg_connect(struct pg *pg, const char *url);

#endif
