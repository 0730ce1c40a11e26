/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/serial/numbers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/serial/history.h"
#include "numbers_private.h"

static struct holding *hold(struct numbers *numbers, const char *number, uint64_t counter)
{
	size_t *at = index_put(&numbers->by_number, number);
	struct holding *holding;

	if (!at)
		return NULL;
	if (*at)
		return &numbers->holding[*at - 1];
	if (numbers->count == numbers->room) {
		size_t room = numbers->room ? 2 * numbers->room : 256;
		struct holding *more = reallocarray(numbers->holding, room, sizeof(*more));

		if (!more)
			return NULL;
		numbers->holding = more;
		numbers->room = room;
	}
	holding = &numbers->holding[numbers->count];
	*holding = (struct holding){.number = strdup(number), .counter = counter};
	if (!holding->number)
		return NULL;
	*at = ++numbers->count;
	if (!numbers->serial->from_list && counter >= numbers->next &&
	    counter <= numbers->serial->end)
		numbers->next = counter + 1;
	return holding;
}

struct holding *numbers_note(struct numbers *numbers, const char *number, uint64_t counter,
			     const char *uid, bool passed)
{
	struct holding *holding = hold(numbers, number, counter);
	size_t *at;

	if (!holding)
		return NULL;
	if (uid[0] && !holding->uid[0]) {
		at = index_put(&numbers->by_uid, uid);
		if (!at)
			return NULL;
		snprintf(holding->uid, sizeof(holding->uid), "%s", uid);
		holding->before = *at;
		*at = (size_t)(holding - numbers->holding) + 1;
	}
	holding->passed = holding->passed || (passed && strcmp(holding->uid, uid) == 0);
	return holding;
}

/* The number becomes the last one of its board. */
static void make_last(struct numbers *numbers, struct holding *holding)
{
	size_t place = (size_t)(holding - numbers->holding) + 1;
	size_t *head = holding->uid[0] ? index_get(&numbers->by_uid, holding->uid) : NULL;
	size_t *at = head;

	while (at && *at && *at != place)
		at = &numbers->holding[*at - 1].before;
	if (!at || *at != place)
		return;
	*at = holding->before;
	holding->before = *head;
	*head = place;
}

/* The state file knows in which order a board got its numbers, from whatever profile; a log is one of many. */
static bool take_line(void *user, const struct state_line *line)
{
	struct numbers *numbers = user;
	struct holding *holding;

	if (line->kind != STATE_TAKE && line->kind != STATE_PASS)
		return leases_line(&numbers->leases, line);
	holding = numbers_note(numbers, line->number, line->counter, line->uid,
			       line->kind == STATE_PASS);
	if (holding)
		make_last(numbers, holding);
	return holding != NULL;
}

/* What the log knows and the state file may have lost. */
static bool take_row(void *user, const struct history_row *row)
{
	struct numbers *numbers = user;
	struct profile_unit unit = {.uid = ""};

	if (!row->written || !row->unit_serial[0] ||
	    strlen(row->unit_serial) >= PROFILE_SERIAL_SIZE ||
	    strcmp(row->profile, numbers->profile->name) != 0)
		return true;
	if (!profile_serial_find(numbers->serial, row->unit_serial, &unit))
		unit.counter = 0;
	return numbers_note(numbers, row->unit_serial, unit.counter, row->uid, row->passed) != NULL;
}

struct numbers *numbers_open(const struct profile *profile, const char *log, bool takes, char *why,
			     size_t why_size)
{
	struct numbers *numbers = calloc(1, sizeof(*numbers));

	snprintf(why, why_size, "out of memory");
	if (!numbers)
		return NULL;
	if (pthread_mutex_init(&numbers->lock, NULL) != 0) {
		free(numbers);
		return NULL;
	}
	if (clock_cond_init(&numbers->leased) != 0) {
		pthread_mutex_destroy(&numbers->lock);
		free(numbers);
		return NULL;
	}
	numbers->profile = profile;
	numbers->serial = profile->serial;
	numbers->state.fd = numbers->state.folder = -1;
	numbers->next = profile->serial->start;
	numbers->row = 1;
	if (history_read(log, take_row, numbers, why, why_size) &&
	    state_open(&numbers->state, profile->serial->state, takes, take_line, numbers, why,
		       why_size))
		return numbers;
	numbers_close(numbers);
	return NULL;
}

void numbers_close(struct numbers *numbers)
{
	if (!numbers)
		return;
	if (numbers->station)
		numbers_leave(numbers);
	state_close(&numbers->state);
	leases_free(&numbers->leases);
	free(numbers->open.unit);
	free(numbers->ended.unit);
	for (size_t i = 0; i < numbers->count; i++)
		free(numbers->holding[i].number);
	free(numbers->holding);
	index_free(&numbers->by_number);
	index_free(&numbers->by_uid);
	pthread_cond_destroy(&numbers->leased);
	pthread_mutex_destroy(&numbers->lock);
	free(numbers);
}

