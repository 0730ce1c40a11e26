/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log row by row, for reports, searches, exports and counts. Takes no lock, changes nothing, and
 * needs a fixed amount of memory however long the log is. Rows are parsed and checked against the
 * rules of their columns; audit_verify checks the chain. */
#ifndef H7GANG_AUDIT_READ_H
#define H7GANG_AUDIT_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "h7gang/audit/audit.h"

struct audit_reader;

enum audit_read {
	AUDIT_READ_ROW,
	AUDIT_READ_END,
	AUDIT_READ_PARTIAL, /* the last line has no LF: being written, or torn; a later call looks
			       again */
	AUDIT_READ_BAD,     /* not a row; the next call goes on behind it */
	AUDIT_READ_ERROR    /* cannot go on */
};

/* Everything is the reader's, until the next call. */
struct audit_record {
	uint64_t line;    /* in the file; the header is 1 */
	const char *text; /* as written, without LF */
	size_t length;
	size_t count;               /* of the fields; audit_reader_columns() for a ROW */
	const char *const *field;   /* the original text, not escaped, NUL-terminated ... */
	const size_t *field_length; /* ... but it may hold a NUL itself */
};

/* AUDIT_OK, AUDIT_HEADER, AUDIT_IO or AUDIT_MEMORY; `why` gets the reason. An empty file is a log
 * without rows. */
enum audit_status audit_reader_open(const char *path, struct audit_reader **reader, char *why,
				    size_t why_size);

/* The same, also for a log of a later version, which has more columns before prev_hash. For
 * searches and exports, not for verification. */
enum audit_status audit_reader_open_any(const char *path, struct audit_reader **reader, char *why,
					size_t why_size);

/* The next row. `*record` is valid after ROW, PARTIAL and BAD (then without fields). */
enum audit_read audit_reader_next(struct audit_reader *reader, const struct audit_record **record);

/* The byte offset of the next line; and going on at such an offset, where line number `line` begins
 * with a row. */
uint64_t audit_reader_offset(const struct audit_reader *reader);
void audit_reader_seek(struct audit_reader *reader, uint64_t offset, uint64_t line);

/* The reason of the last BAD or ERROR. */
const char *audit_reader_why(const struct audit_reader *reader);

/* Columns of this log, and the index of one by its name; -1: this log has none of that name. */
size_t audit_reader_columns(const struct audit_reader *reader);
int audit_reader_column(const struct audit_reader *reader, const char *name);

/* The name of a column, and whether it holds numbers (which are digits, or nothing). */
const char *audit_reader_column_name(const struct audit_reader *reader, size_t column);
bool audit_reader_column_is_number(const struct audit_reader *reader, size_t column);

/* Whether a writer holds the log now. */
bool audit_reader_being_written(const struct audit_reader *reader);

/* A row as one JSON object and a LF: "v":1, "file", "line", then every column by its name. Numbers
 * are numbers (null where the field is empty), texts are the original ones; a byte that is not
 * UTF-8 is U+FFFD. Failures show in ferror(). */
void audit_record_json(FILE *to, const char *file, const struct audit_reader *reader,
		       const struct audit_record *record);

void audit_reader_close(struct audit_reader *reader);

#endif
