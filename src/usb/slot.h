/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slots of a pipe: one transfer each, with its own buffer, on its way from the worker to the
 * event thread and back. What is held behind a transfer is sent from its completion. */
#ifndef H7GANG_USB_SLOT_H
#define H7GANG_USB_SLOT_H

#include <libusb.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "h7gang/dfu/pipe.h"

/* What a slot is: free, held back, on its way, over. AWAITED beside HELD or FLYING: the worker
 * sleeps until it is over. */
#define SLOT_FREE 0u
#define SLOT_HELD 1u
#define SLOT_FLYING 2u
#define SLOT_LANDED 4u
#define SLOT_AWAITED 8u

/* What the worker and the event thread share of a pipe. */
struct usb_flight {
	atomic_bool recalled; /* what was held and goes out all the same is to be cancelled */
	atomic_bool refused;  /* one was not let go: nothing held goes out any more */
	sem_t landed;         /* posted when the slot awaited has */
};

struct usb_slot {
	struct usb_flight *flight;
	struct libusb_transfer *transfer;
	uint8_t *buffer; /* 8 bytes of set-up, then the data */
	size_t capacity;
	uint64_t order; /* of submission; 0: the slot is free. The worker's own */
	uint16_t length;
	dfu_may_go *may_go; /* of one held back */
	int64_t until;
	/* The slot held behind this one. &usb_none_follows once this one is over: a later slot must
	 * then send itself. */
	struct usb_slot *_Atomic next;
	atomic_uint state;
	/* Until LANDED, these belong to the thread that sets LANDED: */
	enum dfu_io io;
	size_t actual;
	struct dfu_times times;
};

extern struct usb_slot usb_none_follows;

/* Fills in a free slot. `out` is copied; the buffer of an IN transfer is poisoned. */
enum dfu_io usb_slot_fill(struct usb_slot *slot, libusb_device_handle *handle,
			  const struct dfu_setup *setup, const uint8_t *out);

/* Submits a filled slot that is FLYING. Returns 0 or a libusb error. */
int usb_slot_submit(struct usb_slot *slot);

/* A slot held back is sent, or not, by one thread alone: the one that this tells true. */
bool usb_slot_claim(struct usb_slot *slot);

/* Sends a claimed slot behind one that is over. `now` is the time. False: it did not go out, and is
 * over. */
bool usb_slot_send(const struct usb_slot *before, struct usb_slot *slot, int64_t now);

/* The slot is over: what is held behind it goes out, or is over too. With LANDED a slot is given
 * back to the worker, and with the last one the pipe. */
void usb_slot_over(struct usb_slot *slot, int64_t now);

/* True once the slot is over. In the worker. */
bool usb_slot_await(struct usb_slot *slot, int64_t deadline);

#endif
