/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef H7GANG_USB_HOLDER_H
#define H7GANG_USB_HOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "h7gang/usb/bus.h"

/* Names another process that has the device open: "fwupd (process 812) uses it". False: /proc shows
 * none; other users' processes show to root alone. */
bool usb_holder(const struct usb_seen *seen, char *text, size_t size);

#endif
