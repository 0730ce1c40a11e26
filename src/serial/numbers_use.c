/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A leased number on its way to a board. The store notes it before the board gets it: if a copy of
 * this station draws the same number, one of the two gets another one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/store/use.h"
#include "numbers_private.h"

/* A number for one unit. */
struct request {
	const char *uid, *unit_id;
	struct profile_unit *unit;
	uint64_t left; /* numbers of the leases that are free; UINT64_MAX: none was drawn */
};

/* With the lock. The number that the board has, or else the next free one, which other units of
 * this process do not draw any more. */
static enum numbers_result choose(struct numbers *numbers, struct request *request, char *why,
				  size_t why_size)
{
	const struct profile_serial *serial = numbers->serial;
	enum numbers_result result = NUMBERS_OK;
	struct holding *holding;

	request->left = UINT64_MAX;
	if (!numbers_usable(numbers, why, why_size) || !numbers_lock(numbers, why, why_size))
		return NUMBERS_BROKEN;
	holding = numbers_held_by(numbers, request->uid, serial->by_uid, serial->keep);
	if (holding) {
		result = numbers_give_again(numbers, holding, request->unit, why, why_size);
	} else if (!numbers_draw(numbers, request->unit, &request->left)) {
		snprintf(why, why_size, "no number is left");
		result = NUMBERS_EXHAUSTED;
	} else if (!numbers_note(numbers, request->unit->serial, request->unit->counter, "",
				 false)) {
		snprintf(why, why_size, "out of memory");
		result = NUMBERS_BROKEN;
	}
	numbers_unlock(numbers);
	return result;
}

/* With the lock, which is released while the store is asked. `taken`: by another board. */
static enum numbers_result tell_store(struct numbers *numbers, const struct request *request,
				      bool *taken, char *why, size_t why_size)
{
	struct store_use use = {.station = numbers->station,
				.pool = numbers->pool.name,
				.number = request->unit->serial,
				.unit_id = request->unit_id,
				.uid = request->uid};
	enum db_error error;

	pthread_mutex_unlock(&numbers->lock);
	error = station_do(numbers->station, store_use, &use, why, why_size);
	pthread_mutex_lock(&numbers->lock);
	*taken = error == DB_OK && use.taken;
	return error == DB_OK ? NUMBERS_OK : numbers_without_store(numbers, error);
}

/* With the lock and the file's lock: no unit of this station draws it again. */
static enum numbers_result discard(struct numbers *numbers, const struct request *request,
				   char *why, size_t why_size)
{
	const struct state_line line = {
		.kind = STATE_HAD,
		.counter = numbers->serial->from_list ? 0 : request->unit->counter,
		.number = request->unit->serial,
		.uid = "",
		.unit = "store"};

	return state_append(&numbers->state, &line, why, why_size) ? NUMBERS_OK : NUMBERS_BROKEN;
}

/* With the lock and the file's lock: on disk before it is returned. `*again`: another process of
 * this station took it meanwhile. A board with this UID may have got a number meanwhile, too. */
static enum numbers_result take(struct numbers *numbers, const struct request *request, bool *again,
				char *why, size_t why_size)
{
	const struct state_line line = {.kind = STATE_TAKE,
					.counter = request->unit->counter,
					.number = request->unit->serial,
					.uid = request->uid,
					.unit = request->unit_id};
	const size_t *at = index_get(&numbers->by_number, request->unit->serial);
	struct holding *holding = at ? &numbers->holding[*at - 1] : NULL;
	const struct holding *has = numbers_held_by(numbers, request->uid, numbers->serial->by_uid,
						    numbers->serial->keep);

	if (has)
		return numbers_give_again(numbers, has, request->unit, why, why_size);
	*again = holding && holding->in_file;
	if (*again)
		return NUMBERS_OK;
	if (!numbers_write(numbers, &line, why, why_size)) {
		numbers->broken = true; /* the content of the disk is unknown */
		return NUMBERS_BROKEN;
	}
	holding = numbers_note(numbers, line.number, line.counter, line.uid, false);
	if (!holding) {
		snprintf(why, why_size, "out of memory");
		return NUMBERS_BROKEN;
	}
	holding->in_file = holding->in_place = true;
	return NUMBERS_OK;
}

/* With the lock. `*again`: the drawn number went to another board. */
static enum numbers_result settle(struct numbers *numbers, const struct request *request,
				  bool *again, char *why, size_t why_size)
{
	enum numbers_result result = tell_store(numbers, request, again, why, why_size);

	if (result != NUMBERS_OK)
		return result;
	if (!numbers_lock(numbers, why, why_size))
		return NUMBERS_BROKEN;
	result = *again ? discard(numbers, request, why, why_size)
			: take(numbers, request, again, why, why_size);
	numbers_unlock(numbers);
	return result;
}

/* The store may have to be asked more than once: others of this station draw too. */
static enum numbers_result get(struct numbers *numbers, struct request *request, char *why,
			       size_t why_size)
{
	enum numbers_result result;
	bool again;

	do {
		again = false;
		result = choose(numbers, request, why, why_size);
		if (result == NUMBERS_EXHAUSTED) {
			result = numbers_lease(numbers, why, why_size);
			again = result == NUMBERS_OK;
		} else if (result == NUMBERS_OK && request->left != UINT64_MAX) {
			result = settle(numbers, request, &again, why, why_size);
		}
	} while (result == NUMBERS_OK && again);
	return result;
}

enum numbers_result numbers_use(struct numbers *numbers, const char *uid, const char *unit_id,
				struct profile_unit *unit, char *why, size_t why_size)
{
	struct request request = {.uid = uid, .unit_id = unit_id, .unit = unit, .left = UINT64_MAX};
	bool asks = uid[0] && (numbers->serial->by_uid || numbers->serial->keep);
	enum numbers_result result = numbers_ready(numbers, why, why_size);
	const struct holding *has = numbers_held_by(numbers, uid, numbers->serial->by_uid, false);
	const size_t *at;

	if (result == NUMBERS_OK && asks && !has)
		result = numbers_ask(numbers, uid, unit_id, why, why_size);
	if (result == NUMBERS_OK)
		result = get(numbers, &request, why, why_size);
	if (result != NUMBERS_OK) {
		numbers_claim_over(numbers, uid, false);
		return result;
	}
	at = index_get(&numbers->by_number, unit->serial);
	if (at)
		numbers->holding[*at - 1].working = true;
	numbers_look_ahead(numbers, request.left);
	return NUMBERS_OK;
}
