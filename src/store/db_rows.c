/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer of a database, cell by cell. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"

#define TEXT_PIECE ((size_t)16 * 1024)

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
