/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/serial/limits.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/text.h"
#include "h7gang/serial/history.h"
#include "claims.h"
#include "index.h"

struct limits {
	const struct profile_limits *asked;
	const char *lot;
	pthread_mutex_t lock;
	struct index passed;  /* UIDs, and "RUN UNIT" of passes without one */
	struct index working; /* UIDs of units on the tray ("" unknown), and how many */
	size_t nameless;      /* passes without a UID in this run */

	struct station *station; /* NULL: the log alone decides */
	const struct profile_store *store;
	char *lot_text;          /* the lot as the store writes it */
	unsigned ahead;          /* places reserved in the store for later units */
	struct claim_units made; /* units begun in them, not known to the store yet */
	bool asking; /* a unit's question is under way; the lock is not held meanwhile */
	pthread_cond_t answered;
	const struct claim_units *told; /* units begun without the store; NULL: none */
	struct claim_units over;        /* those of `told` that ended meanwhile without a pass */
	struct claims claims;           /* of this station's units, in the store */
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
	if (clock_cond_init(&limits->answered) != 0) {
		pthread_mutex_destroy(&limits->lock);
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

/* Units on the tray that would add to this lot if they pass. */
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
		snprintf(why, why_size,
			 "the lot's quantity is reached: %zu passed and %zu on the tray, of %llu",
			 made, in_flight(limits), (unsigned long long)asked->lot_quantity);
		return LIMITS_REACHED;
	}
	return LIMITS_ADMITTED;
}

/* A unit is on the tray. */
static enum limits_answer seat(struct limits *limits, const char *uid, char *why, size_t why_size)
{
	size_t *working = index_put(&limits->working, uid);

	if (working) {
		++*working;
		return LIMITS_ADMITTED;
	}
	snprintf(why, why_size, "out of memory");
	return LIMITS_NO_MEMORY;
}

/* --- with a store --- */

bool limits_join(struct limits *limits, struct station *station, const struct profile_store *store,
		 const char *log, char *why, size_t why_size)
{
	size_t length = strlen(limits->lot), size = 4 * length + 1, escaped;
	enum db_error error;

	limits->lot_text = malloc(size);
	if (!limits->lot_text) {
		snprintf(why, why_size, "out of memory");
		return false;
	}
	escaped = text_csv(limits->lot, length, limits->lot_text, size);
	limits->lot_text[escaped < size ? escaped : 0] = '\0';
	limits->station = station;
	limits->store = store;
	limits->claims.station = station;
	limits->claims.log = log;
	limits->claims.lot = limits->lot_text;
	error = claims_recover(&limits->claims, why, why_size);
	return error == DB_OK || station_may_come_back(error);
}

static bool has_unit(const struct claim_units *units, const char *unit_id)
{
	for (size_t i = 0; units && i < units->count; i++) {
		if (strcmp(units->unit[i].unit_id, unit_id) == 0)
			return true;
	}
	return false;
}

/* False: the questions of other units last until the deadline. */
static bool take_turn(struct limits *limits, int64_t deadline)
{
	bool in_time = true;

	while (limits->asking && in_time)
		in_time = clock_wait_until(&limits->answered, &limits->lock, deadline);
	if (limits->asking)
		return false;
	limits->asking = true;
	return true;
}

/* The store may not have heard of them. One that ended meanwhile gives its place back. */
static void take_back(struct limits *limits, const struct claim_units *told)
{
	for (size_t i = 0; i < told->count; i++) {
		if (!has_unit(&limits->over, told->unit[i].unit_id))
			claim_units_add(&limits->made, told->unit[i].unit_id, told->unit[i].uid);
		else if (limits->asked->lot_quantity > 0)
			limits->ahead++;
	}
}

/* The lock is held, but not while the store is asked. `unit_id` "": only reports ended units. */
static enum db_error ask(struct limits *limits, struct claim_lot *claim, int64_t deadline,
			 char *why, size_t why_size)
{
	struct claim_units told;
	enum db_error error;
	bool lent; /* the store may give this unit a place that was taken ahead */

	if (!take_turn(limits, deadline)) {
		snprintf(why, why_size,
			 "the store is away: it did not answer the boards before this one in time");
		return DB_AWAY;
	}
	told = limits->made;
	limits->made = (struct claim_units){.unit = NULL};
	limits->told = &told;
	lent = claim->unit.unit_id[0] && limits->ahead > 0;
	limits->ahead -= lent;
	claim->station = limits->station;
	claim->lot = limits->lot_text;
	claim->quantity = limits->asked->lot_quantity;
	claim->once = limits->asked->once_per_lot;
	claim->made = &told;
	if (limits->store->offline_lease && claim->quantity > 0 && !claim->last)
		claim->ahead = limits->store->places;
	error = claims_ask(&limits->claims, &limits->lock, deadline, claim_lot, claim,
			   &claim->ended, why, why_size);
	if (error == DB_OK) {
		/* Other units may have begun in such places meanwhile. */
		limits->ahead = claim->has_ahead > limits->made.count
					? claim->has_ahead - (unsigned)limits->made.count
					: 0;
	} else {
		limits->ahead += lent;
		take_back(limits, &told);
	}
	limits->told = NULL;
	limits->over.count = 0;
	free(told.unit);
	limits->asking = false;
	pthread_cond_signal(&limits->answered);
	return error;
}

