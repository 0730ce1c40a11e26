/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls to an open database of either kind. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/base/clock.h"
#include "h7gang/base/text.h"
#include "h7gang/store/store.h"

#define TRIES 8        /* of a transaction that conflicts with others */
#define TRY_AGAIN_MS 5 /* before the second; doubled each time */

enum db_error db_fail(struct db *db, enum db_error error, const char *format, ...)
{
	char said[DB_WHY_SIZE / 4];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	vsnprintf(said, sizeof(said), format, arguments);
	va_end(arguments);
	length = strlen(said);
	while (length > 0 && isspace((unsigned char)said[length - 1]))
		said[--length] = '\0';
	for (size_t i = 0; i < length; i++) {
		if (iscntrl((unsigned char)said[i]))
			said[i] = ' ';
	}
	/* The text may quote values from the store, or may not come from a database at all: escape
	 * controls beyond ASCII and bytes that are not UTF-8. */
	length = text_csv(said, length, db->why, sizeof(db->why) - 1);
	db->why[length < sizeof(db->why) ? length : 0] = '\0';
	return error;
}

char *store_escaped(const char *text, size_t length)
{
	char *copy = malloc(4 * length + 1);
	size_t used = copy ? text_csv(text, length, copy, 4 * length) : 0;

	if (copy)
		copy[used == TEXT_NO_ROOM ? 0 : used] = '\0';
	return copy;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	db->backend->close(db);
}

enum db_kind db_kind(const struct db *db)
{
	return db->backend->kind;
}

const char *db_why(const struct db *db)
{
	return db->why;
}

const char *db_pick(const struct db *db, const char *sqlite, const char *postgresql)
{
	return db->backend->kind == DB_SQLITE ? sqlite : postgresql;
}

enum db_error db_begin(struct db *db)
{
	enum db_error error = db->backend->begin(db);

	db->in_transaction = error == DB_OK;
	return error;
}

enum db_error db_commit(struct db *db)
{
	enum db_error error = db->backend->query(db, "COMMIT", NULL, 0, NULL, NULL);

	if (error == DB_OK)
		db->in_transaction = false;
	else
		db_rollback(db);
	return error;
}

void db_rollback(struct db *db)
{
	char why[DB_WHY_SIZE];

	if (!db->in_transaction)
		return;
	/* The first error is worth more than one of the rollback. */
	memcpy(why, db->why, sizeof(why));
	db->backend->query(db, "ROLLBACK", NULL, 0, NULL, NULL);
	memcpy(db->why, why, sizeof(why));
	db->in_transaction = false;
}

enum db_error db_transaction(struct db *db, enum db_error (*work)(struct db *db, void *user),
			     void *user)
{
	int64_t deadline = clock_after_ms(db->patience_ms);
	enum db_error error = DB_BUSY;
	int64_t pause = TRY_AGAIN_MS;

	for (unsigned i = 0; i < TRIES && error == DB_BUSY; i++) {
		if (i > 0 && clock_now() >= deadline)
			break;
		if (i > 0) {
			clock_wait_other(-1, 0, pause);
			pause *= 2;
		}
		error = db_begin(db);
		if (error != DB_OK)
			continue;
		error = work(db, user);
		if (error == DB_OK)
			error = db_commit(db);
		else
			db_rollback(db);
	}
	return error;
}

enum db_error db_exec(struct db *db, const char *sql, const struct db_value *values, size_t count,
		      int64_t *changed)
{
	return db->backend->query(db, sql, values, count, NULL, changed);
}

enum db_error db_load(struct db *db, const char *insert, const char *copy,
		      const struct db_value *values, size_t columns, size_t rows)
{
	return db->backend->load(db, db_pick(db, insert, copy), values, columns, rows);
}

enum db_error db_query(struct db *db, const char *sql, const struct db_value *values, size_t count,
		       struct db_rows **rows)
{
	enum db_error error;

	*rows = calloc(1, sizeof(**rows));
	if (!*rows)
		return db_fail(db, DB_MEMORY, "no memory");
	error = db->backend->query(db, sql, values, count, *rows, NULL);
	if (error != DB_OK) {
		db_rows_free(*rows);
		*rows = NULL;
	}
	return error;
}

enum db_error db_script(struct db *db, const char *sql)
{
	return db->backend->script(db, sql);
}
