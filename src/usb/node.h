/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens a device by its node in /dev/bus/usb, for a context that does not know the device: without
 * a udev daemon, libusb never learns of new devices. */
#ifndef H7GANG_USB_NODE_H
#define H7GANG_USB_NODE_H

#include <libusb.h>

/* Opens the node of device `address` on bus `bus` and hands it to libusb. Returns 0 or a libusb
 * error. The caller closes `*handle`, then `*node`, which is -1 after an error. */
int usb_node_wrap(libusb_context *context, unsigned bus, unsigned address, int *node,
		  libusb_device_handle **handle);

#endif
