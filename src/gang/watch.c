/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board that left by itself may still lie in its slot, unseen, and can come back (BOOT0 held). One that
 * went while it was in its bootloader has been taken out. */
#include "watch.h"

#include "h7gang/base/clock.h"
#include "link.h"

#define STEADY_MS 300 /* contacts bounce */

bool watch_steady(const struct slot *slot)
{
	return clock_elapsed_ms(slot->arrived_at) >= STEADY_MS;
}

enum worker_return watch_return(const struct slot *slot, bool watch)
{
	if (!slot->had_unit || slot->swapped)
		return WORKER_NEWCOMER;
	if (watch && slot->left_by_itself)
		return WORKER_MUST_SHOW;
	return slot->arrived_at - slot->left_at <= LINK_RETURN_MS * CLOCK_MS ? WORKER_LIKELY_SAME
	                                                                      : WORKER_NEWCOMER;
}

/* Without a UID only time tells the next board from the last one. */
static int64_t free_at(const struct slot *slot)
{
	return slot->left_at + (slot->last_uid[0] ? STEADY_MS : LINK_RETURN_MS) * CLOCK_MS;
}

bool watch_sign(struct slot *slot, enum gang_event_kind *kind)
{
	bool done = slot->present ? slot->handled : slot->left_by_itself;

	if (slot->worker) {
		slot->take_out = false;
		return false;
	}
	if (done && !slot->take_out) {
		slot->take_out = true;
		*kind = GANG_TAKE_OUT;
		return true;
	}
	if (slot->take_out && !slot->present && !done && clock_now() >= free_at(slot)) {
		slot->take_out = false;
		*kind = GANG_FREE;
		return true;
	}
	return false;
}

bool watch_acknowledge(struct slot *slot)
{
	if (slot->worker || slot->retired || !(slot->present ? slot->unsure : slot->left_by_itself))
		return false;
	slot->left_by_itself = false;
	slot->unsure = false;
	slot->handled = false;
	slot->had_unit = false;
	return true;
}

int64_t watch_next(const struct slot *slot)
{
	if (slot->worker || slot->retired)
		return CLOCK_NEVER;
	if (slot->present)
		return slot->handled ? CLOCK_NEVER : slot->arrived_at + STEADY_MS * CLOCK_MS;
	return slot->take_out && !slot->left_by_itself ? free_at(slot) : CLOCK_NEVER;
}
