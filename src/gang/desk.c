/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changes.h"
#include "control.h"
#include "desk_private.h"
#include "h7gang/base/clock.h"
#include "state_hook.h"

static bool needs_label(const struct desk *desk)
{
	const struct profile_serial *serial = desk->gang->options->profile->serial;

	return serial && serial->source == PROFILE_SOURCE_SCAN;
}

struct desk *desk_open(struct gang *gang, struct slots *slots, char *why, size_t why_size)
{
	const struct profile *profile = gang->options->profile;
	struct desk *desk = calloc(1, sizeof(*desk));

	snprintf(why, why_size, "out of memory");
	if (!desk)
		return NULL;
	desk->gang = gang;
	desk->slots = slots;
	desk->last_scan = clock_now();
	stop_rules_init(&desk->stop, &profile->stop);
	if (!desk_stop_open(desk, why, why_size))
		goto err;
	snprintf(why, why_size, "no memory or no thread");
	if (gang->options->watch) {
		desk->changes = changes_start(profile);
		if (!desk->changes)
			goto err;
	}
	if (!desk_publish_open(desk))
		goto err;
	if (profile->hook[PROFILE_HOOK_STATE].program) {
		desk->state_hook = state_hook_start(gang);
		if (!desk->state_hook)
			goto err;
	}
	return desk;

err:
	desk_close(desk);
	return NULL;
}

void desk_close(struct desk *desk)
{
	if (!desk)
		return;
	state_hook_end(desk->state_hook);
	changes_end(desk->changes);
	desk_publish_close(desk);
	free(desk->stop_path);
	free(desk);
}

/* Boards that wait for their labels, slot by slot: the state names one at most. */
static void tell_asking(struct desk *desk)
{
	for (unsigned s = 0; s < desk->slots->count; s++) {
		struct slot *slot = &desk->slots->slot[s];
		struct gang_event event = {.detail = GANG_NOTE_ASKING};
		bool asks = slot->state == SLOT_ASKING;

		if (asks == slot->told_asking)
			continue;
		slot->told_asking = asks;
		if (!asks)
			snprintf(event.detail, sizeof(event.detail),
				 "the board was removed before its label was scanned");
		if (asks || !slot->present)
			desk_event(desk, GANG_NOTE, slot, &event);
	}
}

/* --- files that change --- */

static void take_changes(struct desk *desk)
{
	struct gang_event event = {.detail = ""};
	const struct profile *profile = desk->gang->options->profile;
	char file[256];

	while (desk->changes && changes_take(desk->changes, file, sizeof(file))) {
		const char *version = profile->firmware_version;

		snprintf(event.detail, sizeof(event.detail),
			 "%s changed on disk: this run still programs %s; restart to use it", file,
			 version[0] ? version : "what it read at its start");
		desk_event(desk, GANG_NOTE, NULL, &event);
		if (!profile->stop_on_change || desk->changed_stop)
			continue;
		desk->changed_stop = true;
		desk_note(desk, NULL, event.detail);
	}
}

/* A fault of the station: the next board would fare no better. */
static void look_at_numbers(struct desk *desk)
{
	const struct profile_serial *serial = desk->gang->options->profile->serial;
	char text[sizeof(desk->no_numbers) + 20];
	bool failed = atomic_load(&desk->gang->numbers_failed);

	if (failed == (desk->no_numbers[0] != 0))
		return;
	desk->no_numbers[0] = 0;
	if (!failed)
		return;
	snprintf(desk->no_numbers, sizeof(desk->no_numbers),
		 "the number file %.300s cannot be used: put it back and start the run again",
		 serial->state);
	snprintf(text, sizeof(text), "station STOPPED: %s", desk->no_numbers);
	desk_note(desk, NULL, text);
}

static void drop_late_label(struct desk *desk)
{
	char slot[PROFILE_NAME_SIZE];
	const struct label was = desk->labels.label;

	if (labels_expire(&desk->labels, clock_now(), slot))
		desk_tell_dropped(desk, slot, &was, "no board came for 60 s: scan the label again");
}

/* --- the supervisor's calls --- */

void desk_look(struct desk *desk, unsigned running)
{
	control_beat(desk->gang->options->control);
	desk->running = running;
	take_changes(desk);
	drop_late_label(desk);
	desk_obey(desk);
	if (desk->lot[0] && running == 0)
		desk_lot_due(desk);
	look_at_numbers(desk);
	desk_publish_look(desk);
	tell_asking(desk);
	desk_tell_state(desk);
}

bool desk_may_start(const struct desk *desk)
{
	char what[100];

	return !desk->stop.stopped[0] && !desk->changed_stop && !desk->no_numbers[0] &&
	       !desk->held[0] && !desk->unlooked && !desk->lot[0] &&
	       !desk_lacks(desk, what, sizeof(what));
}

bool desk_will_start(const struct desk *desk)
{
	return desk_may_start(desk) || desk_publish_waits(desk);
}

void desk_why_not(const struct desk *desk, char *text, size_t size)
{
	snprintf(text, size, "%s",
		 desk->stop.stopped[0] ? desk->stop.stopped
		 : desk->no_numbers[0] ? desk->no_numbers
		 : desk->held[0]       ? desk->held
				       : "");
}

bool desk_slot_ready(struct desk *desk, struct slot *slot)
{
	slot->blocked = stop_rules_blocked(&desk->stop, slot->name) != NULL;
	if (slot->blocked)
		return false;
	if (!needs_label(desk) || labels_wait(&desk->labels, slot->name))
		return true;
	if (slot->state == SLOT_WAITING) {
		slot_apply(slot, SLOT_LABEL_MISSING);
		desk->last_scan = clock_now();
		gang_wake(desk->gang); /* the state is told at the next look */
	}
	return false;
}

bool desk_hand_label(struct desk *desk, const struct slot *slot, struct label *label)
{
	return labels_take(&desk->labels, slot->name, label);
}

void desk_unit_over(struct desk *desk, const struct slot *slot, const struct unit *unit)
{
	if (unit->outcome.end == UNIT_VERDICT)
		desk_judge(desk, slot, unit);
	else if (unit->labelled && /* the label is that of another board, which may yet come */
		 !labels_put(&desk->labels, slot->name, &unit->label, clock_now()))
		desk_tell_dropped(desk, slot->name, &unit->label,
				  "another label waits for its board: scan this label again");
}

bool desk_waits(const struct desk *desk)
{
	return desk_asking(desk) && clock_elapsed_ms(desk->last_scan) < LABEL_WAIT_MS;
}

int64_t desk_next(const struct desk *desk)
{
	int64_t next = labels_next(&desk->labels);

	if (desk_asking(desk))
		next = clock_earlier(next, desk->last_scan + LABEL_WAIT_MS * CLOCK_MS);
	return next;
}
