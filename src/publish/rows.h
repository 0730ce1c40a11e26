/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a log behind a position, in order, through rotation, while the log is written. Each
 * row has a correct hash, follows the one before it, and is on disk. The log is never locked or
 * changed. */
#ifndef PUBLISH_ROWS_H
#define PUBLISH_ROWS_H

#include "h7gang/audit/published.h"
#include "h7gang/audit/walk.h"
#include "publish.h"

struct rows;

/* `after` NULL: from the first row on. NULL: no memory. */
struct rows *rows_open(const char *log, const struct audit_published *after);
void rows_close(struct rows *rows);

enum rows_look {
	ROWS_ROW,  /* the next row; the same one until rows_taken */
	ROWS_END,  /* there is no more for now */
	ROWS_WAIT, /* the log cannot be read now: rows_why */
	ROWS_WRONG /* the log does not go on behind the position: rows_why */
};

struct row {
	const struct audit_link *link;
	const struct audit_reader *reader;
	const struct audit_record *record;
};

enum rows_look rows_next(struct rows *rows, struct row *row);
void rows_taken(struct rows *rows);

/* The position: the last row taken. `seq` 0: before the first. */
const struct audit_published *rows_at(const struct rows *rows);

/* The station of the row at the position; "" if it was not read. */
const char *rows_station(const struct rows *rows);

const char *rows_why(const struct rows *rows);

/* The position behind row `seq`, or behind the last row (`end`). False: `why`. */
bool rows_locate(const char *log, bool end, uint64_t seq, struct audit_published *at, char *why,
		 size_t why_size);

#endif
