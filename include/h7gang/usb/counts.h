/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the transfers of this process ended, for metrics. */
#ifndef H7GANG_USB_COUNTS_H
#define H7GANG_USB_COUNTS_H

#include <stdint.h>

#include "h7gang/dfu/pipe.h"

#define USB_COUNT_TYPES 7
#define USB_COUNT_STATUSES DFU_IO_NOMEM /* number of completion statuses */

/* Counts one: `setup` is its packet of 8 bytes. From any thread; never waits. */
void usb_count(const uint8_t *setup, enum dfu_io io);

/* How many there were so far. */
uint64_t usb_counted(unsigned type, unsigned status);

/* "dnload", "upload" ...; "ok", "stall" ... NULL past the last. Static. */
const char *usb_count_type(unsigned type);
const char *usb_count_status(unsigned status);

#endif
