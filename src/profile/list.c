/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/image/image.h"
#include "list_text.h"
#include "utf8.h"

struct list_reader {
	struct profile_list *list;
	size_t room; /* cells there is memory for */
	size_t cells;
	uint32_t line;
	char separator;
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
 * separator followed. */
static bool take_field(struct list_reader *reader, char **at, bool *more)
{
	char *from = *at, *to = *at, *field = *at;
	bool quoted = *from == '"';

	from += quoted;
	for (;; from++) {
		if (*from == '\0' && quoted)
			return refuse(
				reader,
				"a quote is not closed; a row must be one line, so remove line "
				"breaks from its cells");
		if (quoted && *from == '"' && from[1] != '"') {
			from++;
			break;
		}
		if (!quoted && (*from == reader->separator || *from == '\0'))
			break;
		if (quoted && *from == '"')
			from++;
		else if (*from == '"')
			return refuse(reader,
				      "a quote inside a field that does not begin with one");
		*to++ = *from;
	}
	if (*from != reader->separator && *from != '\0')
		return refuse(reader, "text after a closing quote");
	*more = *from == reader->separator;
	*at = from + *more;
	*to = '\0';
	return add_cell(reader, field);
}

/* Whether a row has fields, and none of them holds anything: spreadsheets end a list so. */
static bool is_empty(const struct list_reader *reader, size_t first)
{
	for (size_t i = first; i < reader->cells; i++)
		if (reader->list->cell[i][0] != '\0')
			return false;
	return reader->cells - first > 1;
}

/* Spreadsheets save columns that were used once. */
static size_t drop_empty_end(struct list_reader *reader, size_t fields, size_t least)
{
	while (fields > least && reader->list->cell[reader->cells - 1][0] == '\0') {
		reader->cells--;
		fields--;
	}
	return fields;
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
	if (before > 0 && is_empty(reader, before)) {
		reader->cells = before;
		return true;
	}
	fields = drop_empty_end(reader, fields, before == 0 ? 1 : list->columns);
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
	if (why != NULL) {
		snprintf(reader->why, reader->why_size, "%s; save the list as \"CSV UTF-8\"", why);
		return false;
	}
	reader->line = 1;
	for (size_t i = 0; i < list->stored; i++) {
		unsigned char c = (unsigned char)list->store[i];

		reader->line += c == '\n' || (c == '\r' && list->store[i + 1] != '\n');
		if ((c < 0x20 && c != '\n' && c != '\r' && c != (unsigned char)reader->separator) ||
		    c == 0x7F)
			return refuse(reader, "has a control character in it");
	}
	return true;
}

/* Takes one line off `*text`; LF, CRLF and CR end lines. */
static char *take_line(char **text)
{
	char *line = *text, *end = line + strcspn(line, "\r\n");

	*text = end;
	*text += **text == '\r';
	*text += **text == '\n';
	*end = '\0';
	return line;
}

static bool take_rows(struct list_reader *reader, const char *head)
{
	char *text = reader->list->store + (head - reader->list->store);

	reader->line = head != reader->list->store; /* "sep=;" */
	while (*text != '\0') {
		char *line = take_line(&text);

		reader->line++;
		if (*line != '\0' && !take_row(reader, line))
			return false;
	}
	reader->line = 1;
	return check_head(reader);
}

static size_t count_lines(const struct profile_list *list)
{
	size_t lines = 2;

	for (size_t i = 0; i < list->stored; i++)
		lines += list->store[i] == '\n' || list->store[i] == '\r';
	return lines;
}

bool list_read(const char *path, struct profile_list *list, uint32_t *line, char *why,
	       size_t why_size)
{
	struct list_reader reader = {.list = list, .why = why, .why_size = why_size};
	struct image_error error = {0};
	const char *head, *fault = NULL;
	uint8_t *bytes = NULL;
	bool good = false;

	*list = (struct profile_list){0};
	*line = 0;
	if (!image_file_bytes(path, LIST_FILE_MAX, "split it into several lists", &bytes,
			      &list->stored, &error)) {
		snprintf(why, why_size, "%s", error.why);
		return false;
	}
	if (!list_text_decode(&bytes, &list->stored, &fault)) {
		explicit_bzero(bytes, list->stored);
		free(bytes);
		refuse(&reader, fault);
		return false;
	}
	list->store = (char *)bytes;
	reader.separator = list_text_separator(list->store, &head);
	list->line = calloc(count_lines(list), sizeof(*list->line));
	if (list->line == NULL)
		refuse(&reader, "not enough memory");
	else
		good = check_bytes(&reader) && take_rows(&reader, head);
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
