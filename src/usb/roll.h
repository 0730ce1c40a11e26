/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of the targets on the bus. Not thread-safe: each list has an owner. */
#ifndef H7GANG_USB_ROLL_H
#define H7GANG_USB_ROLL_H

#include <stdbool.h>

#include "h7gang/usb/bus.h"

struct usb_roll {
	struct usb_seen *seen; /* freed by the owner */
	unsigned count, room;
};

/* The same device: same path, same address. NULL: it is not listed. */
struct usb_seen *usb_roll_find(const struct usb_roll *roll, const struct usb_seen *seen);

/* The device at this path. NULL: there is none. */
struct usb_seen *usb_roll_find_path(const struct usb_roll *roll, const char *path);

/* False: no memory, and the list is as before. */
bool usb_roll_add(struct usb_roll *roll, const struct usb_seen *seen);

/* Removes an entry, a pointer into the list; other pointers into the list become invalid. */
void usb_roll_drop(struct usb_roll *roll, struct usb_seen *seen);

#endif
