/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "roll.h"

#include <stdlib.h>
#include <string.h>

bool usb_same(const struct usb_seen *a, const struct usb_seen *b)
{
	return a->bus == b->bus && a->address == b->address && strcmp(a->path, b->path) == 0;
}

struct usb_seen *usb_roll_find(const struct usb_roll *roll, const struct usb_seen *seen)
{
	for (unsigned i = 0; i < roll->count; i++)
		if (usb_same(&roll->seen[i], seen))
			return &roll->seen[i];
	return NULL;
}

struct usb_seen *usb_roll_find_path(const struct usb_roll *roll, const char *path)
{
	for (unsigned i = 0; i < roll->count; i++)
		if (strcmp(roll->seen[i].path, path) == 0)
			return &roll->seen[i];
	return NULL;
}

bool usb_roll_add(struct usb_roll *roll, const struct usb_seen *seen)
{
	if (roll->count == roll->room) {
		unsigned room = roll->room ? 2 * roll->room : 16;
		struct usb_seen *more = realloc(roll->seen, room * sizeof(*more));

		if (!more)
			return false;
		roll->seen = more;
		roll->room = room;
	}
	roll->seen[roll->count++] = *seen;
	return true;
}

void usb_roll_drop(struct usb_roll *roll, struct usb_seen *seen)
{
	*seen = roll->seen[--roll->count];
}
