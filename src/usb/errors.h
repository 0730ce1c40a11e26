/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only map from libusb's errors to the program's. */
#ifndef H7GANG_USB_ERRORS_H
#define H7GANG_USB_ERRORS_H

#include <libusb.h>

#include "h7gang/dfu/pipe.h"

/* From a return value (enum libusb_error, 0 or positive is success). */
enum dfu_io usb_io_from_error(int error);

/* From a finished transfer. */
enum dfu_io usb_io_from_transfer(enum libusb_transfer_status status);

/* The error's symbolic name, for messages. */
const char *usb_error_name(int error);

#endif
