/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/db.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/audit/text.h"
#include "h7gang/base/clock.h"
#include "h7gang/store/store.h"

#define TRIES 8	       /* of a transaction that others are in the way of */
#define TRY_AGAIN_MS 5 /* before the second; doubled each time */
#define TEXT_PIECE ((size_t)16 * 1024)

static const char scheme_sqlite[] = "sqlite:";

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
	/* It may quote what somebody wrote into the store, or be no database's words at all: the
	 * controls beyond ASCII, and what is not UTF-8. */
	length = audit_text_escape(db->why, sizeof(db->why) - 1, said, length);
	db->why[length < sizeof(db->why) ? length : 0] = '\0';
	return error;
}

char *store_escaped(const char *text, size_t length)
{
	char *copy = malloc(4 * length + 1);
	size_t used = copy ? audit_text_escape(copy, 4 * length, text, length) : 0;

	if (copy)
		copy[used == AUDIT_NO_ROOM ? 0 : used] = '\0';
	return copy;
}

static bool is_server(const char *url)
{
	return strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;
}

static const char *sqlite_path(const char *url)
{
	size_t length = strlen(scheme_sqlite);

	return strncmp(url, scheme_sqlite, length) == 0 && url[length] ? url + length : NULL;
}

enum db_error db_check_url(const char *url, char *why, size_t why_size)
{
	if (is_server(url))
		return db_pg_check_url(url, why, why_size);
	if (sqlite_path(url))
		return DB_OK;
	snprintf(why, why_size, "a store is sqlite:FILE or postgresql://...");
	return DB_URL;
}

enum db_error db_open(const char *url, const struct db_options *options, struct db **db, char *why,
		      size_t why_size)
{
	enum db_error error = db_check_url(url, why, why_size);

	*db = NULL;
	if (error != DB_OK)
		return error;
	if (is_server(url))
		return db_pg_open(url, options, db, why, why_size);
	return db_sqlite_open(sqlite_path(url), options, db, why, why_size);
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
	/* What led here is worth more than how the way back went. */
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

enum db_error db_exec_many(struct db *db, const char *sql, const struct db_value *values,
			   size_t columns, size_t rows)
{
	return db->backend->many(db, sql, values, columns, rows);
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

/* Cells are many and short: they share pieces of memory. */
struct rows_text {
	struct rows_text *before;
	size_t used, size;
	char bytes[];
};

static char *text_room(struct db_rows *rows, size_t size)
{
	struct rows_text *text = rows->text;
	char *room;

	if (!text || text->size - text->used < size) {
		size_t piece = size > TEXT_PIECE ? size : TEXT_PIECE;

		text = malloc(sizeof(*text) + piece);
		if (!text)
			return NULL;
		*text = (struct rows_text){.before = rows->text, .size = piece};
		rows->text = text;
	}
	room = text->bytes + text->used;
	text->used += size;
	return room;
}

bool rows_add(struct db_rows *rows, const char *text, size_t length)
{
	char *copy = NULL;

	if (rows->used == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 64;
		char **grown = realloc(rows->cell, room * sizeof(*grown));

		if (!grown)
			return false;
		rows->cell = grown;
		rows->room = room;
	}
	if (text) {
		copy = text_room(rows, length + 1);
		if (!copy)
			return false;
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	rows->cell[rows->used++] = copy;
	return true;
}

size_t db_rows_count(const struct db_rows *rows)
{
	return rows->columns ? rows->used / rows->columns : 0;
}

static const char *cell(const struct db_rows *rows, size_t row, size_t column)
{
	if (column >= rows->columns || row >= db_rows_count(rows))
		return NULL;
	return rows->cell[row * rows->columns + column];
}

bool db_is_null(const struct db_rows *rows, size_t row, size_t column)
{
	return cell(rows, row, column) == NULL;
}

const char *db_get_text(const struct db_rows *rows, size_t row, size_t column)
{
	const char *text = cell(rows, row, column);

	return text ? text : "";
}

int64_t db_get_int(const struct db_rows *rows, size_t row, size_t column)
{
	const char *text = db_get_text(rows, row, column);
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	return errno || end == text || *end ? 0 : (int64_t)number;
}

void db_rows_free(struct db_rows *rows)
{
	if (!rows)
		return;
	while (rows->text) {
		struct rows_text *before = rows->text->before;

		free(rows->text);
		rows->text = before;
	}
	free(rows->cell);
	free(rows);
}

const char *db_error_name(enum db_error error)
{
	static const char *const names[] = {
		[DB_OK] = "ok",		  [DB_AWAY] = "away",
		[DB_BUSY] = "busy",	  [DB_CONSTRAINT] = "constraint",
		[DB_DAMAGED] = "damaged", [DB_SCHEMA] = "schema",
		[DB_DENIED] = "denied",	  [DB_URL] = "url",
		[DB_REFUSED] = "refused", [DB_MEMORY] = "memory",
		[DB_OTHER] = "other",
	};

	return (size_t)error < sizeof(names) / sizeof(names[0]) ? names[error] : "other";
}
