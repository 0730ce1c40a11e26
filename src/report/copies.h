/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that were read before: a log and its copy, an older backup of it, one file twice. A row_hash
 * stands for its row and, as it is chained, for all rows before it. So a log that has rows of
 * another one, then rows of its own, goes on from there. Two logs that go on from one row in
 * different ways are forks. */
#ifndef REPORT_COPIES_H
#define REPORT_COPIES_H

#include <stdbool.h>

#include "fingerprints.h"
#include "h7gang/report/row.h"

/* A log, as its rows went by. */
struct copies_log {
	uint64_t rows, copied; /* all rows; those that were read before */
	uint64_t last;         /* seq of its last row */
	uint32_t chain;        /* the log that it goes on with, or itself */
	uint32_t of;           /* where the last of its copied rows was read first */
	bool seen, copying;    /* copying: its last row was read before */
	bool branches;         /* rows of its own follow this row of `of`: */
	uint64_t branch_seq;
};

struct copies {
	struct fingerprints rows; /* of each row_hash, with its log */
	struct copies_log *log;
	size_t logs, room;
};

/* Notes a row of any kind, in the order of its log; `*again`: it was read before. False: no memory.
 */
bool copies_row(struct copies *copies, const struct report_row *row, bool *again);

/* The log that rows of `log` go on with. */
uint32_t copies_chain(const struct copies *copies, int64_t log);

/* The log that goes on in another way from the row where `log` branches; false: there is none. */
bool copies_fork(const struct copies *copies, size_t log, size_t *other);

void copies_free(struct copies *copies);

#endif
