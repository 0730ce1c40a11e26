/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "watch.h"

#define TAKEN_OUT_MS 2500 /* an application may enumerate again meanwhile */
#define SEEN_MAX 1024     /* 127 addresses a bus; more host controllers than one station has */

static bool selected(const struct gang_options *options, const char *name)
{
	for (unsigned i = 0; i < options->only_slot_count; i++) {
		if (strcmp(options->only_slots[i], name) == 0)
			return true;
	}
	return options->only_slot_count == 0;
}

static struct slot *add(struct slots *slots, const char *name, const struct profile_slot *bound)
{
	struct slot *slot;

	if (slots->count == slots->room) {
		unsigned room = slots->room ? 2 * slots->room : 16;
		struct slot *more = reallocarray(slots->slot, room, sizeof(*more));

		if (!more)
			return NULL;
		slots->slot = more;
		slots->room = room;
	}
	slot = &slots->slot[slots->count++];
	memset(slot, 0, sizeof(*slot));
	snprintf(slot->name, sizeof(slot->name), "%s", name);
	slot->bound = bound;
	return slot;
}

bool slots_init(struct slots *slots, const struct gang_options *options)
{
	memset(slots, 0, sizeof(*slots));
	slots->options = options;
	for (unsigned i = 0; i < options->profile->slots; i++) {
		const struct profile_slot *bound = &options->profile->slot[i];

		if (selected(options, bound->name) && !add(slots, bound->name, bound)) {
			slots_free(slots);
			return false;
		}
	}
	return true;
}

void slots_free(struct slots *slots)
{
	free(slots->slot);
	memset(slots, 0, sizeof(*slots));
}

static bool belongs(const struct slot *slot, const struct usb_seen *seen)
{
	if (!slot->bound)
		return strcmp(slot->name, seen->path) == 0;
	return profile_slot_holds(slot->bound, seen);
}

static void take_in(struct slot *slot, const struct usb_seen *seen, bool *arrived)
{
	if (seen ? slot->present && usb_same(&slot->seen, seen) : !slot->present)
		return;
	if (slot->present)
		slot->left_at = clock_now();
	slot->present = seen != NULL;
	if (!seen) {
		slot_apply(slot, slot->last.started ? SLOT_BOARD_STARTED : SLOT_BOARD_WENT);
		return;
	}
	slot->seen = *seen;
	slot->arrived_at = clock_now();
	slot_apply(slot, SLOT_BOARD_CAME);
	/* One that goes and comes back without end must not keep the run from ending. */
	if (watch_return(slot, false) == UNIT_NEWCOMER && slot->swaps <= SLOT_SWAPS_MAX)
		*arrived = true;
}

static bool make_room(struct slots *slots, const struct usb_seen *seen, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		bool known = !selected(slots->options, seen[i].path);

		for (unsigned s = 0; s < slots->count && !known; s++)
			known = belongs(&slots->slot[s], &seen[i]);
		if (!known && !add(slots, seen[i].path, NULL))
			return false;
	}
	return true;
}

static bool has_ids(const struct usb_seen *seen, const struct usb_filter *filter)
{
	return seen->vid == filter->vid && seen->pid == filter->pid;
}

/* The application's device that is to be brought into the bootloader. A board that passed runs its
 * application for good, and one that was asked and stayed is asked by a retry alone. */
static const struct usb_seen *application_of(const struct slots *slots, const struct slot *slot,
					     const struct usb_seen *also, unsigned count)
{
	const struct profile *profile = slots->options->profile;

	if (profile->enter.by == PROFILE_ENTER_NOT || slot->last.started)
		return NULL;
	for (unsigned i = 0; i < count; i++) {
		if (!has_ids(&also[i], &profile->enter.usb) || !belongs(slot, &also[i]))
			continue;
		return slot->state != SLOT_RUNNING || usb_same(&also[i], &slot->tried) ? &also[i]
										       : NULL;
	}
	return NULL;
}

/* A board that runs its application and shows it on the bus still lies in its slot; when it goes,
 * it was taken out. */
