/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PostgreSQL: one server, stations of many machines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg.h"

static bool take_rows(const PGresult *result, struct db_rows *rows)
{
	int count = PQntuples(result), columns = PQnfields(result);

	rows->columns = (size_t)columns;
	for (int i = 0; i < count; i++) {
		for (int k = 0; k < columns; k++) {
			const char *text =
				PQgetisnull(result, i, k) ? NULL : PQgetvalue(result, i, k);

			if (!rows_add(rows, text, (size_t)PQgetlength(result, i, k)))
				return false;
		}
	}
	return true;
}

/* Takes all results of the statements sent; the first error counts. The server answers a COMMIT in
 * a failed transaction with "ROLLBACK", which is no error of its own. */
static enum db_error take_results(struct pg *pg, bool commits, struct db_rows *rows,
				  int64_t *changed)
{
	int64_t deadline = pg_deadline(pg);
	enum db_error error = DB_OK;
	PGresult *result;

	for (;;) {
		enum db_error one = pg_result(pg, deadline, &result);

		if (one != DB_OK)
			return error != DB_OK ? error : one;
		if (!result)
			return error;
		if (error == DB_OK)
			error = pg_judge(pg, result);
		if (error == DB_OK && commits && strcmp(PQcmdStatus(result), "COMMIT") != 0)
			error = db_fail(&pg->db, DB_OTHER, "the server has rolled it back");
		if (error == DB_OK && changed)
			*changed = strtoll(PQcmdTuples(result), NULL, 10);
		if (error == DB_OK && rows && !take_rows(result, rows))
			error = db_fail(&pg->db, DB_MEMORY, "no memory");
		PQclear(result);
	}
}

static enum db_error query(struct db *db, const char *sql, const struct db_value *values,
			   size_t count, struct db_rows *rows, int64_t *changed)
{
	struct pg *pg = pg_of(db);
	struct pg_values texts;
	enum db_error error;

	if (pg->broken)
		return db->why[0] ? DB_AWAY : db_fail(db, DB_AWAY, "the connection is lost");
	error = pg_values(pg, &texts, values, count);
	if (error != DB_OK)
		return error;
	if (!PQsendQueryParams(pg->connection, sql, (int)count, NULL, texts.text, NULL, NULL, 0))
		return pg_lost(pg, NULL);
	return take_results(pg, strcmp(sql, "COMMIT") == 0, rows, changed);
}

static enum db_error script(struct db *db, const char *sql)
{
	struct pg *pg = pg_of(db);

	if (pg->broken)
		return db_fail(db, DB_AWAY, "the connection is lost");
	if (!PQsendQuery(pg->connection, sql))
		return pg_lost(pg, NULL);
	return take_results(pg, false, NULL, NULL);
}

static enum db_error begin(struct db *db)
{
	return query(db, "BEGIN ISOLATION LEVEL READ COMMITTED", NULL, 0, NULL, NULL);
}

static void close_pg(struct db *db)
{
	struct pg *pg = pg_of(db);

	PQfinish(pg->connection);
	free(pg);
}

static const struct backend backend = {
	.kind = DB_POSTGRESQL,
	.close = close_pg,
	.begin = begin,
	.query = query,
	.load = pg_copy,
	.script = script,
};

enum db_error db_pg_open(const char *url, const struct db_options *options, struct db **db,
			 char *why, size_t why_size)
{
	struct pg *pg = calloc(1, sizeof(*pg));
	enum db_error error;

	if (!pg) {
		snprintf(why, why_size, "no memory");
		return DB_MEMORY;
	}
	pg->db.backend = &backend;
	pg->db.patience_ms = options->patience_ms;
	error = pg_connect(pg, url);
	if (error == DB_OK) {
		*db = &pg->db;
		return DB_OK;
	}
	snprintf(why, why_size, "%s", pg->db.why);
	close_pg(&pg->db);
	return error;
}
