/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run that takes numbers from a store checks in before the first one. It learns which numbers the
 * store gave this station, in case the station's own file was lost or restored. */
#include "check_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/store/checkin.h"

/* The question, copied under the lock: other threads go on reading the file meanwhile. */
struct asked {
	char owner[STATION_ID_SIZE], name[STATION_ID_SIZE];
	char (*known)[STATION_ID_SIZE];
	size_t count;
};

/* With the lock. */
static bool copy_known(const struct leases *leases, struct asked *asked, char *why, size_t why_size)
{
	free(asked->known);
	asked->count = leases->runs;
	asked->known = calloc(leases->runs, sizeof(*asked->known));
	if (asked->known)
		memcpy(asked->known, leases->run, leases->runs * sizeof(*asked->known));
	else
		snprintf(why, why_size, "out of memory");
	return asked->known != NULL;
}

static bool prepare(struct numbers *numbers, struct asked *asked, char *why, size_t why_size)
{
	struct leases *leases = &numbers->leases;
	bool good;

	asked->known = NULL;
	if (!numbers_lock_all(numbers, why, why_size))
		return false;
	good = leases_name_run(leases, &numbers->state, asked->name, why, why_size) &&
	       copy_known(leases, asked, why, why_size);
	snprintf(asked->owner, sizeof(asked->owner), "%s", leases->file);
	numbers_unlock_all(numbers);
	return good;
}

/* For station_checked_in. A name that cannot be read is none. */
static bool knows_name(void *user, const char *name)
{
	struct numbers *numbers = user;
	const struct leases *leases = &numbers->leases;
	bool known = false;
	char why[256];

	if (!numbers_lock_all(numbers, why, sizeof(why)))
		return false;
	for (size_t i = leases->runs; i > 0 && !known; i--)
		known = strcmp(leases->run[i - 1], name) == 0;
	numbers_unlock_all(numbers);
	return known;
}

/* Another process with this file may have named its run after this one, and checked in before it.
 * False also without memory: then the answer stands. */
static bool knows_more(struct numbers *numbers, struct asked *asked, char *why, size_t why_size)
{
	bool more;

	if (!numbers_lock_all(numbers, why, why_size))
		return false;
	more = numbers->leases.runs > asked->count &&
	       copy_known(&numbers->leases, asked, why, why_size);
	numbers_unlock_all(numbers);
	return more;
}

static enum db_error ask(struct numbers *numbers, struct asked *asked, struct checkin *checkin,
			 char *why, size_t why_size)
{
	enum db_error error;

	do {
		checkin_free(checkin);
		checkin->known = (const char(*)[STATION_ID_SIZE])asked->known;
		checkin->count = asked->count;
		error = station_do(numbers->station, checkin_run, checkin, why, why_size);
	} while (error == DB_OK && checkin->answer == CHECKIN_OLD &&
		 knows_more(numbers, asked, why, why_size));
	return error;
}

/* Returned numbers are not drawn, no matter which process returned them. */
static bool strike_back(struct numbers *numbers, const struct checkin *checkin, char *why,
			size_t why_size)
{
	bool good = true;

	if (checkin->backs == 0)
		return true;
	if (!numbers_lock_all(numbers, why, why_size))
		return false;
	for (size_t i = 0; i < checkin->backs && good; i++)
		good = leases_strike(&numbers->leases, &numbers->state, checkin->back[i].lease,
				     checkin->back[i].first, why, why_size);
	numbers_unlock_all(numbers);
	return good;
}

/* --- numbers in rows --- */

struct candidate {
	uint64_t at;
	char text[PROFILE_SERIAL_SIZE];
};

/* The next numbers that may be drawn, from index `*at` on. Returns how many. */
static size_t next_candidates(struct numbers *numbers, size_t *lease, uint64_t *at,
			      struct candidate *candidate)
{
	const struct leases *leases = &numbers->leases;
	size_t count = 0;

	for (; *lease < leases->count && count < CHECKIN_NUMBERS; ++*lease, *at = 0) {
		const struct lease *from = &leases->lease[*lease];

		if (*at < from->next)
			*at = from->next;
		for (; !from->back && *at <= from->last && count < CHECKIN_NUMBERS; ++*at) {
			struct profile_unit unit = {.uid = ""};

			if (!numbers_at(numbers, *at, &unit) ||
			    index_get(&numbers->by_number, unit.serial))
				continue;
			candidate[count].at = *at;
			memcpy(candidate[count++].text, unit.serial, sizeof(unit.serial));
		}
		if (count == CHECKIN_NUMBERS)
			return count;
	}
	return count;
}

