/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many rows by one statement, in libpq's pipeline mode: none waits for the answer to the one
 * before. */
#include <stdlib.h>

#include "h7gang/base/clock.h"
#include "pg.h"

static enum db_error send_all(struct pg *pg, const char *sql, const struct db_value *values,
			      size_t columns, size_t rows, int64_t deadline)
{
	struct pg_values texts;
	enum db_error error = DB_OK;

	if (!PQsendPrepare(pg->connection, "", sql, (int)columns, NULL))
		return pg_lost(pg, NULL);
	for (size_t i = 0; i < rows && error == DB_OK; i++) {
		error = pg_values(pg, &texts, values + i * columns, columns);
		if (error == DB_OK && !PQsendQueryPrepared(pg->connection, "", (int)columns,
							   texts.text, NULL, NULL, 0))
			error = pg_lost(pg, NULL);
		/* Otherwise the buffers of both directions could fill up, and each side wait for
		 * the other. */
		if (error == DB_OK && i % 64 == 63)
			error = pg_flush(pg, deadline);
	}
	if (error == DB_OK && !PQpipelineSync(pg->connection))
		error = pg_lost(pg, NULL);
	return error;
}

static enum db_error take_all(struct pg *pg, int64_t deadline)
{
	enum db_error error = DB_OK;
	bool synced = false;
	PGresult *result;

	while (!synced && !pg->broken) {
		enum db_error one = pg_result(pg, deadline, &result);

		if (one != DB_OK)
			return error != DB_OK ? error : one;
		if (!result)
			continue; /* between the answers */
		synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
		if (error == DB_OK)
			error = pg_judge(pg, result);
		PQclear(result);
	}
	return error;
}

enum db_error pg_many(struct db *db, const char *sql, const struct db_value *values, size_t columns,
		      size_t rows)
{
	struct pg *pg = pg_of(db);
	int64_t deadline = pg_deadline(pg);
	enum db_error error;

	if (pg->broken)
		return db_fail(db, DB_AWAY, "the connection is lost");
	if (rows == 0)
		return DB_OK;
	if (!PQenterPipelineMode(pg->connection))
		return pg_lost(pg, NULL);
	error = send_all(pg, sql, values, columns, rows, deadline);
	if (error == DB_OK)
		error = take_all(pg, deadline);
	if (!pg->broken && !PQexitPipelineMode(pg->connection))
		return pg_lost(pg, NULL);
	return error;
}
