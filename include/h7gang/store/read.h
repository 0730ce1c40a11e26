/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows out of the store. */
#ifndef H7GANG_STORE_READ_H
#define H7GANG_STORE_READ_H

#include "h7gang/audit/read.h"
#include "h7gang/store/db.h"

#define STORE_WORDS_MAX 32 /* of a question that may be asked several times over */

/* All that is asked must hold; of several uids or slots, one. NULL and 0: not asked. */
struct store_question {
	const char *const *uid;
	unsigned uids;
	const char *const *slot; /* slot names or port paths */
	unsigned slots;
	const char *serial, *lot, *firmware, *error, *result, *station;
	int64_t since_ms, until_ms; /* 1970 UTC; finished in since <= t < until */
	int64_t log_id;
	uint64_t columns; /* not asked but wanted: a set of STORE_COLUMN(); the others are "". 0:
			     all */
};

/* One row. `record` has the columns of this program's log by their index, as audit_reader gives
 * them, and is the reader's until the next. */
struct store_row {
	int64_t log_id;
	struct audit_record record;
	size_t width;     /* how many columns before the hashes its log has of them */
	const char *more; /* columns of a later version, as written; "" if none */
};

struct store_reader;

/* Rows that answer, newest first, at most `limit`; `*more` is set if there are others. `row` may
 * stop it by returning false. */
enum db_error store_find(struct db *db, const struct store_question *question, size_t limit,
			 bool (*row)(void *user, const struct store_row *row), void *user,
			 bool *more);

/* All rows that answer, log by log in their order, in bounded memory. */
enum db_error store_each(struct db *db, const struct store_question *question,
			 bool (*row)(void *user, const struct store_row *row), void *user);

/* The line of the log that the row was, without LF; its length, 0 if it is none. `intact`: it has
 * its row_hash. */
size_t store_line(const struct store_row *row, char *line, size_t size, bool *intact);

/* The name of a column of `record`, and whether it holds numbers; "" past the last. */
const char *store_column_name(size_t column);
bool store_column_is_number(size_t column);

#endif
