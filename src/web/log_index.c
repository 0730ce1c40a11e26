/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log_index.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_BACK 4096 /* rows between two attempts of one unit, at most */

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/. Only to find rows faster: the rows
 * found are compared. */
uint64_t index_hash(const char *text, size_t length, uint64_t from)
{
	uint64_t hash = from ? from : UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return hash;
}

uint32_t index_short(const char *text, size_t length)
{
	uint64_t hash = index_hash(text, length, 0);
	uint32_t half = (uint32_t)(hash ^ hash >> 32);

	return length == 0 ? 0 : half ? half : 1;
}

struct log_entry *index_at(const struct log_index *index, uint64_t seq)
{
	if (seq < index->first || seq >= index->first + index->count)
		return NULL;
	return &index->entry[seq % index->room];
}

void index_clear(struct log_index *index)
{
	index->first = index->count = 0;
}

/* The ring's places are by seq: a larger ring has other places. */
static bool grow(struct log_index *index)
{
	size_t room = index->room ? 2 * index->room : 4096;
	struct log_entry *more;

	if (room > LOG_ROWS_MAX)
		room = LOG_ROWS_MAX;
	more = calloc(room, sizeof(*more));
	if (!more)
		return false;
	for (uint64_t seq = index->first; seq < index->first + index->count; seq++)
		more[seq % room] = index->entry[seq % index->room];
	free(index->entry);
	index->entry = more;
	index->room = room;
	return true;
}

bool index_add(struct log_index *index, uint64_t seq, const struct log_entry *entry)
{
	if (index->count && seq != index->first + index->count)
		index_clear(index);
	if (index->count == index->room && index->room < LOG_ROWS_MAX && !grow(index))
		return false;
	if (index->count == 0)
		index->first = seq;
	if (index->count == index->room) {
		index->first++;
		index->count--;
	}
	index->entry[seq % index->room] = *entry;
	index->count++;
	for (uint64_t back = 1; entry->unit && back < LOOK_BACK; back++) {
		struct log_entry *before = seq > back ? index_at(index, seq - back) : NULL;

		if (!before)
			break;
		if (before->unit != entry->unit)
			continue;
		before->superseded = true;
		break;
	}
	return true;
}

static bool same(uint32_t hash, const char *wanted)
{
	return !wanted || hash == index_short(wanted, strlen(wanted));
}

bool index_matches(const struct log_entry *entry, const struct log_question *question)
{
	static const char *const results[] = {
		[LOG_PASS] = "PASS", [LOG_FAIL] = "FAIL", [LOG_ABORTED] = "ABORTED"};

	if (entry->result == LOG_NOTE || entry->superseded)
		return false;
	if (question->result && strcmp(results[entry->result], question->result) != 0)
		return false;
	return same(entry->uid, question->uid) && same(entry->serial, question->serial) &&
	       same(entry->lot, question->lot) && same(entry->slot, question->slot) &&
	       entry->finished_ms >= question->since_ms;
}
