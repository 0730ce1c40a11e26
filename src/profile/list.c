/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/image/image.h"
#include "utf8.h"

struct list_reader {
	struct profile_list *list;
	size_t room; /* cells there is memory for */
	size_t cells;
	uint32_t line;
	char *why;
	size_t why_size;
};

static bool refuse(struct list_reader *reader, const char *why)
{
	snprintf(reader->why, reader->why_size, "%s", why);
	return false;
}

static bool add_cell(struct list_reader *reader, char *cell)
{
	if (reader->cells == reader->room) {
		size_t room = reader->room ? 2 * reader->room : 256;
		char **more = reallocarray(reader->list->cell, room, sizeof(*more));

		if (more == NULL)
			return refuse(reader, "not enough memory");
		reader->list->cell = more;
		reader->room = room;
	}
	reader->list->cell[reader->cells++] = cell;
	return true;
}

/* Takes one field off `*at`, in place: quotes are taken away and its end becomes a NUL. `*more`: a
 * comma followed. */
static bool take_field(struct list_reader *reader, char **at, bool *more)
{
	char *from = *at, *to = *at, *field = *at;
	bool quoted = *from == '"';

	from += quoted;
	for (;; from++) {
		if (*from == '\0' && quoted)
			return refuse(reader, "a quote is not closed; a row must be one line");
		if (quoted && *from == '"' && from[1] != '"') {
			from++;
			break;
		}
		if (!quoted && (*from == ',' || *from == '\0'))
			break;
		if (quoted && *from == '"')
			from++;
		else if (*from == '"')
			return refuse(reader,
				      "a quote inside a field that does not begin with one");
		*to++ = *from;
	}
	if (*from != ',' && *from != '\0')
		return refuse(reader, "text after a closing quote");
	*more = *from == ',';
	*at = from + *more;
	*to = '\0';
	return add_cell(reader, field);
}

static bool take_row(struct list_reader *reader, char *text)
{
	struct profile_list *list = reader->list;
	size_t before = reader->cells, fields;
	bool more = true;

	while (more)
		if (!take_field(reader, &text, &more))
			return false;
	fields = reader->cells - before;
	if (before == 0)
		list->columns = fields;
	else if (fields != list->columns) {
		snprintf(reader->why, reader->why_size, "%zu fields, not %zu as in the first line",
			 fields, list->columns);
		return false;
	} else {
		list->rows++;
	}
	list->line[list->rows] = reader->line;
	return true;
}

static bool check_head(struct list_reader *reader)
{
	const struct profile_list *list = reader->list;

	if (list->columns == 0)
		return refuse(reader, "has no line of column names");
	if (list->columns > PROFILE_LIST_COLUMNS_MAX)
		return refuse(reader, "more than 32 columns");
	for (size_t i = 0; i < list->columns; i++) {
		if (list->cell[i][0] == '\0' || strpbrk(list->cell[i], "{}") != NULL)
			return refuse(reader, "a column has no name, or one with braces");
		if (list_column(list, list->cell[i], strlen(list->cell[i])) != i)
			return refuse(reader, "two columns have the same name");
	}
	return true;
}

static bool check_bytes(struct list_reader *reader)
{
	const struct profile_list *list = reader->list;
	struct profile_place place = {0, 0};
	const char *why = NULL;

	utf8_good((const uint8_t *)list->store, list->stored, &place, &why);
	reader->line = place.line;
	if (why != NULL)
		return refuse(reader, why);
	reader->line = 1;
	for (size_t i = 0; i < list->stored; i++) {
		unsigned char c = (unsigned char)list->store[i];

		reader->line += c == '\n';
		if ((c < 0x20 && c != '\n' && c != '\r') || c == 0x7F)
			return refuse(reader, "has a control character in it");
	}
	return true;
}

static bool take_rows(struct list_reader *reader)
{
	char *text = reader->list->store;

	if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
		text += 3;
	reader->line = 0;
	while (*text != '\0') {
		char *end = strchr(text, '\n');
		char *next = end != NULL ? end + 1 : text + strlen(text);

		reader->line++;
		if (end != NULL)
			*end = '\0';
		else
			end = next;
		if (end > text && end[-1] == '\r')
			end[-1] = '\0';
		if (*text != '\0' && !take_row(reader, text))
			return false;
		text = next;
	}
	reader->line = 1;
	return check_head(reader);
}

bool list_read(const char *path, struct profile_list *list, uint32_t *line, char *why,
	       size_t why_size)
{
	struct list_reader reader = {.list = list, .why = why, .why_size = why_size};
	struct image_error error = {0};
	uint8_t *bytes = NULL;
	size_t lines = 2;
	bool good = false;

	*list = (struct profile_list){0};
	*line = 0;
	if (!image_file_bytes(path, LIST_FILE_MAX, &bytes, &list->stored, &error)) {
		snprintf(why, why_size, "%s", error.why);
		return false;
	}
	list->store = realloc(bytes, list->stored + 1);
	if (list->store == NULL) {
		free(bytes);
		refuse(&reader, "not enough memory");
		return false;
	}
	list->store[list->stored] = '\0';
	for (size_t i = 0; i < list->stored; i++)
		lines += list->store[i] == '\n';
	list->line = calloc(lines, sizeof(*list->line));
	if (list->line == NULL)
		refuse(&reader, "not enough memory");
	else
		good = check_bytes(&reader) && take_rows(&reader);
	if (!good) {
		*line = reader.line;
		list_free(list);
	}
	return good;
}

void list_free(struct profile_list *list)
{
	if (list->store != NULL)
		explicit_bzero(list->store, list->stored);
	free(list->store);
	free(list->cell);
	free(list->line);
	*list = (struct profile_list){0};
}

size_t list_column(const struct profile_list *list, const char *name, size_t length)
{
	size_t i = 0;

	while (i < list->columns &&
	       (strlen(list->cell[i]) != length || memcmp(list->cell[i], name, length) != 0))
		i++;
	return i;
}
