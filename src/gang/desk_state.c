/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The station's state, and its reason. */
#include <stdio.h>
#include <string.h>

#include "desk_private.h"
#include "state_hook.h"

const struct slot *desk_asking(const struct desk *desk)
{
	for (unsigned s = 0; s < desk->slots->count; s++) {
		const struct slot *slot = &desk->slots->slot[s];

		if (slot->state == SLOT_ASKING && !stop_rules_blocked(&desk->stop, slot->name))
			return slot;
	}
	return NULL;
}

static enum gang_state state_now(const struct desk *desk, char *reason, size_t size)
{
	const struct slot *slot = desk_asking(desk);

	reason[0] = 0;
	if (atomic_load(&desk->gang->stop) > 0)
		return GANG_ENDING;
	if (desk->stop.stopped[0]) {
		snprintf(reason, size, "%s", desk->stop.stopped);
		return GANG_STOPPED;
	}
	if (desk->changed_stop) {
		snprintf(reason, size, "a file of the profile changed on disk: restart to use it");
		return GANG_STOPPED;
	}
	if (desk->no_numbers[0]) {
		snprintf(reason, size, "%s", desk->no_numbers);
		return GANG_STOPPED;
	}
	if (desk->held[0]) {
		snprintf(reason, size, "%s", desk->held);
		return GANG_STOPPED;
	}
	if (desk->lot[0]) {
		snprintf(reason, size,
			 desk->running ? "lot %.200s begins when the running boards are finished"
				       : "lot %.200s begins",
			 desk->lot);
		return desk->running ? GANG_RUNNING : GANG_READY;
	}
	if (desk_lacks(desk, reason, size))
		return GANG_ASKING;
	if (slot && !desk->running) {
		const struct slot *next = desk_slot_for_label(desk, "");

		if (next && slot_waits(next))
			snprintf(reason, size, "scan the label of the board in %s", next->name);
		else
			snprintf(reason, size,
				 "select the slot of a board that waits, such as %s, then scan its "
				 "label",
				 slot->name);
		return GANG_ASKING;
	}
	return desk->running ? GANG_RUNNING : GANG_READY;
}

void desk_tell_state(struct desk *desk)
{
	const struct gang *gang = desk->gang;
	struct gang_event event = {.detail = ""};

	event.state = state_now(desk, event.detail, sizeof(event.detail));
	if (desk->told && event.state == desk->state && strcmp(event.detail, desk->reason) == 0 &&
	    strcmp(gang->lot, desk->told_lot) == 0 &&
	    strcmp(gang->operator_name, desk->told_operator) == 0)
		return;
	desk->told = true;
	desk->state = event.state;
	memcpy(desk->reason, event.detail, sizeof(desk->reason));
	memcpy(desk->told_lot, gang->lot, sizeof(desk->told_lot));
	memcpy(desk->told_operator, gang->operator_name, sizeof(desk->told_operator));
	if (desk->state_hook)
		state_hook_tell(desk->state_hook, event.state, event.detail, gang->lot,
				gang->operator_name);
	desk_event(desk, GANG_STATE, NULL, &event);
}
