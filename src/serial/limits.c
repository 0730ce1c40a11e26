/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/serial/limits.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/serial/history.h"
#include "index.h"

struct limits {
	const struct profile_limits *asked;
	const char *lot;
	pthread_mutex_t lock;
	struct index passed;  /* UIDs, and "RUN UNIT" of passes without one */
	struct index working; /* UIDs of units on the tray ("" unknown), and how many */
	size_t nameless;      /* passes without a UID in this run */
};

static bool take_row(void *user, const struct history_row *row)
{
	struct limits *limits = user;
	char unit[128];

	if (!row->written || !row->passed || strcmp(row->lot, limits->lot) != 0)
		return true;
	if (row->uid[0])
		return index_put(&limits->passed, row->uid) != NULL;
	snprintf(unit, sizeof(unit), "%.60s %.60s", row->run_id, row->unit_id);
	return index_put(&limits->passed, unit) != NULL;
}

struct limits *limits_open(const struct profile *profile, const char *log, const char *lot,
			   char *why, size_t why_size)
{
	struct limits *limits = calloc(1, sizeof(*limits));

	if (!limits || pthread_mutex_init(&limits->lock, NULL) != 0) {
		free(limits);
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	limits->asked = &profile->limits;
	limits->lot = lot;
	if (history_read(log, take_row, limits, why, why_size))
		return limits;
	limits_close(limits);
	return NULL;
}

void limits_close(struct limits *limits)
{
	if (!limits)
		return;
	pthread_mutex_destroy(&limits->lock);
	index_free(&limits->passed);
	index_free(&limits->working);
	free(limits);
}

/* Units on the tray whose pass would be one more of this lot. */
static size_t in_flight(const struct limits *limits)
{
	size_t count = 0;

	for (size_t i = 0; i < limits->working.room; i++) {
		const struct index_entry *entry = &limits->working.entry[i];

		if (entry->key && !entry->key[0])
			count += entry->value;
		else if (entry->key && entry->value && !index_get(&limits->passed, entry->key))
			count++;
	}
	return count;
}

static enum limits_answer judge(struct limits *limits, const char *uid, bool rework, char *why,
				size_t why_size)
{
	const struct profile_limits *asked = limits->asked;
	const size_t *working = index_get(&limits->working, uid);
	size_t made = limits->passed.count + limits->nameless;
	bool counted = uid[0] && (index_get(&limits->passed, uid) || (working && *working));

	if (asked->once_per_lot && !uid[0]) {
		snprintf(why, why_size, "once_per_lot needs the UID, which cannot be read");
		return LIMITS_NO_UID;
	}
	if (asked->once_per_lot && working && *working) {
		snprintf(why, why_size, "a board with this UID is on another slot");
		return LIMITS_DUPLICATE;
	}
	if (asked->once_per_lot && !rework && index_get(&limits->passed, uid)) {
		snprintf(why, why_size, "this UID has passed in this lot");
		return LIMITS_DUPLICATE;
	}
	if (asked->lot_quantity && !counted && made + in_flight(limits) >= asked->lot_quantity) {
		snprintf(why, why_size, "%zu passed and %zu on the tray are the lot's %llu", made,
			 in_flight(limits), (unsigned long long)asked->lot_quantity);
		return LIMITS_REACHED;
	}
	return LIMITS_ADMITTED;
}

enum limits_answer limits_admit(struct limits *limits, const char *uid, bool rework, char *why,
				size_t why_size)
{
	enum limits_answer answer;
	size_t *working;

	pthread_mutex_lock(&limits->lock);
	answer = judge(limits, uid, rework, why, why_size);
	if (answer == LIMITS_ADMITTED) {
		working = index_put(&limits->working, uid);
		if (working) {
			++*working;
		} else {
			snprintf(why, why_size, "out of memory");
			answer = LIMITS_NO_MEMORY;
		}
	}
	pthread_mutex_unlock(&limits->lock);
	return answer;
}

void limits_done(struct limits *limits, const char *uid, bool passed)
{
	size_t *working;

	pthread_mutex_lock(&limits->lock);
	working = index_get(&limits->working, uid);
	if (working && *working)
		--*working;
	if (passed && !uid[0])
		limits->nameless++;
	else if (passed && !index_put(&limits->passed, uid))
		limits->nameless++; /* no memory: at least counted */
	pthread_mutex_unlock(&limits->lock);
}
