/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an application into the bootloader, by requests to the application's device. */
#ifndef H7GANG_USB_ENTER_H
#define H7GANG_USB_ENTER_H

#include "h7gang/usb/bus.h"

/* Both open the device at `path` only if it has these IDs. They may block in the kernel, as opening
 * does. False: it was not asked; `why`. The caller sees whether it then leaves its port. */

/* DFU_DETACH to its run-time interface (DFU 1.1, 5.1), and a USB reset if it does not detach by
 * itself. */
bool usb_detach(struct usb_bus *bus, const char *path, const struct usb_filter *application,
		char *why, size_t why_size);

/* Sets its CDC serial port to 1200 baud and drops DTR, as a serial program that closes it does. */
bool usb_touch(struct usb_bus *bus, const char *path, const struct usb_filter *application,
	       char *why, size_t why_size);

#endif
