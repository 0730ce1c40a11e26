/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The taken numbers, in memory and under the locks of their files. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	if (numbers->serial->source == PROFILE_SOURCE_COUNTER && counter >= numbers->next &&
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

bool numbers_row(void *user, const struct history_row *row)
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

void numbers_say(struct numbers *numbers, const char *format, ...)
{
	va_list arguments;

	if (numbers->notices == NOTICES)
		return;
	va_start(arguments, format);
	vsnprintf(numbers->notice[numbers->notices++], NOTICE_SIZE, format, arguments);
	va_end(arguments);
}

const char *numbers_notice(const struct numbers *numbers, size_t index)
{
	return index < numbers->notices ? numbers->notice[index] : NULL;
}

bool numbers_lock(struct numbers *numbers, char *why, size_t why_size)
{
	if (!state_lock(&numbers->state, why, why_size))
		return false;
	if (numbers->place.fd < 0 || state_lock(&numbers->place, why, why_size))
		return true;
	state_unlock(&numbers->state);
	return false;
}

void numbers_unlock(struct numbers *numbers)
{
	if (numbers->place.fd >= 0)
		state_unlock(&numbers->place);
	state_unlock(&numbers->state);
}

bool numbers_write(struct numbers *numbers, const struct state_line *line, char *why,
		   size_t why_size)
{
	return (numbers->place.fd < 0 || state_append(&numbers->place, line, why, why_size)) &&
	       state_append(&numbers->state, line, why, why_size);
}

struct holding *numbers_held_by(const struct numbers *numbers, const char *uid, bool passed,
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

enum numbers_result numbers_give_again(const struct numbers *numbers, const struct holding *holding,
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

bool numbers_usable(const struct numbers *numbers, char *why, size_t why_size)
{
	if (numbers->broken)
		snprintf(why, why_size, "%s could not be written", numbers->serial->state);
	return !numbers->broken;
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

bool numbers_next(struct numbers *numbers, struct profile_unit *unit)
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

bool numbers_lock_all(struct numbers *numbers, char *why, size_t why_size)
{
	pthread_mutex_lock(&numbers->lock);
	if (state_lock(&numbers->state, why, why_size))
		return true;
	pthread_mutex_unlock(&numbers->lock);
	return false;
}

void numbers_unlock_all(struct numbers *numbers)
{
	state_unlock(&numbers->state);
	pthread_mutex_unlock(&numbers->lock);
}
