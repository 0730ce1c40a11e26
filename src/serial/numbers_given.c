/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that come from outside: a label that was scanned, or the answer of a hook. None is made
 * here; it is only seen to it that no number goes to two boards and no board gets two. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/store/given.h"
#include "numbers_private.h"

static const char *uid_or_dash(const struct holding *holding)
{
	return holding->uid[0] ? holding->uid : "unknown";
}

static struct holding *find(const struct numbers *numbers, const char *number)
{
	const size_t *at = index_get(&numbers->by_number, number);

	return at ? &numbers->holding[*at - 1] : NULL;
}

/* Whether that board, "" not known yet, may have the used number. */
static bool may_have(const struct numbers *numbers, const struct holding *holding, const char *uid,
		     char *why, size_t why_size)
{
	bool its_own = uid[0] && strcmp(holding->uid, uid) == 0;

	if (holding->working)
		snprintf(why, why_size, "number %s is being given to a board on another slot",
			 holding->number);
	else if (holding->passed && !(its_own && numbers->serial->by_uid))
		snprintf(why, why_size, "a board with number %s already passed (UID %s)",
			 holding->number, uid_or_dash(holding));
	else if (!holding->passed && !numbers->serial->keep)
		snprintf(why, why_size,
			 "number %s is used up: the board that had it did not pass, and the "
			 "profile says on_fail: burn",
			 holding->number);
	else if (uid[0] && holding->uid[0] && !its_own)
		snprintf(why, why_size, "number %s belongs to another board (UID %s)",
			 holding->number, holding->uid);
	else
		return true;
	return false;
}

bool numbers_may_take(struct numbers *numbers, const char *number, char *why, size_t why_size)
{
	const struct holding *holding;
	bool may;

	pthread_mutex_lock(&numbers->lock);
	holding = find(numbers, number);
	may = !holding || may_have(numbers, holding, "", why, why_size);
	pthread_mutex_unlock(&numbers->lock);
	return may;
}

/* Without an answer the rules of `offline:` hold. Once a run has reached the store, the claims of
 * earlier runs are in order; another one begins without it. */
static bool may_go_on_alone(const struct numbers *numbers)
{
	return numbers->store->offline_lease &&
	       (numbers->claims.recovered || numbers->store->offline_start);
}

/* Claims the number. Notes the board that has it in the store, so that the rules for used numbers
 * apply. */
static enum numbers_result ask_store(struct numbers *numbers, const struct profile_unit *unit,
				     const char *unit_id, char *why, size_t why_size)
{
	struct given_number asked = {.station = numbers->station,
				     .profile = numbers->profile->name,
				     .number = unit->serial};
	enum db_error error;

	snprintf(asked.unit.unit_id, sizeof(asked.unit.unit_id), "%s", unit_id);
	snprintf(asked.unit.uid, sizeof(asked.unit.uid), "%s", unit->uid);
	error = claims_ask(&numbers->claims, &numbers->lock, clock_after_ms(STATION_TURN_MS),
			   given_number, &asked, &asked.ended, why, why_size);
	if (error != DB_OK)
		return station_may_come_back(error) && may_go_on_alone(numbers) ? NUMBERS_OK
										: NUMBERS_AWAY;
	if (asked.busy) {
		snprintf(why, why_size,
			 "number %s is being given to a board at station %s, or its row is on the "
			 "way",
			 unit->serial, asked.where);
		return NUMBERS_BUSY;
	}
	if (!asked.known || numbers_note(numbers, unit->serial, 0, asked.uid, asked.passed))
		return NUMBERS_OK;
	snprintf(why, why_size, "out of memory");
	return NUMBERS_BROKEN;
}

/* False: the store's claim of the unit, if there is one, is over. */
static bool keep_claim(struct numbers *numbers, const struct profile_unit *unit,
		       const char *unit_id, bool given)
{
	struct holding *holding = given ? find(numbers, unit->serial) : NULL;

	if (!holding)
		return false;
	free(holding->claimed);
	holding->claimed = strdup(unit_id);
	return true; /* without memory the next start ends it */
}

