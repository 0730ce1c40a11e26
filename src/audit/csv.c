/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "csv.h"

#include <stdint.h>
#include <string.h>

/* Characters that make a spreadsheet treat the cell as a formula, and the apostrophe, so that a
 * reader can remove the one that is put in front. */
static bool runs_in_spreadsheet(char c)
{
	return c == '=' || c == '+' || c == '-' || c == '@' || c == '\'';
}

static void put_text(struct text_sink *sink, const char *text, size_t length)
{
	size_t n = sink->full
			   ? TEXT_NO_ROOM
			   : text_csv(text, length, sink->to + sink->used, sink->size - sink->used);

	if (n == TEXT_NO_ROOM)
		sink->full = true;
	else
		sink->used += n;
}

size_t csv_encode(char *out, size_t size, const char *text, size_t length)
{
	struct text_sink sink = {.to = out, .size = size};
	bool quoted = length > 0 && (memchr(text, ',', length) || memchr(text, '"', length));
	const char *quote;

	if (quoted)
		text_put(&sink, "\"", 1);
	if (length > 0 && runs_in_spreadsheet(text[0]))
		text_put(&sink, "'", 1);
	while (quoted && length > 0 && (quote = memchr(text, '"', length))) {
		size_t before = (size_t)(quote - text);

		put_text(&sink, text, before);
		text_put(&sink, "\"\"", 2);
		text += before + 1;
		length -= before + 1;
	}
	put_text(&sink, text, length);
	if (quoted)
		text_put(&sink, "\"", 1);
	return sink.full ? TEXT_NO_ROOM : sink.used;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Removes quotes: copies the field at `line` to `out` and sets both lengths. */
static const char *unquote(const char *line, size_t left, char *out, size_t *written, size_t *used)
{
	size_t n = 0, i = 1;

	if (left == 0 || line[0] != '"') {
		const char *comma = left ? memchr(line, ',', left) : NULL;

		n = comma ? (size_t)(comma - line) : left;
		if (n > 0)
			memcpy(out, line, n);
		*written = *used = n;
		return NULL;
	}
	for (;; i++) {
		if (i >= left)
			return "a quote is not closed";
		if (line[i] == '"') {
			if (i + 1 >= left || line[i + 1] != '"')
				break;
			i++;
		}
		out[n++] = line[i];
	}
	i++;
	if (i < left && line[i] != ',')
		return "text after a closing quote";
	*written = n;
	*used = i;
	return NULL;
}

/* Removes escapes, and the text before `from`; in place. */
static const char *unescape_from(char *text, size_t *length, size_t from)
{
	size_t to = 0;

	while (from < *length) {
		size_t left = *length - from;

		if (text[from] != '\\') {
			text[to++] = text[from++];
		} else if (left >= 2 && text[from + 1] == '\\') {
			text[to++] = '\\';
			from += 2;
		} else if (left >= 4 && text[from + 1] == 'x' && hex_digit(text[from + 2]) >= 0 &&
			   hex_digit(text[from + 3]) >= 0) {
			text[to++] =
				(char)(hex_digit(text[from + 2]) << 4 | hex_digit(text[from + 3]));
			from += 4;
		} else {
			return "a backslash that escapes nothing";
		}
	}
	*length = to;
	return NULL;
}

/* The guarding apostrophe too. */
static const char *unescape(char *text, size_t *length)
{
	return unescape_from(text, length, *length > 0 && text[0] == '\'' ? 1 : 0);
}

bool csv_unescape(char *text, size_t *length)
{
	return !unescape_from(text, length, 0);
}

/* Printable ASCII with nothing to quote, escape or guard is copied as it is. Nearly every field is
 * of that kind, so a long log is quick to read. */
static bool stands_for_itself(const char *raw, size_t length)
{
	if (length > 0 && runs_in_spreadsheet(raw[0]))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (raw[i] < 0x20 || raw[i] > 0x7e || raw[i] == '"' || raw[i] == '\\')
			return false;
	}
	return true;
}

/* Whether the decoded field, written again, gives these bytes. */
static bool canonical(const char *raw, size_t raw_length, const char *text, size_t length)
{
	char again[AUDIT_ROW_MAX];

	return csv_encode(again, sizeof(again), text, length) == raw_length &&
	       memcmp(again, raw, raw_length) == 0;
}

const char *csv_split(struct csv_row *row, const char *line, size_t length)
{
	size_t at = 0, out = 0;

	row->count = 0;
	if (length > AUDIT_ROW_MAX)
		return "longer than a row can be";
	for (;;) {
		size_t n = row->count, written, used;
		const char *problem;

		if (n == CSV_FIELDS_MAX)
			return "too many columns";
		problem = unquote(line + at, length - at, row->text + out, &written, &used);
		if (problem)
			return problem;
		if (!stands_for_itself(line + at, used)) {
			problem = unescape(row->text + out, &written);
			if (problem)
				return problem;
			if (!canonical(line + at, used, row->text + out, written))
				return "a field that is not written as this program writes it";
		}
		row->text[out + written] = '\0';
		row->field[n] = row->text + out;
		row->length[n] = written;
		row->start[n] = at;
		row->count++;
		out += written + 1;
		at += used;
		if (at == length)
			return NULL;
		at++; /* the comma */
	}
}

size_t csv_prefix(const char *line, size_t length, unsigned fields)
{
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (line[i] == '"')
			quoted = !quoted;
		else if (line[i] == ',' && !quoted && --fields == 0)
			return i + 1;
	}
	return 0;
}
