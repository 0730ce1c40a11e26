/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of an attempt's row: the bytes from run_id to the comma after detail. seq and the hashes
 * are the log file's. */
#ifndef AUDIT_ROW_H
#define AUDIT_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "columns.h"
#include "csv.h"
#include "h7gang/audit/audit.h"

/* A row less seq (20 digits at most), the hashes, their commas and the LF. */
#define ROW_BODY_MAX (AUDIT_ROW_MAX - 21 - 64 - 1 - 64 - 1)
#define ROW_NUMBERS_MAX 16

/* The fields of a body as texts; borrowed, except for numbers. */
struct row_fields {
	const char *text[COLUMN_COUNT];
	size_t length[COLUMN_COUNT];
	char numbers[ROW_NUMBERS_MAX][32];
	unsigned number_count;
};

struct row_body {
	size_t length;
	char text[ROW_BODY_MAX];
};

void row_fields_set(struct row_fields *fields, enum audit_column column, const char *text);

/* Takes the fields of `row`; `mark`: for a begin mark, whose result stands if the attempt never
 * gets a row. */
void row_fields_from(struct row_fields *fields, const struct audit_row *row, bool mark);

/* Takes the fields of an event; the others are empty. */
void row_fields_from_event(struct row_fields *fields, const struct audit_event *event);

/* Takes the fields of a decoded line, whose first field is column `first`; missing fields are
 * empty. */
void row_fields_from_csv(struct row_fields *fields, const struct csv_row *csv, size_t first);

/* Writes the body, with texts from a device cut as short as necessary. AUDIT_OK or AUDIT_TOO_LONG:
 * the station's own texts are too long, too. `must_fit` cuts those as well, and succeeds: a row
 * must not be lost, but a mark may be refused before anything depends on it. */
enum audit_status row_build(struct row_body *body, const struct row_fields *fields, bool must_fit);

/* NULL, or the reason why no reader would accept a row with this body. */
const char *row_problem(const struct row_body *body);

#endif
