/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The meaning of a scan and whether it is allowed: lot, operator, slot, or the label of a board. */
#include <stdio.h>
#include <string.h>

#include "desk_private.h"
#include "h7gang/base/clock.h"
#include "h7gang/serial/numbers.h"

static void choose_slot(struct desk *desk, const char *name, struct desk_answer *answer)
{
	const struct slot *slot = desk_find_slot(desk, name);

	if (!slot) {
		desk_say(answer, false, "the fixture has no slot %s", name);
		return;
	}
	labels_choose(&desk->labels, slot->name, clock_now());
	desk_say(answer, true, "slot %s: scan the label of its board", slot->name);
}

/* Whether a label may be put to that slot: its board waits, or it has none. A board that passed and
 * started its application is not seen, and does not count. */
static bool takes_label(const struct slot *slot)
{
	return slot_waits(slot) || slot->state == SLOT_EMPTY || slot->state == SLOT_LEFT;
}

static const struct slot *only_asking(const struct desk *desk)
{
	const struct slot *found = NULL;

	for (unsigned s = 0; s < desk->slots->count; s++) {
		const struct slot *slot = &desk->slots->slot[s];

		if (slot->state != SLOT_ASKING)
			continue;
		if (found)
			return NULL;
		found = slot;
	}
	return found;
}

/* scan: {slot: next}: the first board that waits, else the first slot without one. */
static const struct slot *next_free(const struct desk *desk)
{
	for (int waiting = 1; waiting >= 0; waiting--) {
		for (unsigned s = 0; s < desk->slots->count; s++) {
			const struct slot *slot = &desk->slots->slot[s];

			if (takes_label(slot) && slot_waits(slot) == (waiting == 1) &&
			    !slot->last.started && !stop_rules_blocked(&desk->stop, slot->name))
				return slot;
		}
	}
	return NULL;
}

const struct slot *desk_slot_for_label(const struct desk *desk, const char *name)
{
	const struct profile *profile = desk->gang->options->profile;
	const struct slot *asking = only_asking(desk);

	if (name[0])
		return desk_find_slot(desk, name);
	if (desk->labels.chosen[0])
		return desk_find_slot(desk, desk->labels.chosen);
	if (asking)
		return asking;
	return profile->scan.next_slot || profile->serial->next_slot ? next_free(desk) : NULL;
}

/* Whether the number fits the patches of the profile; a UID is not known yet. */
static bool fits(const struct profile_serial *serial, const char *number, char *why, size_t size)
{
	struct profile_unit unit = {.uid = PROFILE_NO_UID};
	const char *hidden = profile_number_hides(number);
	uint8_t bytes[PROFILE_PATCH_MAX];
	char what[128];

	if (hidden) {
		snprintf(why, size, "the number %s", hidden);
		return false;
	}
	if (!profile_serial_find(serial, number, &unit)) {
		snprintf(why, size, "a number has 1 to %d bytes", PROFILE_SERIAL_SIZE - 1);
		return false;
	}
	for (unsigned i = 0; i < serial->patches; i++) {
		const struct profile_patch *patch = &serial->patch[i];

		if (profile_patch_bytes(serial, patch, &unit, bytes, what, sizeof(what)))
			continue;
		snprintf(why, size, "its value for 0x%08x %s", (unsigned)patch->address, what);
		return false;
	}
	return true;
}

/* Whether a board may get that number, before the board is known. */
static bool may_be(struct desk *desk, const char *number, char *why, size_t size)
{
	const struct gang *gang = desk->gang;
	struct profile_unit unit;

	if (!gang->numbers) {
		snprintf(why, size, "the lot is not set: scan the lot first");
		return false;
	}
	if (!fits(gang->options->profile->serial, number, why, size))
		return false;
	if (gang->options->command == GANG_VERIFY)
		return numbers_find_given(gang->numbers, number, "", &unit, why, size) ==
		       NUMBERS_OK;
	return numbers_may_take(gang->numbers, number, why, size);
}

static const struct slot *put_label(struct desk *desk, const char *name, const char *raw,
				    const char *number, struct desk_answer *answer)
{
	const struct profile_serial *serial = desk->gang->options->profile->serial;
	const struct slot *slot;
	const char *blocked;
	struct label label;
	char why[256];

	if (!serial || serial->source != PROFILE_SOURCE_SCAN) {
		desk_say(answer, false, "the profile takes no numbers from scans");
		return NULL;
	}
	slot = desk_slot_for_label(desk, name);
	blocked = slot ? stop_rules_blocked(&desk->stop, slot->name) : NULL;
	snprintf(label.raw, sizeof(label.raw), "%s", raw);
	snprintf(label.number, sizeof(label.number), "%.*s", PROFILE_SERIAL_SIZE - 1, number);
	if (strlen(number) >= sizeof(label.number))
		desk_say(answer, false, "a number has 1 to %d bytes", PROFILE_SERIAL_SIZE - 1);
	else if (!may_be(desk, number, why, sizeof(why)))
		desk_say(answer, false, "%s", why);
	else if (!slot)
		desk_say(answer, false,
			 "select the slot first: scan its label, or press an arrow key");
	else if (blocked)
		desk_say(answer, false, "slot %s is blocked: %s", slot->name, blocked);
	else if (!takes_label(slot))
		desk_say(answer, false, "slot %s is not free: take its board out first",
			 slot->name);
	else if (!labels_put(&desk->labels, slot->name, &label, clock_now()))
		desk_say(answer, false,
			 "the label %s still waits for its board in %s: insert that board, or drop "
			 "it",
			 desk->labels.label.number, desk->labels.slot);
	else if (slot_waits(slot))
		desk_say(answer, true, "number %s", number);
	else
		desk_say(answer, true, "number %s: insert the board into %s", number, slot->name);
	return slot;
}

void desk_scan(struct desk *desk, const char *name, const char *raw, struct desk_answer *answer)
{
	struct gang_event event = {.accepted = false};
	enum profile_scan_kind kind = PROFILE_SCAN_KINDS;
	char text[PROFILE_SCAN_SIZE], why[200];
	const struct slot *slot = name[0] ? desk_find_slot(desk, name) : NULL;

	desk->last_scan = clock_now();
	if (profile_scan_read(desk->gang->options->profile, raw, &kind, text, why, sizeof(why)) !=
	    PROFILE_SCAN_MATCHED) {
		kind = PROFILE_SCAN_KINDS;
		desk_say(answer, false, "%s", why);
	} else if (kind == PROFILE_SCAN_LOT) {
		desk->lot_by_scan = true;
		desk_set_lot(desk, text, "", answer);
		desk->lot_by_scan = false;
	} else if (kind == PROFILE_SCAN_OPERATOR) {
		desk_set_operator(desk, text, answer);
	} else if (kind == PROFILE_SCAN_SLOT) {
		choose_slot(desk, text, answer);
		slot = desk_find_slot(desk, text);
	} else {
		slot = put_label(desk, name, raw, text, answer);
	}
	snprintf(event.scan, sizeof(event.scan), "%.*s", (int)sizeof(event.scan) - 1, raw);
	snprintf(event.what, sizeof(event.what), "%s",
		 kind < PROFILE_SCAN_KINDS ? profile_scan_name(kind) : "");
	snprintf(event.detail, sizeof(event.detail), "%s", answer->text);
	answer->accepted |=
		answer->later; /* of a lot: whether it is refused is told once it is due */
	answer->later = false;
	event.accepted = answer->accepted;
	desk_event(desk, GANG_SCAN, slot, &event);
}
