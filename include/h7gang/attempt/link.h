/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to one target: its open device and DFU session, and the steps back to dfuIDLE
 * after a failure. Used by one worker thread. */
#ifndef H7GANG_ATTEMPT_LINK_H
#define H7GANG_ATTEMPT_LINK_H

#include <stdbool.h>

#include "h7gang/dfu/session.h"
#include "h7gang/stm32/part.h"
#include "h7gang/trace/trace.h"
#include "h7gang/usb/bus.h"

#define LINK_RETURN_MS 5000 /* contract: a board that comes back within 5 s is the same unit */

/* The answers that identified a board. */
struct link_identity {
	bool known;
	char uid[25]; /* "" unknown */
	char layout[256];
	char serial[128];
	int bootloader_id; /* STM32_ROM_UNKNOWN */
	int64_t flash_kib; /* -1 unknown */
};

struct link {
	/* set by the owner */
	struct usb_bus *bus;
	const char *path;
	unsigned targets;  /* devices that may be open at once: divides the usbfs budget */
	uint32_t claim_ms; /* how long another program is waited for */
	struct dfu_limits limits;
	uint32_t busy_ms; /* how long a flash operation may still run on the target, at most */
	int64_t deadline;
	unsigned alt; /* the alternate setting to work in; 0 until the board was asked */
	bool (*stop)(void *user);
	void *stop_user;
	struct trace *trace; /* records every transfer; NULL: none is recorded */
	/* kept here */
	struct usb_device *device; /* NULL: not open */
	struct usb_seen seen;      /* the device last opened */
	struct dfu_session session;
	bool was_busy;      /* the state it was found in: see dfu_to_idle */
	bool lost_in_reset; /* it left the bus in a reset of ours */
	/* Of the board that was identified; compared after every re-attach (same_board.c). */
	struct link_identity identity;
	struct usb_seen confirmed_seen; /* its device when it was last confirmed */
	unsigned attached;              /* number of times a device was opened */
	unsigned confirmed;             /* `attached` when it was last known to be that board */
	bool exchanged;                 /* another board took its place */
	bool unproved;                  /* no UID tells whether another board took its place */
	bool leaked;   /* a transfer never came back: nothing may be started here again */
	char why[160]; /* of the last failure to open */
};

/* Opens the device at the path and sends it no request. */
enum dfu_result link_attach(struct link *link);

/* Opens the device at the path, brings it to dfuIDLE and selects its alternate setting. Recovers
 * where needed: ABORT, CLRSTATUS, alternate setting again, USB reset. */
enum dfu_result link_open(struct link *link);

/* After an unexpected result: back to dfuIDLE by the same steps. DFU_GONE: the target left and was
 * not back within 5 s of a reset of ours. */
enum dfu_result link_recover(struct link *link);

/* False if a transfer leaked with the device. */
bool link_close(struct link *link);

/* Waits until a device other than `seen` is on the path; for boards that left by themselves. */
bool link_wait_return(struct usb_bus *bus, const struct usb_seen *seen, int64_t deadline,
		      bool (*stop)(void *user), void *stop_user);

#endif
