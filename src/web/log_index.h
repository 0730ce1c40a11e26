/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of the log in memory: for each row its position, and hashes of its search fields. */
#ifndef WEB_LOG_INDEX_H
#define WEB_LOG_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/audit/walk.h"
#include "log.h"

enum { LOG_NOTE, LOG_PASS, LOG_FAIL, LOG_ABORTED };

struct log_entry {
	uint64_t offset; /* in its file */
	int64_t finished_ms;
	uint64_t unit;                   /* hash of run_id and unit_id */
	uint32_t uid, serial, lot, slot; /* hashes; 0: empty */
	uint32_t line;                   /* in its file */
	uint16_t file;
	uint8_t result;
	bool superseded; /* a later attempt of the same unit has a row */
};

struct log_index {
	struct log_entry *entry; /* a ring of LOG_ROWS_MAX, or smaller while it grows */
	size_t room;
	uint64_t first, count; /* seq of the oldest one; how many there are */
};

/* Takes the next row. False: no memory. */
bool index_add(struct log_index *index, uint64_t seq, const struct log_entry *entry);

uint64_t index_hash(const char *text, size_t length, uint64_t from);
uint32_t index_short(const char *text, size_t length);

/* The entry of a row; NULL: none. */
struct log_entry *index_at(const struct log_index *index, uint64_t seq);
void index_clear(struct log_index *index);

/* Whether the hashes match. The row itself must then be compared. */
bool index_matches(const struct log_entry *entry, const struct log_question *question);

#endif