static void follow_application(struct slot *slot, const struct usb_seen *also, unsigned count)
{
	bool there = false;

	for (unsigned i = 0; i < count && !there; i++)
		there = belongs(slot, &also[i]);
	if (slot->state != SLOT_LEFT) {
		slot->app_seen = false;
		return;
	}
	if (there) {
		slot->app_seen = true;
		slot->app_gone_at = 0;
	} else if (slot->app_seen && !slot->app_gone_at) {
		slot->app_gone_at = clock_now();
	} else if (slot->app_seen && clock_elapsed_ms(slot->app_gone_at) >= TAKEN_OUT_MS) {
		slot->app_seen = false;
		slot->left_at = slot->app_gone_at;
		slot->last.started = false;
		slot_apply(slot, SLOT_ACKNOWLEDGED);
	}
}

static bool has_slot(const struct slots *slots, const struct usb_seen *seen)
{
	const struct profile *profile = slots->options->profile;

	for (unsigned i = 0; i < profile->slots; i++) {
		if (profile_slot_holds(&profile->slot[i], seen))
			return true;
	}
	return profile->slots == 0;
}

static bool told_of(const struct slots_astray *astray, unsigned count, const char *path)
{
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(astray[i].path, path) == 0)
			return astray[i].told;
	}
	return false;
}

/* 1-2 before 1-10. */
static int by_path(const void *a, const void *b)
{
	const struct slots_astray *left = a, *right = b;

	return strverscmp(left->path, right->path);
}

static void note_astray(struct slots *slots, const struct usb_seen *seen, unsigned count)
{
	struct slots_astray now[SLOTS_ASTRAY_MAX];
	unsigned astrays = 0, before = slots->astrays;

	for (unsigned i = 0; i < count && astrays < SLOTS_ASTRAY_MAX; i++) {
		if (has_slot(slots, &seen[i]))
			continue;
		snprintf(now[astrays].path, sizeof(now[astrays].path), "%s", seen[i].path);
		now[astrays].told = told_of(slots->astray, before, seen[i].path);
		astrays++;
	}
	qsort(now, astrays, sizeof(*now), by_path);
	if (astrays != before)
		slots->astray_since = clock_now();
	memcpy(slots->astray, now, astrays * sizeof(*now));
	slots->astrays = astrays;
}

/* The slot of the device, unless another slot has it already. */
static bool is_for(struct slots *slots, unsigned s, const struct usb_seen *seen)
{
	if (!belongs(&slots->slot[s], seen))
		return false;
	for (unsigned before = 0; before < s; before++) {
		if (!belongs(&slots->slot[before], seen))
			continue;
		slots->twin[0] = &slots->slot[before];
		slots->twin[1] = &slots->slot[s];
		return false;
	}
	return true;
}

bool slots_update(struct slots *slots, struct usb_bus *bus, bool *arrived)
{
	struct usb_seen *seen = calloc(2 * SEEN_MAX, sizeof(*seen)), *also = seen + SEEN_MAX;
	unsigned count, others;
	bool good = seen != NULL;

	*arrived = false;
	if (!good)
		return false;
	count = usb_bus_list(bus, seen, SEEN_MAX);
	others = usb_bus_list_also(bus, also, SEEN_MAX);
	if (slots->options->profile->slots == 0)
		good = make_room(slots, seen, count);
	for (unsigned s = 0; good && s < slots->count; s++) {
		const struct usb_seen *here = NULL;

		for (unsigned i = 0; i < count && !here; i++) {
			if (is_for(slots, s, &seen[i]))
				here = &seen[i];
		}
		if (!here)
			here = application_of(slots, &slots->slot[s], also, others);
		take_in(&slots->slot[s], here, arrived);
		follow_application(&slots->slot[s], also, others);
	}
	note_astray(slots, seen, count);
	free(seen);
	return good;
}

unsigned slots_filled(const struct slots *slots)
{
	unsigned filled = 0;

	for (unsigned s = 0; s < slots->count; s++)
		filled += slots->slot[s].present;
	return filled;
}