static bool note_taken(struct numbers *numbers, const struct profile_unit *unit,
		       const char *unit_id, char *why, size_t why_size)
{
	const struct state_line line = {
		.kind = STATE_TAKE, .number = unit->serial, .uid = unit->uid, .unit = unit_id};

	if (!numbers_write(numbers, &line, why, why_size)) {
		numbers->broken = true;
		return false;
	}
	snprintf(why, why_size, "out of memory");
	return numbers_note(numbers, unit->serial, 0, unit->uid, false) != NULL;
}

/* Under the file's lock. */
static enum numbers_result give(struct numbers *numbers, const struct profile_unit *unit,
				const char *unit_id, char *why, size_t why_size)
{
	struct holding *holding = find(numbers, unit->serial);
	const struct holding *has =
		numbers_held_by(numbers, unit->uid, numbers->serial->by_uid, false);

	if (has && strcmp(has->number, unit->serial) != 0) {
		snprintf(why, why_size, "this board already passed with number %s", has->number);
		return NUMBERS_BUSY;
	}
	if (holding && !may_have(numbers, holding, unit->uid, why, why_size))
		return NUMBERS_BUSY;
	if (!holding && !note_taken(numbers, unit, unit_id, why, why_size))
		return NUMBERS_BROKEN;
	holding = find(numbers, unit->serial);
	if (holding)
		holding->working = true;
	return NUMBERS_OK;
}

static enum numbers_result take(struct numbers *numbers, const struct profile_unit *unit,
				const char *unit_id, char *why, size_t why_size)
{
	enum numbers_result result = NUMBERS_OK;

	if (!unit->uid[0] &&
	    (numbers->serial->by_uid || profile_serial_needs_uid(numbers->serial))) {
		snprintf(why, why_size, "its number needs the UID, which cannot be read");
		return NUMBERS_NO_UID;
	}
	if (!numbers_usable(numbers, why, why_size))
		return NUMBERS_BROKEN;
	if (numbers->station)
		result = ask_store(numbers, unit, unit_id, why, why_size);
	if (result == NUMBERS_BUSY)
		return result; /* nothing was claimed */
	if (result == NUMBERS_OK && !numbers_lock(numbers, why, why_size)) {
		result = NUMBERS_BROKEN;
	} else if (result == NUMBERS_OK) {
		result = give(numbers, unit, unit_id, why, why_size);
		numbers_unlock(numbers);
	}
	/* Though there was no answer, the claim may have been made. */
	if (numbers->station && !keep_claim(numbers, unit, unit_id, result == NUMBERS_OK))
		numbers_claim_ended(numbers, unit_id, unit->uid);
	return result;
}

enum numbers_result numbers_take_given(struct numbers *numbers, const char *number, const char *uid,
				       const char *unit_id, struct profile_unit *unit, char *why,
				       size_t why_size)
{
	enum numbers_result result;

	*unit = (struct profile_unit){.uid = uid};
	if (!profile_serial_find(numbers->serial, number, unit)) {
		snprintf(why, why_size, "a number has 1 to %d bytes", PROFILE_SERIAL_SIZE - 1);
		return NUMBERS_UNKNOWN;
	}
	pthread_mutex_lock(&numbers->lock);
	result = take(numbers, unit, unit_id, why, why_size);
	pthread_mutex_unlock(&numbers->lock);
	return result;
}

enum numbers_result numbers_find_given(struct numbers *numbers, const char *number, const char *uid,
				       struct profile_unit *unit, char *why, size_t why_size)
{
	enum numbers_result result = NUMBERS_UNKNOWN;
	const struct holding *holding;

	*unit = (struct profile_unit){.uid = uid};
	if (!profile_serial_find(numbers->serial, number, unit)) {
		snprintf(why, why_size, "a number has 1 to %d bytes", PROFILE_SERIAL_SIZE - 1);
		return NUMBERS_UNKNOWN;
	}
	pthread_mutex_lock(&numbers->lock);
	holding = find(numbers, number);
	if (!holding)
		snprintf(why, why_size, "the log has no board with number %s", number);
	else if (uid[0] && holding->uid[0] && strcmp(holding->uid, uid) != 0)
		snprintf(why, why_size, "the label says number %s, which belongs to board %s",
			 number, holding->uid);
	else
		result = NUMBERS_OK;
	unit->discarded = result == NUMBERS_OK && !holding->passed && !numbers->serial->keep;
	pthread_mutex_unlock(&numbers->lock);
	return result;
}
