/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last UID read at each port. Two boards with one UID are both programmed, and both rows say
 * so. */
#ifndef GANG_UIDS_H
#define GANG_UIDS_H

#include <stdbool.h>

#include "h7gang/usb/bus.h"

struct uids;

struct uids *uids_new(void); /* NULL: no memory */
void uids_free(struct uids *uids);

/* Remembers that `uid` was read from the device `seen`, in the place of an earlier one at its path.
 * Thread-safe. False: no memory. */
bool uids_add(struct uids *uids, const char *uid, const struct usb_seen *seen);

/* Whether `uid` was read at another path than `path`, and at which. Thread-safe. */
bool uids_twin(struct uids *uids, const char *uid, const char *path, char twin[USB_PATH_SIZE]);

/* Whether a board that was first to tell `uid` is still on the bus at another path than `path`, and
 * at which. Thread-safe. */
bool uids_first(struct uids *uids, struct usb_bus *bus, const char *uid, const char *path,
		char first[USB_PATH_SIZE]);

#endif
