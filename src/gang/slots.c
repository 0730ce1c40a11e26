/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "watch.h"

#define SEEN_MAX 1024 /* 127 addresses a bus; more host controllers than one station has */

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

static bool same_device(const struct usb_seen *a, const struct usb_seen *b)
{
	return a->bus == b->bus && a->address == b->address && strcmp(a->path, b->path) == 0;
}

static void take_in(struct slot *slot, const struct usb_seen *seen, bool *arrived)
{
	if (slot->present && seen && same_device(&slot->seen, seen))
		return;
	if (slot->present)
		slot->left_at = clock_now();
	slot->present = seen != NULL;
	slot->handled = false;
	slot->unsure = false;
	if (seen) {
		slot->seen = *seen;
		slot->arrived_at = clock_now();
		/* One that goes and comes back without end must not keep the run from ending. */
		if (watch_return(slot, false) == WORKER_NEWCOMER)
			*arrived = true;
	}
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

bool slots_update(struct slots *slots, struct usb_bus *bus, bool *arrived)
{
	struct usb_seen *seen = calloc(SEEN_MAX, sizeof(*seen));
	unsigned count;
	bool good = seen != NULL;

	*arrived = false;
	if (!good)
		return false;
	count = usb_bus_list(bus, seen, SEEN_MAX);
	if (slots->options->profile->slots == 0)
		good = make_room(slots, seen, count);
	for (unsigned s = 0; good && s < slots->count; s++) {
		const struct usb_seen *here = NULL;

		for (unsigned i = 0; i < count && !here; i++) {
			if (belongs(&slots->slot[s], &seen[i]))
				here = &seen[i];
		}
		take_in(&slots->slot[s], here, arrived);
	}
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
