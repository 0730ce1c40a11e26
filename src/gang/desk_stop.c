/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocked slots and a stopped station: by a rule, told, in the log, kept over a restart, and
 * unlocked by a known operator. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_private.h"
#include "stop_state.h"

static void save(struct desk *desk)
{
	struct gang_event event = {.detail = ""};
	char why[256];

	if (!desk->stop_path || stop_state_write(desk->stop_path, &desk->stop, why, sizeof(why)))
		return;
	snprintf(event.detail, sizeof(event.detail),
		 "%s; what is blocked now is forgotten when the program ends", why);
	desk_event(desk, GANG_NOTE, NULL, &event);
}

static bool find_path(const struct desk *desk, char **path)
{
	const struct gang_options *options = desk->gang->options;

	const char *log =
		options->log_pattern[1] ? options->log_pattern[1] : options->log_pattern[0];

	return stop_state_path(log ? log : desk->gang->log_path, options->profile->name,
			       options->station, path);
}

/* Reads the state of an earlier run, once its path is known. */
bool desk_stop_open(struct desk *desk, char *why, size_t why_size)
{
	if (!desk->gang->log_path)
		return true;
	snprintf(why, why_size, "out of memory");
	return find_path(desk, &desk->stop_path) &&
	       stop_state_read(desk->stop_path, &desk->stop, why, why_size);
}

void desk_stop_moved(struct desk *desk)
{
	struct gang_event event = {.detail = ""};
	char *path;

	if (!desk->stop_path) {
		if (!desk_stop_open(desk, event.detail, sizeof(event.detail)))
			desk_event(desk, GANG_NOTE, NULL, &event);
	} else if (find_path(desk, &path)) {
		free(desk->stop_path);
		desk->stop_path = path;
		if (desk->stop.stopped[0] || desk->stop.slots)
			save(desk);
	}
}

void desk_stop_now(struct desk *desk, const char *reason)
{
	char text[STOP_REASON_SIZE + 40];

	stop_rules_stop(&desk->stop, reason);
	save(desk);
	snprintf(text, sizeof(text), "station STOPPED: %s", desk->stop.stopped);
	desk_note(desk, NULL, text);
	gang_wake(desk->gang); /* the state is told at the next look */
}

static void block(struct desk *desk, const struct slot *slot)
{
	struct gang_event event = {.detail = ""};
	char text[STOP_REASON_SIZE + 100];
	const char *reason = stop_rules_blocked(&desk->stop, slot->name);

	save(desk);
	snprintf(event.detail, sizeof(event.detail), "%s", reason);
	snprintf(text, sizeof(text), "slot %s BLOCKED: %s", slot->name, reason);
	desk_event(desk, GANG_BLOCKED, slot, &event);
	desk_note(desk, slot->name, text);
}

/* Whether the verdict is about the board, not about a stop, a disk, a network or an MES. */
static bool counts(const struct unit *unit)
{
	return unit->outcome.recorded && unit->outcome.result != AUDIT_ABORTED &&
	       (unit->outcome.error == H7_OK || h7_error_counted(unit->outcome.error));
}

void desk_judge(struct desk *desk, const struct slot *slot, const struct unit *unit)
{
	bool blocks = false, stops = false;
	char reason[STOP_REASON_SIZE];

	/* Not the board's fault: the next one would fare no better, so the station waits. */
	if (unit->outcome.error == H7_HOOK_FAILED && unit->outcome.recorded &&
	    desk->gang->options->watch && !desk->stop.stopped[0])
		desk_stop_now(desk, "the before hook failed: see to it, then unlock");
	if (!counts(unit))
		return;
	stop_rules_unit(&desk->stop, slot->name, unit->outcome.error, unit->face.attempt <= 1,
			&blocks, &stops);
	if (blocks)
		block(desk, slot);
	if (stops) {
		memcpy(reason, desk->stop.stopped, sizeof(reason));
		desk_stop_now(desk, reason);
	}
}

static void unlocked(struct desk *desk, const struct slot *slot)
{
	struct gang_event event = {.detail = ""};
	char text[AUDIT_TEXT_MAX];

	snprintf(event.detail, sizeof(event.detail), "by %.400s", desk->gang->operator_name);
	desk_event(desk, GANG_UNLOCKED, slot, &event);
	snprintf(text, sizeof(text), "%s%s unlocked %.400s", slot ? "slot " : "station",
		 slot ? slot->name : "", event.detail);
	desk_note(desk, slot ? slot->name : NULL, text);
}

static unsigned unlock_slots(struct desk *desk, const char *name)
{
	unsigned count = 0;

	for (unsigned i = 0; i < desk->stop.slots; i++) {
		struct stop_slot *blocked = &desk->stop.slot[i];

		if (!blocked->blocked[0] || (name[0] && strcmp(blocked->name, name) != 0))
			continue;
		stop_rules_unblock(&desk->stop, blocked->name);
		unlocked(desk, desk_find_slot(desk, blocked->name));
		count++;
	}
	return count;
}

void desk_unlock(struct desk *desk, const char *name, struct desk_answer *answer)
{
	bool station = !name[0] && desk->stop.stopped[0];
	unsigned slots;

	if (!desk->gang->operator_name[0]) {
		desk_say(answer, false,
			 "no operator is set: scan the operator first, or start with "
			 "--operator");
		return;
	}
	if (name[0] && !desk_find_slot(desk, name)) {
		desk_say(answer, false, "there is no such slot");
		return;
	}
	slots = unlock_slots(desk, name);
	if (station) {
		stop_rules_go_on(&desk->stop);
		unlocked(desk, NULL);
	}
	if (slots || station) {
		save(desk);
		desk_say(answer, true, "unlocked by %.400s", desk->gang->operator_name);
	} else if (desk->changed_stop) {
		desk_say(answer, false, "a file of the profile changed on disk: restart the run");
	} else if (desk->no_numbers[0]) {
		desk_say(answer, false, "%s", desk->no_numbers);
	} else if (desk->held[0]) {
		desk_say(answer, false, "%s", desk->held);
	} else {
		desk_say(answer, false, "nothing is locked");
	}
}
