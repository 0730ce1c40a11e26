/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef H7GANG_USB_SCAN_H
#define H7GANG_USB_SCAN_H

#include <libusb.h>

#include "roll.h"

/* Fills in all but id_path. False for root hubs and devices outside the filter. */
bool usb_look(libusb_device *device, const struct usb_filter *filter, struct usb_seen *seen);

/* Adds the targets that are on the bus now to an empty list, without their id_path. May block in
 * the kernel behind a device that hangs. False: the bus could not be scanned, or no memory. */
bool usb_scan(const struct usb_filter *filter, struct usb_roll *found);

#endif
