/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board that left by itself may still lie in its slot, unseen, and can come back (BOOT0 held).
 * One that went while it was in its bootloader has been taken out. */
#include "watch.h"

#include "h7gang/attempt/link.h"
#include "h7gang/base/clock.h"

#define STEADY_MS 300 /* contacts bounce */

bool watch_steady(const struct slot *slot)
{
	return clock_elapsed_ms(slot->arrived_at) >= STEADY_MS;
}

enum unit_return watch_return(const struct slot *slot, bool watch)
{
	int64_t away = slot->arrived_at - slot->left_at;
	bool soon = away <= LINK_RETURN_MS * CLOCK_MS;

	if (!slot->last.any || slot->last.exchanged)
		return UNIT_NEWCOMER;
	if (soon && slot->last.resumed)
		return UNIT_MUST_SHOW;
	/* The operator was asked to remove it: a contact that bounced is no removal. */
	if (slot->last.unsure && away < STEADY_MS * CLOCK_MS)
		return UNIT_MUST_SHOW;
	/* In a run that does not watch, the operator inserts no other board within 5 s. */
	if (soon && (slot->last.started || !watch))
		return UNIT_MUST_SHOW;
	return soon || (watch && slot->last.started) ? UNIT_MAY_BE_SAME : UNIT_NEWCOMER;
}

static int64_t free_at(const struct slot *slot)
{
	return slot->left_at + STEADY_MS * CLOCK_MS;
}

bool watch_sign(struct slot *slot, enum gang_event_kind *kind)
{
	switch (slot->state) {
	case SLOT_DONE:
	case SLOT_UNSURE:
	case SLOT_LEFT:
		if (slot->told_take_out)
			return false;
		slot->told_take_out = true;
		*kind = GANG_TAKE_OUT;
		return true;
	case SLOT_EMPTY:
		if (!slot->told_take_out || clock_now() < free_at(slot))
			return false;
		slot->told_take_out = false;
		*kind = GANG_FREE;
		return true;
	default:
		return false;
	}
}

bool watch_acknowledge(struct slot *slot)
{
	if (slot_next(slot->state, SLOT_ACKNOWLEDGED) == SLOT_STATES)
		return false;
	slot->last.any = slot->last.started = false;
	return slot_apply(slot, SLOT_ACKNOWLEDGED);
}

int64_t watch_next(const struct slot *slot)
{
	if (slot_waits(slot))
		return slot->arrived_at + STEADY_MS * CLOCK_MS;
	return slot->state == SLOT_EMPTY && slot->told_take_out ? free_at(slot) : CLOCK_NEVER;
}