bool numbers_alone(const struct numbers *numbers, char *why, size_t why_size)
{
	if (!numbers->leases.file[0])
		return true;
	snprintf(why, why_size,
		 "%s: its numbers are those of the store's pool \"%s\", and there is no store",
		 numbers->state.path, numbers->leases.pool);
	return false;
}

/* The last number of a UID: one that passed, or else (with `open`) one that did not. */
static struct holding *held_by(const struct numbers *numbers, const char *uid, bool passed,
			       bool open)
{
	const size_t *at = uid[0] ? index_get(&numbers->by_uid, uid) : NULL;
	size_t last = at ? *at : 0;

	for (size_t i = last; passed && i; i = numbers->holding[i - 1].before) {
		if (numbers->holding[i - 1].passed)
			return &numbers->holding[i - 1];
	}
	return open && last && !numbers->holding[last - 1].passed ? &numbers->holding[last - 1]
								  : NULL;
}

static enum numbers_result give_again(const struct numbers *numbers, const struct holding *holding,
				      struct profile_unit *unit, char *why, size_t why_size)
{
	if (holding->working) {
		snprintf(why, why_size,
			 "number %s is being given to a board with this UID on "
			 "another slot",
			 holding->number);
		return NUMBERS_BUSY;
	}
	if (profile_serial_find(numbers->serial, holding->number, unit)) {
		if (!numbers->serial->from_list)
			unit->counter = holding->counter;
		return NUMBERS_OK;
	}
	/* The format has changed, not the number. */
	if (!numbers->serial->from_list && holding->counter) {
		snprintf(unit->serial, sizeof(unit->serial), "%s", holding->number);
		unit->counter = holding->counter;
		return NUMBERS_OK;
	}
	snprintf(why, why_size, "this board's number %s is none of the profile's", holding->number);
	return NUMBERS_UNKNOWN;
}

bool numbers_at(const struct numbers *numbers, uint64_t at, struct profile_unit *unit)
{
	const struct profile_list *list = &numbers->serial->list;

	if (!numbers->serial->from_list) {
		unit->counter = at;
		return profile_serial_text(numbers->serial, at, unit->serial);
	}
	if (at > list->rows)
		return false;
	unit->row = (size_t)at;
	snprintf(unit->serial, sizeof(unit->serial), "%s",
		 list->cell[unit->row * list->columns + list->key]);
	return true;
}

/* The first that nobody has had. */
static bool next_number(struct numbers *numbers, struct profile_unit *unit)
{
	bool list = numbers->serial->from_list;
	uint64_t last = list ? numbers->serial->list.rows : numbers->serial->end;
	uint64_t at = list ? numbers->row : numbers->next;
	bool found = false;

	for (; at <= last && !found; at++)
		found = numbers_at(numbers, at, unit) &&
			!index_get(&numbers->by_number, unit->serial);
	if (list)
		numbers->row = (size_t)(found ? at - 1 : at);
	else
		numbers->next = found ? at - 1 : at;
	return found;
}

/* Under the file's lock: a number nobody has had, on disk before it is returned. */
static enum numbers_result give_new(struct numbers *numbers, const char *uid, const char *unit_id,
				    struct profile_unit *unit, uint64_t *left, char *why,
				    size_t why_size)
{
	struct state_line line = {
		.kind = STATE_TAKE, .number = unit->serial, .uid = uid, .unit = unit_id};
	bool found = numbers->station ? numbers_draw(numbers, unit, left)
				      : next_number(numbers, unit);

	if (!found) {
		snprintf(why, why_size, "no number is left");
		return NUMBERS_EXHAUSTED;
	}
	line.counter = unit->counter;
	if (!state_append(&numbers->state, &line, why, why_size)) {
		numbers->broken = true; /* nobody knows what is on that disk */
		return NUMBERS_BROKEN;
	}
	if (!numbers_note(numbers, unit->serial, unit->counter, uid, false)) {
		snprintf(why, why_size, "out of memory");
		return NUMBERS_BROKEN;
	}
	return NUMBERS_OK;
}