static bool note_seen(struct numbers *numbers, const struct checkin_seen *seen,
		      const struct candidate *candidate, size_t *found, char *why, size_t why_size)
{
	bool good = true;

	if (!numbers_lock_all(numbers, why, why_size))
		return false;
	for (size_t i = 0; i < seen->count && good; i++) {
		const struct state_line line = {
			.kind = STATE_HAD,
			.counter = numbers->serial->from_list ? 0 : candidate[i].at,
			.number = candidate[i].text,
			.uid = "",
			.unit = "store"};

		if (!seen->seen[i] || index_get(&numbers->by_number, candidate[i].text))
			continue;
		good = state_append(&numbers->state, &line, why, why_size) &&
		       numbers_note(numbers, line.number, line.counter, "", false);
		++*found;
	}
	numbers_unlock_all(numbers);
	return good;
}

enum db_error numbers_learn(struct numbers *numbers, char *why, size_t why_size)
{
	struct candidate *candidate = calloc(CHECKIN_NUMBERS, sizeof(*candidate));
	struct checkin_seen seen = {.pool = numbers->pool.name};
	enum db_error error = candidate ? DB_OK : DB_MEMORY;
	size_t lease = 0, found = 0;
	uint64_t at = 0;

	do {
		if (error != DB_OK || !numbers_lock_all(numbers, why, why_size))
			break;
		seen.count = next_candidates(numbers, &lease, &at, candidate);
		numbers_unlock_all(numbers);
		for (size_t i = 0; i < seen.count; i++)
			seen.number[i] = candidate[i].text;
		if (seen.count > 0)
			error = station_do(numbers->station, checkin_seen, &seen, why, why_size);
		if (error == DB_OK && !note_seen(numbers, &seen, candidate, &found, why, why_size))
			error = DB_OTHER;
	} while (error == DB_OK && seen.count == CHECKIN_NUMBERS);
	free(candidate);
	if (found > 0)
		numbers_say(numbers,
			    "%s lacks %zu number%s that rows in the store tell of; they count as "
			    "taken from now on",
			    numbers->state.path, found, found == 1 ? "" : "s");
	return error;
}

/* --- the whole --- */

static enum db_error refuse(struct numbers *numbers, const struct checkin *checkin, char *why,
			    size_t why_size)
{
	numbers->old = true;
	snprintf(why, why_size,
		 "%s is an old state or a copy of this station's number file: a later run checked "
		 "in with the store at %s. If this station is to continue, run: h7gang store adopt "
		 "--store %s --station %s --yes (without --yes it changes nothing and shows the "
		 "store's data)",
		 numbers->state.path, checkin->at, station_url(checkin->station),
		 station_name(checkin->station));
	return DB_REFUSED;
}

/* The owner of the store said so. The old leases are closed by then, and another copy of the file
 * gets a name of its own, too. */
static enum db_error begin_anew(struct numbers *numbers, char *why, size_t why_size)
{
	bool good;

	if (!numbers_lock_all(numbers, why, why_size))
		return DB_OTHER;
	good = leases_bind_anew(&numbers->leases, &numbers->state, why, why_size);
	numbers_unlock_all(numbers);
	if (!good)
		return DB_OTHER;
	numbers_say(numbers, "%s was adopted: it continues with new leases", numbers->state.path);
	return numbers_check_in(numbers, why, why_size);
}

enum db_error numbers_check_in(struct numbers *numbers, char *why, size_t why_size)
{
	struct asked asked;
	struct checkin checkin = {
		.station = numbers->station, .owner = asked.owner, .name = asked.name};
	enum db_error error = DB_OTHER;

	if (!prepare(numbers, &asked, why, why_size))
		return error;
	error = ask(numbers, &asked, &checkin, why, why_size);
	free(asked.known);
	if (error == DB_OK && checkin.answer == CHECKIN_OLD)
		error = refuse(numbers, &checkin, why, why_size);
	else if (error == DB_OK && checkin.answer == CHECKIN_ADOPTED)
		error = begin_anew(numbers, why, why_size);
	else if (error == DB_OK && !strike_back(numbers, &checkin, why, why_size))
		error = DB_OTHER;
	if (error == DB_OK && checkin.answer == CHECKIN_TAKEN)
		station_checked_in(numbers->station, asked.owner, asked.name, checkin.runs,
				   knows_name, numbers);
	checkin_free(&checkin);
	if (error == DB_OK && !numbers->checked_in) {
		error = numbers_learn(numbers, why, why_size);
		numbers->checked_in = error == DB_OK;
	}
	return error;
}
