/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quoting, both ways. A field is written in exactly one way, so that reading and writing again
 * gives the same bytes, and any other form is a later change. */
#ifndef AUDIT_CSV_H
#define AUDIT_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "h7gang/audit/audit.h"
#include "h7gang/base/text.h"

#define CSV_FIELDS_MAX 96

/* Writes `text` as one field, without NUL. Returns its length, or TEXT_NO_ROOM. */
size_t csv_encode(char *out, size_t size, const char *text, size_t length);

/* Removes the escapes (text_csv), in place; false: it has an invalid escape. */
bool csv_unescape(char *text, size_t *length);

/* One line taken apart. Fields are decoded, NUL-terminated, and may hold NULs (see length). */
struct csv_row {
	size_t count;
	const char *field[CSV_FIELDS_MAX];
	size_t length[CSV_FIELDS_MAX];
	size_t start[CSV_FIELDS_MAX]; /* where it starts in the line, as written */
	char text[AUDIT_ROW_MAX + CSV_FIELDS_MAX];
};

/* Parses `line` (without LF, at most AUDIT_ROW_MAX bytes). NULL, or the error in it. */
const char *csv_split(struct csv_row *row, const char *line, size_t length);

/* Length of the first `fields` fields as written, each with its comma; 0 if there are fewer. */
size_t csv_prefix(const char *line, size_t length, unsigned fields);

#endif
