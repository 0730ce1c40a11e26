/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that a person declares as taken, because no file knows them any longer. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "numbers_alone.h"

static bool take_word(struct numbers *numbers, uint64_t counter, const char *number, char *why,
		      size_t why_size)
{
	const struct state_line line = {.kind = STATE_HAD,
					.counter = counter,
					.number = number,
					.uid = "",
					.unit = "set-next"};
	struct holding *holding;

	if (index_get(&numbers->by_number, number))
		return true;
	if (!numbers_write(numbers, &line, why, why_size))
		return false;
	holding = numbers_note(numbers, number, counter, "", false);
	if (!holding) {
		snprintf(why, why_size, "out of memory");
		return false;
	}
	holding->in_file = holding->in_place = true;
	return true;
}

/* Whether the word can be taken, before anything is written. */
static bool check_word(struct numbers *numbers, const struct numbers_word *word, char *why,
		       size_t why_size)
{
	const struct profile_serial *serial = numbers->serial;
	struct profile_unit unit = {.uid = ""};

	if (word->has_next == serial->from_list) {
		snprintf(
			why, why_size,
			serial->from_list
				? "the profile's numbers come from a list: --taken FILE, not --next"
				: "the profile's numbers come from a counter: --next N, not "
				  "--taken");
		return false;
	}
	if (word->has_next && (word->next < numbers->next || word->next > serial->end + 1)) {
		snprintf(why, why_size,
			 "--next %" PRIu64 ": it must be at least %" PRIu64
			 ", since the numbers below are taken, and at most %" PRIu64,
			 word->next, numbers->next, serial->end + 1);
		return false;
	}
	for (size_t i = 0; i < word->count; i++) {
		if (profile_serial_find(serial, word->taken[i], &unit))
			continue;
		snprintf(why, why_size, "--taken: \"%s\" is no number of the list", word->taken[i]);
		return false;
	}
	return true;
}

static bool take_words(struct numbers *numbers, const struct numbers_word *word, char *why,
		       size_t why_size)
{
	struct profile_unit unit = {.uid = ""};

	for (size_t i = 0; i < word->count; i++) {
		if (!take_word(numbers, 0, word->taken[i], why, why_size))
			return false;
	}
	return !word->has_next || word->next <= numbers->next ||
	       (numbers_at(numbers, word->next - 1, &unit) &&
		take_word(numbers, word->next - 1, unit.serial, why, why_size));
}

/* The change that is about to be made, for the log. */
static void describe(const struct numbers *numbers, const struct numbers_word *word, char *text,
		     size_t size)
{
	if (word->has_next)
		snprintf(text, size, "numbers set: the next number of %s is %" PRIu64,
			 numbers->file, word->next);
	else
		snprintf(text, size, "numbers set: %zu more numbers of %s are taken", word->count,
			 numbers->file);
}

bool numbers_set_next(struct numbers *numbers, const struct numbers_station *station,
		      const struct numbers_word *word, char *why, size_t why_size)
{
	char text[PATH_MAX + 80];
	bool missing, good;

	if (!numbers_alone(numbers, why, why_size) ||
	    !numbers_read_logs(numbers, station, why, why_size) ||
	    !state_lock(&numbers->state, why, why_size))
		return false;
	numbers->unread = 0; /* a person knows their numbers */
	good = numbers_read_place(numbers, &missing, why, why_size);
	if (good && numbers->home)
		good = state_lock(&numbers->place, why, why_size);
	if (good || missing)
		good = check_word(numbers, word, why, why_size);
	if (good) {
		describe(numbers, word, text, sizeof(text));
		good = word->note(word->user, text, why, why_size);
	}
	if (good && !missing && numbers->home)
		good = numbers_settle(numbers, false, why, why_size);
	else if (good)
		good = numbers_bind_place(numbers, station, !missing, why, why_size);
	if (good)
		good = take_words(numbers, word, why, why_size);
	numbers_unlock(numbers);
	return good;
}
