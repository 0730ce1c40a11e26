/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the board that was found is the one that the unit is for. */
#include <string.h>

#include "h7gang/attempt/attempt.h"
#include "unit_private.h"

static bool one_of(const char *uid, const char *const *list, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(uid, list[i]) == 0)
			return true;
	}
	return false;
}

/* Whether the slot's last board came back, or may have; `*end` then says which. */
static bool came_back(const struct unit *unit, const char *uid, enum unit_end *end)
{
	if (unit->came_back == UNIT_NEWCOMER)
		return false;
	if (uid[0] && unit->last_uid[0]) {
		*end = UNIT_SAME_BOARD;
		return strcmp(uid, unit->last_uid) == 0;
	}
	/* Without a UID no board inherits a verdict. */
	*end = UNIT_UNSURE;
	return unit->came_back == UNIT_MUST_SHOW;
}

bool unit_asked_for(const struct unit *unit, const char *uid)
{
	const struct gang_options *options = unit->gang->options;

	return !options->only_uid_count || one_of(uid, options->only_uids, options->only_uid_count);
}

/* A retry goes to the board of the attempts before: the same UID, or, where none tells, a device
 * that has not left the bus since. */
static bool is_another(const struct unit_attempt *attempt)
{
	const struct usb_seen *now = &attempt->job.link.seen, *last = &attempt->unit->outcome.last;
	const char *uid = attempt->job.uid, *before = attempt->memory->uid;

	if (uid[0] && before[0])
		return attempt_other_uid(uid, before);
	/* Behind a computer that was suspended, another board may have the same address. */
	if (attempt->unit->outcome.suspended)
		return true;
	return now->bus != last->bus || now->address != last->address;
}

bool unit_welcomes(struct unit_attempt *attempt)
{
	struct unit *unit = attempt->unit;
	const char *uid = attempt->job.uid;
	enum unit_end end;

	if (unit->face.attempt > 1) {
		attempt->swapped = is_another(attempt);
		return !attempt->swapped;
	}
	if (attempt->announced)
		return true; /* it started over, and has a row to come; see on_admit */
	if (!unit_asked_for(unit, uid)) {
		unit->outcome.end = UNIT_SKIPPED;
		return false;
	}
	if (came_back(unit, uid, &end)) {
		unit->outcome.end = end;
		return false;
	}
	return true;
}
