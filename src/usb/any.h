/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control requests to any device of the bus: hubs, and boards in their application. */
#ifndef H7GANG_USB_ANY_H
#define H7GANG_USB_ANY_H

#include <libusb.h>

#include "h7gang/usb/bus.h"
#include "pipe.h"

struct usb_any {
	struct usb_bus *bus;
	libusb_device_handle *handle;
	int node; /* opened by us for libusb, or -1 */
	struct usb_pipe *pipe;
};

/* Opens the device of that name ("1-1.4", "usb1") and claims nothing. Returns 0 or a libusb error.
 */
int usb_any_open(struct usb_bus *bus, const char *name, struct usb_any *any);
void usb_any_close(struct usb_any *any);

/* One request, answered within `ms`. IN: `*got` bytes of the answer are in `data`, at most
 * setup->length. OUT: `data` is sent. */
enum dfu_io usb_any_ask(struct usb_any *any, const struct dfu_setup *setup, uint8_t *data,
			size_t *got, uint32_t ms);

#endif
