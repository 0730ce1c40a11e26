/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/serial/numbers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/audit/text.h"
#include "h7gang/base/clock.h"
#include "numbers_private.h"

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

/* The last line of that kind counts. */
static bool take_home(struct numbers *numbers, const struct state_line *line)
{
	char *home = strdup(line->unit);
	size_t length = strlen(line->unit);

	if (!home || !audit_text_unescape(home, &length) || strlen(home) != length) {
		free(home);
		return false;
	}
	free(numbers->home);
	numbers->home = home;
	snprintf(numbers->id, sizeof(numbers->id), "%s", line->number);
	return true;
}

/* Of the number file only the name of its second place. */
static bool take_home_only(void *user, const struct state_line *line)
{
	return line->kind != STATE_HOME || take_home(user, line);
}

bool numbers_place_is_there(const struct profile *profile, char *why, size_t why_size)
{
	struct numbers numbers = {.state = {.fd = -1, .folder = -1}};
	bool there = state_open(&numbers.state, state_numbers, profile->serial->state, STATE_LOOK,
				take_home_only, &numbers, why, why_size);

	if (there && numbers.home && access(numbers.home, F_OK) != 0 &&
	    (errno == ENOENT || errno == ENOTDIR)) {
		there = false;
		snprintf(why, why_size,
			 "%s: its second place %s is missing, so a run gives no number: the file "
			 "may be a copy or an old state",
			 profile->serial->state, numbers.home);
	}
	state_close(&numbers.state);
	free(numbers.home);
	return there;
}

/* The state file has the order in which a board got its numbers, under all profiles; a log
 * has only some of these rows. */
static bool take_line(void *user, const struct state_line *line)
{
	struct numbers *numbers = user;
	struct holding *holding;

	if (line->kind == STATE_HOME)
		return take_home(numbers, line);
	if (line->kind > STATE_HAD)
		return leases_line(&numbers->leases, line);
	holding = numbers_note(numbers, line->number, line->counter, line->uid,
			       line->kind == STATE_PASS);
	if (!holding)
		return false;
	holding->in_file = true;
	make_last(numbers, holding);
	return true;
}

static void tell_of_tail(struct numbers *numbers)
{
	if (numbers->state.mended)
		numbers_say(numbers,
			    "%s: its last line had lost its line feed; it counts, and has it again",
			    numbers->state.path);
	if (numbers->state.torn)
		numbers_say(
			numbers,
			"%s: its last line was cut off in the middle and does not count; no board "
			"had got its number, unless the file was cut by another program",
			numbers->state.path);
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
	numbers->place.fd = numbers->place.folder = -1;
	numbers->next = profile->serial->start;
	numbers->row = 1;
	if (history_read(log, numbers_row, numbers, why, why_size) &&
	    state_open(&numbers->state, state_numbers, profile->serial->state,
		       takes ? STATE_MAKE : STATE_LOOK, take_line, numbers, why, why_size)) {
		tell_of_tail(numbers);
		return numbers;
	}
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
	state_close(&numbers->place);
	free(numbers->home);
	free(numbers->file);
	leases_free(&numbers->leases);
	free(numbers->open.unit);
	claims_free(&numbers->claims);
	for (size_t i = 0; i < numbers->count; i++) {
		free(numbers->holding[i].number);
		free(numbers->holding[i].claimed);
	}
	free(numbers->holding);
	index_free(&numbers->by_number);
	index_free(&numbers->by_uid);
	pthread_cond_destroy(&numbers->leased);
	pthread_mutex_destroy(&numbers->lock);
	free(numbers);
}

/* Under the file's lock: a number that no board has had, on disk before it is returned. */
static enum numbers_result give_new(struct numbers *numbers, const char *uid, const char *unit_id,
				    struct profile_unit *unit, char *why, size_t why_size)
{
	struct state_line line = {
		.kind = STATE_TAKE, .number = unit->serial, .uid = uid, .unit = unit_id};
	struct holding *holding;

	if (!numbers_next(numbers, unit)) {
		snprintf(why, why_size, "no number is left");
		return NUMBERS_EXHAUSTED;
	}
	line.counter = unit->counter;
	if (!numbers_write(numbers, &line, why, why_size)) {
		numbers->broken = true; /* the content of the disk is unknown */
		return NUMBERS_BROKEN;
	}
	holding = numbers_note(numbers, unit->serial, unit->counter, uid, false);
	if (!holding) {
		snprintf(why, why_size, "out of memory");
		return NUMBERS_BROKEN;
	}
	holding->in_file = holding->in_place = true;
	return NUMBERS_OK;
}

/* Takes the file's lock. */
static enum numbers_result give(struct numbers *numbers, const char *uid, const char *unit_id,
				struct profile_unit *unit, char *why, size_t why_size)
{
	const struct profile_serial *serial = numbers->serial;
	enum numbers_result result;
	struct holding *holding;
	size_t *at;

	if (!numbers_usable(numbers, why, why_size) || !numbers_lock(numbers, why, why_size))
		return NUMBERS_BROKEN;
	holding = numbers_held_by(numbers, uid, serial->by_uid, serial->keep);
	result = holding ? numbers_give_again(numbers, holding, unit, why, why_size)
			 : give_new(numbers, uid, unit_id, unit, why, why_size);
	numbers_unlock(numbers);
	at = result == NUMBERS_OK ? index_get(&numbers->by_number, unit->serial) : NULL;
	if (at)
		numbers->holding[*at - 1].working = true;
	return result;
}

static enum numbers_result take(struct numbers *numbers, const char *uid, const char *unit_id,
				struct profile_unit *unit, char *why, size_t why_size)
{
	const struct profile_serial *serial = numbers->serial;

	if (!uid[0] && (serial->by_uid || profile_serial_needs_uid(serial))) {
		snprintf(why, why_size, "its number needs the UID, which cannot be read");
		return NUMBERS_NO_UID;
	}
	return numbers->station ? numbers_use(numbers, uid, unit_id, unit, why, why_size)
				: give(numbers, uid, unit_id, unit, why, why_size);
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
	if (numbers->station && !numbers_held_by(numbers, uid, true, false))
		numbers_look_up(numbers, uid);
	holding = numbers_held_by(numbers, uid, true, true);
	if (holding)
		result = numbers_give_again(numbers, holding, unit, why, why_size);
	if (holding)
		unit->discarded = !holding->passed && !numbers->serial->keep;
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
	/* Reading lines of other processes may have moved the holdings. */
	at = index_get(&numbers->by_number, unit->serial);
	if (at && passed)
		numbers->holding[*at - 1].passed = true;
	if (numbers->station && numbers->serial->given)
		numbers_given_over(numbers, unit->serial, unit->uid, passed);
	else if (numbers->station)
		numbers_claim_over(numbers, unit->uid, passed);
	pthread_mutex_unlock(&numbers->lock);
}
