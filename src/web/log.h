/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Follows the audit log while it is written, with an index of its rows. Each row is checked against
 * the chain; the log is never locked or changed. */
#ifndef WEB_LOG_H
#define WEB_LOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct follow_log;
struct feed;

#define LOG_ROWS_MAX 1000000u /* only the newest rows are found; the store has the older ones */

/* `path` NULL: the station's log. NULL: no memory or no thread. */
struct follow_log *log_start(struct feed *feed, const char *path);
void log_stop(struct follow_log *log);

struct log_state {
	char path[1024];
	uint64_t rows, first, last; /* in the index: from seq first to seq last */
	bool seals;                 /* the log has seals */
	uint64_t sealed_seq;
	char why[300]; /* why the log cannot be followed; "" it can */
};

void log_state(struct follow_log *log, struct log_state *state);

/* The criteria of a search; NULL or 0: any. */
struct log_question {
	const char *uid, *serial, *lot, *slot, *result;
	int64_t since_ms;
	uint64_t before; /* only rows with a smaller seq; 0: all */
	unsigned limit;
};

/* Units, the newest first, each as the row of its verdict with the member `sealed`. `*next` is the
 * `before` for the next call; 0: there are no more. NULL: no memory. */
json_t *log_units(struct follow_log *log, const struct log_question *question, uint64_t *next);

/* One row: its columns (`row`), its bytes (`text`), the row before it (`previous`), the first seal
 * that covers it (`seal`), and whether there is one (`sealed`). NULL: there is no such row. */
json_t *log_row(struct follow_log *log, uint64_t seq);

/* The last row of a unit: its seq, 0: none yet; and whether a seal covers it. */
uint64_t log_unit_seq(struct follow_log *log, const char *run_id, const char *unit_id,
		      bool *sealed);

#endif
