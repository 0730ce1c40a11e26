/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Goes along the chain of one file and stops at the first row that does not hold. */
#ifndef AUDIT_SCAN_H
#define AUDIT_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "chain.h"
#include "csv.h"
#include "reader.h"

enum scan_end {
	SCAN_WHOLE,   /* every line to the end of the file is a row that holds */
	SCAN_PARTIAL, /* likewise, but the last line has no LF */
	SCAN_EMPTY,   /* not even a header */
	SCAN_CHANGED, /* a row or line was changed */
	SCAN_CUT,     /* a row has lost its end */
	SCAN_AHEAD,   /* the row is intact, but rows before it are missing */
	SCAN_AGAIN,   /* the row is intact, but its number came before */
	SCAN_IO
};

struct scan {
	struct chain chain; /* in: the predecessor of the first row; out: the last row that holds */
	bool first_is_any;  /* the predecessor of the first row is not checked */
	bool first_is_free; /* the first row must follow chain.hash, with any number */
	uint64_t rows;      /* that hold; added to */
	/* Each of them, with the head that it makes; may be NULL. */
	void (*row)(void *user, const struct chain *head, const char *line, size_t length);
	void *user;

	off_t end;          /* behind the last row that holds */
	off_t partial;      /* bytes of the line without LF */
	uint64_t line, seq; /* of the fault; seq 0: unknown */
	char why[200];
};

/* The fault, in words: "row 7 is changed: ...". */
void scan_describe(const struct scan *scan, enum scan_end end, char *text, size_t size);

/* Compares the row that the reader gave last with the chain. SCAN_WHOLE: the row is intact, and the
 * chain continues with it. */
enum scan_end scan_row(struct scan *scan, const struct audit_reader *reader, struct sha256 *sha);

/* The kind of end that the reader reached: its last answer was not a row. */
enum scan_end scan_no_row(struct scan *scan, const struct audit_reader *reader);

enum scan_end scan_file(struct scan *scan, struct audit_reader *reader, struct sha256 *sha);

#endif
