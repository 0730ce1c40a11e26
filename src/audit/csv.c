/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "csv.h"

#include <stdint.h>
#include <string.h>

static bool continues(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t csv_utf8(const unsigned char *p, size_t left)
{
	unsigned char c = p[0];

	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return left >= 2 && continues(p[1]) ? 2 : 0;
	if (c >= 0xe0 && c <= 0xef) {
		if (left < 3 || !continues(p[1]) || !continues(p[2]))
			return 0;
		if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f))
			return 0;
		return 3;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		if (left < 4 || !continues(p[1]) || !continues(p[2]) || !continues(p[3]))
			return 0;
		if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
			return 0;
		return 4;
	}
	return 0;
}

/* How many bytes at `p` stand as they are; 0: the first must be escaped. Controls are C0, DEL and
 * C1. */
static size_t plain_sequence(const unsigned char *p, size_t left)
{
	size_t n = csv_utf8(p, left);

	if (n == 1 && (p[0] < 0x20 || p[0] == 0x7f || p[0] == '\\'))
		return 0;
	if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		return 0;
	return n;
}

/* Characters that make a spreadsheet take the cell for a formula; the apostrophe itself, so that
 * the one put in front can be taken away again. */
static bool runs_in_spreadsheet(char c)
{
	return c == '=' || c == '+' || c == '-' || c == '@' || c == '\'';
}

struct sink {
	char *out;
	size_t size, used;
	bool full;
};

static void put(struct sink *sink, const void *bytes, size_t length)
{
	if (sink->full || length > sink->size - sink->used) {
		sink->full = true;
		return;
	}
	memcpy(sink->out + sink->used, bytes, length);
	sink->used += length;
}

static void put_escaped(struct sink *sink, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char text[4] = {'\\', 'x', hex[c >> 4], hex[c & 15]};

	if (c == '\\')
		put(sink, "\\\\", 2);
	else
		put(sink, text, sizeof(text));
}

/* `quotes`: how often a quote is written. */
static void put_text(struct sink *sink, const char *text, size_t length, unsigned quotes)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n;

	for (size_t i = 0; i < length && !sink->full; i += n) {
		n = plain_sequence(p + i, length - i);
		if (n == 0) {
			put_escaped(sink, p[i]);
			n = 1;
		} else {
			put(sink, p + i, n);
			if (p[i] == '"' && quotes == 2)
				put(sink, "\"", 1);
		}
	}
}

size_t csv_encode(char *out, size_t size, const char *text, size_t length)
{
	struct sink sink = {.out = out, .size = size};
	bool quoted = length > 0 && (memchr(text, ',', length) || memchr(text, '"', length));

	if (quoted)
		put(&sink, "\"", 1);
	if (length > 0 && runs_in_spreadsheet(text[0]))
		put(&sink, "'", 1);
	put_text(&sink, text, length, 2);
	if (quoted)
		put(&sink, "\"", 1);
	return sink.full ? CSV_NO_ROOM : sink.used;
}

size_t csv_escape(char *out, size_t size, const char *text, size_t length)
{
	struct sink sink = {.out = out, .size = size};

	put_text(&sink, text, length, 1);
	return sink.full ? CSV_NO_ROOM : sink.used;
}

size_t csv_cut(const char *text, size_t length, size_t max)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t cut = max;

	if (length <= max)
		return length;
	/* Only a whole sequence that straddles the cut is moved out; stray continuation bytes stay.
	 */
	for (size_t back = 1; back <= 3 && back <= max; back++) {
		size_t n = csv_utf8(p + max - back, length - (max - back));

		if (n > back)
			cut = max - back;
		if (n > 0)
			break;
	}
	return cut;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Takes quotes off: copies the field at `line` to `out` and sets both lengths. */
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

/* Takes escapes off, and what stands before `from`; in place. */
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

/* Printable ASCII with nothing to quote, escape or guard stands for itself: nearly every field, and
 * what makes a long log quick to read. */
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
