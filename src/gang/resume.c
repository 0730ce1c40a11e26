/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resume.h"

#include <stdio.h>

#include "h7gang/base/clock.h"
#include "note.h"
#include "notices.h"

void resume_ask(struct slot *slot)
{
	if (!slot_apply(slot, SLOT_BOARD_WENT) || !slot_apply(slot, SLOT_BOARD_CAME))
		return;
	slot->last.resumed = true;
	slot->left_at = slot->arrived_at = clock_now();
}

static void resume_slot(struct slot *slot, int64_t suspended, bool watch)
{
	int64_t longer = suspended * CLOCK_MS;

	if (!slot->present && slot->left_at) {
		/* It has been away for longer than the clock shows, which stood still. */
		slot->loss_told -= longer;
		slot->left_at -= longer;
	} else if (slot->present && (slot->state == SLOT_DONE || slot->state == SLOT_UNSURE)) {
		slot->last.resumed = true;
		if (watch)
			resume_ask(slot);
	}
}

void resume_look(struct run *run)
{
	int64_t suspended = clock_suspended_since(run->suspended_ms);
	char text[120];

	if (!suspended)
		return;
	run->suspended_ms += suspended;
	snprintf(text, sizeof(text), "the computer was suspended for %lld.%03d s",
		 (long long)suspended / 1000, (int)(suspended % 1000));
	note_row(&run->gang, NULL, NULL, text);
	run_tell(run, GANG_NOTE, NULL, text);
	for (unsigned s = 0; s < run->slots.count; s++)
		resume_slot(&run->slots.slot[s], suspended, run->gang.options->watch);
}