/* Under the file's lock, which is taken here. */
static enum numbers_result give(struct numbers *numbers, const char *uid, const char *unit_id,
				struct profile_unit *unit, uint64_t *left, char *why,
				size_t why_size)
{
	const struct profile_serial *serial = numbers->serial;
	enum numbers_result result;
	struct holding *holding;
	size_t *at;

	if (numbers->broken) {
		snprintf(why, why_size, "%s could not be written", serial->state);
		return NUMBERS_BROKEN;
	}
	if (!state_lock(&numbers->state, why, why_size))
		return NUMBERS_BROKEN;
	holding = held_by(numbers, uid, serial->by_uid, serial->keep);
	result = holding ? give_again(numbers, holding, unit, why, why_size)
			 : give_new(numbers, uid, unit_id, unit, left, why, why_size);
	state_unlock(&numbers->state);
	at = result == NUMBERS_OK ? index_get(&numbers->by_number, unit->serial) : NULL;
	if (at)
		numbers->holding[*at - 1].working = true;
	return result;
}

/* A number, for which the store may have to be asked more than once: others of this station draw too. */
static enum numbers_result give_leased(struct numbers *numbers, const char *uid,
				       const char *unit_id, struct profile_unit *unit, char *why,
				       size_t why_size)
{
	bool asks = uid[0] && (numbers->serial->by_uid || numbers->serial->keep);
	const struct holding *has = held_by(numbers, uid, numbers->serial->by_uid, false);
	enum numbers_result result = NUMBERS_OK;
	uint64_t left = UINT64_MAX; /* unless one is drawn */

	if (asks && !has)
		result = numbers_ask(numbers, uid, unit_id, why, why_size);
	while (result == NUMBERS_OK) {
		result = give(numbers, uid, unit_id, unit, &left, why, why_size);
		if (result != NUMBERS_EXHAUSTED)
			break;
		result = numbers_lease(numbers, why, why_size);
	}
	if (result == NUMBERS_OK)
		numbers_look_ahead(numbers, left);
	else
		numbers_claim_over(numbers, uid, false);
	return result;
}

static enum numbers_result take(struct numbers *numbers, const char *uid, const char *unit_id,
				struct profile_unit *unit, char *why, size_t why_size)
{
	const struct profile_serial *serial = numbers->serial;
	uint64_t left;

	if (!uid[0] && (serial->by_uid || profile_serial_needs_uid(serial))) {
		snprintf(why, why_size, "its number needs the UID, which cannot be read");
		return NUMBERS_NO_UID;
	}
	return numbers->station ? give_leased(numbers, uid, unit_id, unit, why, why_size)
				: give(numbers, uid, unit_id, unit, &left, why, why_size);
}

enum numbers_result numbers_take(struct numbers *numbers, const char *uid, const char *unit_id,
				 struct profile_unit *unit, char *why, size_t why_size)
{
	enum numbers_result result;

	*unit = (struct profile_unit){.uid = uid};
	pthread_mutex_lock(&numbers->lock);
	result = take(numbers, uid, unit_id, unit, why, why_size);
	pthread_mutex_unlock(&numbers->lock);
	return result;
}

enum numbers_result numbers_find(struct numbers *numbers, const char *uid,
				 struct profile_unit *unit, char *why, size_t why_size)
{
	enum numbers_result result = NUMBERS_UNKNOWN;
	const struct holding *holding;

	*unit = (struct profile_unit){.uid = uid};
	if (!uid[0]) {
		snprintf(why, why_size, "its number needs the UID, which cannot be read");
		return NUMBERS_NO_UID;
	}
	pthread_mutex_lock(&numbers->lock);
	if (numbers->station && !held_by(numbers, uid, true, false))
		numbers_look_up(numbers, uid);
	holding = held_by(numbers, uid, true, true);
	if (holding)
		result = give_again(numbers, holding, unit, why, why_size);
	else
		snprintf(why, why_size, "the log%s has no number for this UID",
			 numbers->station ? " or the store" : "");
	pthread_mutex_unlock(&numbers->lock);
	return result;
}

void numbers_done(struct numbers *numbers, const struct profile_unit *unit, bool passed)
{
	struct state_line line = {.kind = STATE_PASS,
				  .counter = unit->counter,
				  .number = unit->serial,
				  .uid = unit->uid,
				  .unit = "-"};
	struct holding *holding;
	char why[256];
	size_t *at;

	pthread_mutex_lock(&numbers->lock);
	at = index_get(&numbers->by_number, unit->serial);
	holding = at ? &numbers->holding[*at - 1] : NULL;
	if (holding)
		holding->working = false;
	/* For logs other than this one; if it cannot be written, this log still says so. */
	if (holding && passed && !holding->passed && !numbers->broken &&
	    state_lock(&numbers->state, why, sizeof(why))) {
		numbers->broken = !state_append(&numbers->state, &line, why, sizeof(why));
		state_unlock(&numbers->state);
	}
	/* Reading what others wrote may have moved the holdings. */
	at = index_get(&numbers->by_number, unit->serial);
	if (at && passed)
		numbers->holding[*at - 1].passed = true;
	if (numbers->station)
		numbers_claim_over(numbers, unit->uid, passed);
	pthread_mutex_unlock(&numbers->lock);
}
