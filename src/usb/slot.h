/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slots of a pipe: one transfer each, with its own buffer, on its way from the worker to the
 * event thread and back. A slot held behind a transfer is sent from that transfer's completion. */
#ifndef H7GANG_USB_SLOT_H
#define H7GANG_USB_SLOT_H

#include <libusb.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "h7gang/dfu/pipe.h"

/* States of a slot: free, held back, on its way, over. AWAITED beside HELD or FLYING: the worker
 * sleeps until it is over. */
#define SLOT_FREE 0u
#define SLOT_HELD 1u
#define SLOT_FLYING 2u
#define SLOT_LANDED 4u
#define SLOT_AWAITED 8u

/* The part of a pipe that the worker and the event thread share. */
struct usb_flight {
	atomic_bool recalled; /* a held slot that is sent all the same must be cancelled */
	atomic_bool refused;  /* a slot was refused: no further held slot is sent */
	sem_t landed;         /* posted when the awaited slot has landed */
};

struct usb_slot {
	struct usb_flight *flight;
	struct libusb_transfer *transfer;
	uint8_t *buffer; /* 8 bytes of set-up, then the data */
	size_t capacity;
	uint64_t order; /* of submission; 0: the slot is free. Used by the worker only */
	uint16_t length;
	dfu_may_go *may_go; /* for a held slot */
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

/* True for only one of the threads that want to send a held slot. That thread sends it, or not. */
bool usb_slot_claim(struct usb_slot *slot);

/* Sends a claimed slot behind one that is over. False: it was not sent, and is over. */
bool usb_slot_send(const struct usb_slot *before, struct usb_slot *slot, int64_t now);

/* The slot is over: sends the slot held behind it, or ends it, too. LANDED returns a slot to the
 * worker, and the last one returns the pipe. */
void usb_slot_over(struct usb_slot *slot, int64_t now);

/* True once the slot is over. In the worker. */
bool usb_slot_await(struct usb_slot *slot, int64_t deadline);

#endif
