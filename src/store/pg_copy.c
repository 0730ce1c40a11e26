/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many rows by COPY ... FROM STDIN (FORMAT binary): values travel as bytes with their length,
 * nothing is quoted. PostgreSQL, "COPY", File Formats, Binary Format. Columns must be of type
 * bigint or text. */
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "pg.h"

/* Signature, flags, length of the header's extension. */
static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
#define HEAD_SIZE 19
#define PIECE ((size_t)64 * 1024) /* bytes handed over at once */
#define SLOWEST 8                 /* bytes a millisecond that a line to the server must carry */

struct copy {
	struct pg *pg;
	int64_t deadline;
	char *data;
	size_t used, room;
};

static void put_bytes(struct copy *copy, uint64_t number, unsigned bytes)
{
	while (bytes-- > 0)
		copy->data[copy->used++] = (char)(number >> (8 * bytes) & 0xff);
}

/* libpq takes all of it or, while its buffer is full and the server slow, nothing. On a slow line,
 * the bytes in the system's buffers also take time. */
static enum db_error hand_over(struct copy *copy)
{
	enum db_error error = DB_OK;
	int taken = 0;

	copy->deadline += (int64_t)(copy->used / SLOWEST) * CLOCK_MS;

	while (error == DB_OK && copy->used > 0 && taken <= 0) {
		taken = PQputCopyData(copy->pg->connection, copy->data, (int)copy->used);
		if (taken < 0)
			error = pg_lost(copy->pg, NULL);
		else if (taken == 0)
			error = pg_flush(copy->pg, copy->deadline);
	}
	copy->used = 0;
	return error == DB_OK ? pg_flush(copy->pg, copy->deadline) : error;
}

static enum db_error make_room(struct copy *copy, size_t bytes)
{
	char *grown;
	enum db_error error = DB_OK;

	if (copy->used >= PIECE)
		error = hand_over(copy);
	if (error != DB_OK || copy->used + bytes <= copy->room)
		return error;
	grown = realloc(copy->data, copy->used + bytes + PIECE);
	if (!grown)
		return db_fail(&copy->pg->db, DB_MEMORY, "no memory");
	copy->data = grown;
	copy->room = copy->used + bytes + PIECE;
	return DB_OK;
}

static enum db_error put_value(struct copy *copy, const struct db_value *value)
{
	size_t length = value->kind == DB_TEXT ? strlen(value->text) : 8;
	enum db_error error = make_room(copy, length + 4);

	if (error != DB_OK)
		return error;
	if (value->kind == DB_NULL) {
		put_bytes(copy, UINT32_MAX, 4);
		return DB_OK;
	}
	put_bytes(copy, length, 4);
	if (value->kind == DB_INT) {
		put_bytes(copy, (uint64_t)value->number, 8);
		return DB_OK;
	}
	memcpy(copy->data + copy->used, value->text, length);
	copy->used += length;
	return DB_OK;
}

static enum db_error put_rows(struct copy *copy, const struct db_value *values, size_t columns,
			      size_t rows)
{
	enum db_error error = DB_OK;

	copy->room = 2 * PIECE;
	copy->data = malloc(copy->room);
	if (!copy->data)
		return db_fail(&copy->pg->db, DB_MEMORY, "no memory");
	memcpy(copy->data, head, HEAD_SIZE);
	copy->used = HEAD_SIZE;
	for (size_t i = 0; i < rows && error == DB_OK; i++) {
		error = make_room(copy, 2);
		if (error == DB_OK)
			put_bytes(copy, columns, 2);
		for (size_t k = 0; k < columns && error == DB_OK; k++)
			error = put_value(copy, &values[i * columns + k]);
	}
	if (error == DB_OK)
		error = make_room(copy, 2);
	if (error != DB_OK)
		return error;
	put_bytes(copy, UINT16_MAX, 2);
	return hand_over(copy);
}

/* A slow line must not end the transaction again and again with the same rows. Only a second push
 * of the same log waits for it. */
static enum db_error give_time(struct db *db)
{
	struct db_rows *rows;
	enum db_error error = db_query(db, "SELECT set_config('statement_timeout', '600000', true)",
				       NULL, 0, &rows);

	db_rows_free(rows);
	return error;
}

/* "COPY" has been sent; the server says that it is ready for the data. */
static enum db_error begin(struct pg *pg, const char *sql, int64_t deadline)
{
	PGresult *result;
	enum db_error error;

	if (!PQsendQuery(pg->connection, sql))
		return pg_lost(pg, NULL);
	error = pg_result(pg, deadline, &result);
	if (error == DB_OK && PQresultStatus(result) != PGRES_COPY_IN)
		error = pg_judge(pg, result);
	PQclear(result);
	return error;
}

static enum db_error end(struct pg *pg, int64_t deadline, const char *give_up)
{
	enum db_error error = DB_OK;
	PGresult *result;
	int taken;

	while ((taken = PQputCopyEnd(pg->connection, give_up)) == 0 && error == DB_OK)
		error = pg_flush(pg, deadline);
	if (taken < 0)
		error = pg_lost(pg, NULL);
	do {
		enum db_error one = pg->broken ? DB_AWAY : pg_result(pg, deadline, &result);

		if (one != DB_OK)
			return error != DB_OK ? error : one;
		if (result && error == DB_OK)
			error = pg_judge(pg, result);
		PQclear(result);
	} while (result);
	return error;
}

enum db_error pg_copy(struct db *db, const char *sql, const struct db_value *values, size_t columns,
		      size_t rows)
{
	struct copy copy = {.pg = pg_of(db)};
	enum db_error error, ended;

	if (copy.pg->broken)
		return db_fail(db, DB_AWAY, "the connection is lost");
	error = give_time(db);
	if (error != DB_OK)
		return error;
	copy.deadline = pg_deadline(copy.pg);
	error = begin(copy.pg, sql, copy.deadline);
	if (error != DB_OK)
		return error;
	error = put_rows(&copy, values, columns, rows);
	free(copy.data);
	ended = end(copy.pg, copy.deadline, error == DB_OK ? NULL : "given up");
	return error != DB_OK ? error : ended;
}