static void leave_store(struct limits *limits)
{
	struct claim_lot claim = {.last = true};
	char why[256];

	pthread_mutex_lock(&limits->lock);
	if (limits->ahead > 0 || limits->claims.ended.count > 0 || limits->made.count > 0)
		ask(limits, &claim, clock_after_ms(STATION_TURN_MS), why,
		    sizeof(why)); /* a failure leaves it to the next start */
	pthread_mutex_unlock(&limits->lock);
}

static enum limits_answer answer_of(const struct limits *limits, const struct claim_lot *claim,
				    char *why, size_t why_size)
{
	switch (claim->answer) {
	case CLAIM_MADE:
		return LIMITS_ADMITTED;
	case CLAIM_ON_TRAY:
		snprintf(why, why_size,
			 "a board with this UID is on a slot of station %s, or its row is on the "
			 "way",
			 claim->where);
		return LIMITS_DUPLICATE;
	case CLAIM_PASSED:
		snprintf(why, why_size, "this UID has passed in this lot");
		return LIMITS_DUPLICATE;
	case CLAIM_FULL:
		break;
	}
	snprintf(why, why_size,
		 "the lot's quantity is reached: %llu passed and %llu in progress, at all "
		 "stations, of %llu",
		 (unsigned long long)claim->passed, (unsigned long long)claim->flying,
		 (unsigned long long)limits->asked->lot_quantity);
	return LIMITS_REACHED;
}

/* Without the store: uses the places of the lot that this station has reserved. */
static enum limits_answer go_on_alone(struct limits *limits, const char *unit_id, const char *uid,
				      bool rework, char *why, size_t why_size)
{
	bool counted = limits->asked->lot_quantity > 0;
	enum limits_answer answer;

	if (!limits->store->offline_lease || (counted && limits->ahead == 0)) {
		/* The store may have counted the unit before it stopped answering. */
		claim_units_add(&limits->claims.ended, unit_id, uid);
		return LIMITS_AWAY;
	}
	answer = judge(limits, uid, rework, why, why_size);
	if (answer != LIMITS_ADMITTED) {
		claim_units_add(&limits->claims.ended, unit_id, uid);
		return answer;
	}
	if (!claim_units_add(&limits->made, unit_id, uid)) {
		snprintf(why, why_size, "out of memory");
		return LIMITS_NO_MEMORY;
	}
	if (counted)
		limits->ahead--;
	return LIMITS_ADMITTED;
}

static enum limits_answer admit_by_store(struct limits *limits, const char *unit_id,
					 const char *uid, bool rework, int64_t deadline, char *why,
					 size_t why_size)
{
	struct claim_lot claim = {.rework = rework};
	enum db_error error;

	if (limits->asked->once_per_lot && !uid[0]) {
		snprintf(why, why_size, "once_per_lot needs the UID, which cannot be read");
		return LIMITS_NO_UID;
	}
	snprintf(claim.unit.unit_id, sizeof(claim.unit.unit_id), "%s", unit_id);
	snprintf(claim.unit.uid, sizeof(claim.unit.uid), "%s", uid);
	error = ask(limits, &claim, deadline, why, why_size);
	if (error == DB_OK)
		return answer_of(limits, &claim, why, why_size);
	return station_may_come_back(error)
		       ? go_on_alone(limits, unit_id, uid, rework, why, why_size)
		       : LIMITS_AWAY;
}

/* A unit without a pass: its place is free again. */
static void release(struct limits *limits, const char *unit_id, const char *uid)
{
	struct claim_lot claim = {.rework = false};
	char why[256];

	if (claim_units_drop(&limits->made, unit_id)) {
		if (limits->asked->lot_quantity > 0)
			limits->ahead++;
		/* If an answer was lost, the store may have its own claim of the unit. */
		claim_units_add(&limits->claims.ended, unit_id, uid);
		return;
	}
	if (has_unit(limits->told, unit_id))
		claim_units_add(&limits->over, unit_id, uid);
	if (claim_units_add(&limits->claims.ended, unit_id, uid))
		ask(limits, &claim, clock_after_ms(STATION_TURN_MS), why,
		    sizeof(why)); /* else later */
}

enum limits_answer limits_admit(struct limits *limits, const char *unit_id, const char *uid,
				bool rework, int64_t deadline, char *why, size_t why_size)
{
	enum limits_answer answer;

	pthread_mutex_lock(&limits->lock);
	answer = limits->station
			 ? admit_by_store(limits, unit_id, uid, rework, deadline, why, why_size)
			 : judge(limits, uid, rework, why, why_size);
	if (answer == LIMITS_ADMITTED)
		answer = seat(limits, uid, why, why_size);
	pthread_mutex_unlock(&limits->lock);
	return answer;
}

void limits_done(struct limits *limits, const char *unit_id, const char *uid, bool passed)
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
	if (!passed && limits->station)
		release(limits, unit_id, uid);
	pthread_mutex_unlock(&limits->lock);
}

void limits_close(struct limits *limits)
{
	if (!limits)
		return;
	if (limits->station)
		leave_store(limits);
	free(limits->made.unit);
	free(limits->over.unit);
	claims_free(&limits->claims);
	free(limits->lot_text);
	pthread_cond_destroy(&limits->answered);
	pthread_mutex_destroy(&limits->lock);
	index_free(&limits->passed);
	index_free(&limits->working);
	free(limits);
}
