/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/usb/counts.h"

#include <stdatomic.h>
#include <stddef.h>

#define CLASS_INTERFACE 0x21 /* bmRequestType without its direction: DFU 1.1, section 3 */

static _Atomic uint64_t counts[USB_COUNT_TYPES][USB_COUNT_STATUSES];

/* By bRequest (DFU 1.1, table 3.2); index 0 is for all other requests. */
static const char *const types[USB_COUNT_TYPES] = {"other",     "dnload",   "upload", "getstatus",
						   "clrstatus", "getstate", "abort"};

static const char *const statuses[USB_COUNT_STATUSES] = {
	[DFU_IO_OK] = "ok",        [DFU_IO_STALL] = "stall",       [DFU_IO_TIMEOUT] = "timeout",
	[DFU_IO_GONE] = "gone",    [DFU_IO_OVERFLOW] = "overflow", [DFU_IO_ERROR] = "error",
	[DFU_IO_LEAKED] = "leaked"};

void usb_count(const uint8_t *setup, enum dfu_io io)
{
	unsigned type =
		(setup[0] & 0x7f) == CLASS_INTERFACE && setup[1] < USB_COUNT_TYPES ? setup[1] : 0;

	if ((unsigned)io < USB_COUNT_STATUSES)
		atomic_fetch_add_explicit(&counts[type][io], 1, memory_order_relaxed);
}

uint64_t usb_counted(unsigned type, unsigned status)
{
	return atomic_load_explicit(&counts[type][status], memory_order_relaxed);
}

const char *usb_count_type(unsigned type)
{
	return type < USB_COUNT_TYPES ? types[type] : NULL;
}

const char *usb_count_status(unsigned status)
{
	return status < USB_COUNT_STATUSES ? statuses[status] : NULL;
}
