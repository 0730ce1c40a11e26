/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of one file of a log on their way into the store, as the values of its columns. */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "h7gang/store/columns.h"
#include "h7gang/audit/walk.h"
#include "h7gang/store/db.h"

#define BATCH_ROWS 2000
/* log_id before the fields; prev_hash, row_hash, more and finished_ms behind them. */
#define BATCH_VALUES (1 + STORE_FIELD_COUNT + 5)

struct batch {
	struct db_value *value; /* BATCH_ROWS times BATCH_VALUES */
	char *text;             /* the values' texts */
	size_t used;
	size_t rows;
	struct audit_link link[BATCH_ROWS];
};

/* 0 or -1: no memory. */
int batch_open(struct batch *batch);
void batch_close(struct batch *batch);
void batch_clear(struct batch *batch);
bool batch_full(const struct batch *batch);

/* Adds a row, while the batch is not full. Returns NULL, or why no database can hold it. */
const char *batch_add(struct batch *batch, const struct audit_walk *walk,
		      const struct audit_record *record);

/* Inserts the rows from `from` on as rows of that log. */
enum db_error batch_insert(struct batch *batch, struct db *db, int64_t log_id, size_t from);

#endif
