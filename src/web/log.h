/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The audit log, read while it is written: where each row is, and what it can be found by. Rows are
 * checked against the chain as they come; the log is never locked or changed. */
#ifndef WEB_LOG_H
#define WEB_LOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct follow_log;
struct feed;

#define LOG_ROWS_MAX 1000000u /* the newest rows that are found; older ones are in the store */

/* `path` NULL: the one that the station names. NULL: no memory or no thread. */
struct follow_log *log_start(struct feed *feed, const char *path);
void log_stop(struct follow_log *log);

struct log_state {
	char path[1024];
	uint64_t rows, first, last; /* that are found: from seq first to seq last */
	bool seals;                 /* there are any */
	uint64_t sealed_seq;
	char why[300]; /* why it cannot be followed; "" it is */
};

void log_state(struct follow_log *log, struct log_state *state);

/* What to look for; NULL or 0: anything. */
struct log_question {
	const char *uid, *serial, *lot, *slot, *result;
	int64_t since_ms;
	uint64_t before; /* only rows with a smaller seq; 0: all */
	unsigned limit;
};

/* Units, the newest first, each as the row of its verdict with the member `sealed`. `*next` is what
 * `before` is to be for more; 0: there are no more. NULL: no memory. */
json_t *log_units(struct follow_log *log, const struct log_question *question, uint64_t *next);

/* One row: its columns (`row`), its bytes (`text`), the row before it (`previous`), the first seal
 * that covers it (`seal`), and whether there is one (`sealed`). NULL: there is no such row. */
json_t *log_row(struct follow_log *log, uint64_t seq);

/* The last row of a unit: its seq, 0: none yet; and whether a seal covers it. */
uint64_t log_unit_seq(struct follow_log *log, const char *run_id, const char *unit_id,
		      bool *sealed);

#endif
