/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "h7gang/base/clock.h"
#include "h7gang/usb/counts.h"

#define POISON 0xa5 /* bytes that no transfer wrote are recognized by it */
#define BUFFER_GRAIN 64u

struct usb_slot usb_none_follows;

bool usb_slot_claim(struct usb_slot *slot)
{
	unsigned state = SLOT_HELD;

	while (!atomic_compare_exchange_weak(&slot->state, &state,
					     SLOT_FLYING | (state & SLOT_AWAITED))) {
		if (!(state & SLOT_HELD))
			return false;
	}
	return true;
}

/* libusb calls an exhausted usbfs budget an I/O error. */
int usb_slot_submit(struct usb_slot *slot)
{
	int error;

	errno = 0;
	error = libusb_submit_transfer(slot->transfer);
	return error == LIBUSB_ERROR_IO && errno == ENOMEM ? LIBUSB_ERROR_NO_MEM : error;
}

static bool may_go(const struct usb_slot *before, const struct usb_slot *slot, int64_t now)
{
	const struct dfu_reply reply = {
		.io = before->io,
		.length = before->length,
		.actual = before->actual,
		.data = before->buffer + LIBUSB_CONTROL_SETUP_SIZE,
	};

	return !atomic_load(&slot->flight->refused) && now < slot->until && slot->may_go(&reply);
}

bool usb_slot_send(const struct usb_slot *before, struct usb_slot *slot, int64_t now)
{
	int error;

	slot->io = DFU_IO_UNSENT;
	if (!may_go(before, slot, now)) {
		atomic_store(&slot->flight->refused, true);
		return false;
	}
	slot->times.submitted = now;
	error = usb_slot_submit(slot);
	if (error) {
		atomic_store(&slot->flight->refused, true);
		slot->times.submitted = 0;
		slot->io = usb_io_from_error(error);
		return false;
	}
	/* The thread that recalled it may have tried to cancel before the transfer was submitted.
	 */
	if (atomic_load(&slot->flight->recalled))
		libusb_cancel_transfer(slot->transfer);
	return true;
}

void usb_slot_over(struct usb_slot *slot, int64_t now)
{
	while (slot) {
		struct usb_flight *flight = slot->flight;
		struct usb_slot *next = atomic_exchange(&slot->next, &usb_none_follows);

		if (next && (!usb_slot_claim(next) || usb_slot_send(slot, next, now)))
			next = NULL;
		if (atomic_exchange(&slot->state, SLOT_LANDED) & SLOT_AWAITED)
			sem_post(&flight->landed);
		slot = next;
	}
}

/* In the event thread. */
static void LIBUSB_CALL on_landed(struct libusb_transfer *transfer)
{
	struct usb_slot *slot = transfer->user_data;
	int64_t now = clock_now();

	slot->times.landed = now;
	slot->io = usb_io_from_transfer(transfer->status);
	slot->actual = 0;
	if (slot->io == DFU_IO_OK) {
		if (transfer->actual_length < 0 || transfer->actual_length > slot->length)
			slot->io = DFU_IO_OVERFLOW;
		else
			slot->actual = (size_t)transfer->actual_length;
	}
	usb_count(slot->buffer, slot->io);
	usb_slot_over(slot, now);
}

static bool make_room(struct usb_slot *slot, size_t length)
{
	size_t need = LIBUSB_CONTROL_SETUP_SIZE + length;
	uint8_t *buffer;

	if (!slot->transfer) {
		slot->transfer = libusb_alloc_transfer(0);
		if (!slot->transfer)
			return false;
	}
	if (need <= slot->capacity)
		return true;
	need = (need + BUFFER_GRAIN - 1) / BUFFER_GRAIN * BUFFER_GRAIN;
	buffer = malloc(need);
	if (!buffer)
		return false;
	free(slot->buffer);
	slot->buffer = buffer;
	slot->capacity = need;
	return true;
}

enum dfu_io usb_slot_fill(struct usb_slot *slot, libusb_device_handle *handle,
			  const struct dfu_setup *setup, const uint8_t *out)
{
	uint8_t *data;

	if (!make_room(slot, setup->length))
		return DFU_IO_NOMEM;
	libusb_fill_control_setup(slot->buffer, setup->request_type, setup->request, setup->value,
				  setup->index, setup->length);
	data = slot->buffer + LIBUSB_CONTROL_SETUP_SIZE;
	if (setup->request_type & LIBUSB_ENDPOINT_IN)
		memset(data, POISON, setup->length);
	else if (setup->length > 0)
		memcpy(data, out, setup->length);
	/* No time-out of libusb's: the deadline is kept in wait(), by our own clock. */
	libusb_fill_control_transfer(slot->transfer, handle, slot->buffer, on_landed, slot, 0);
	slot->length = setup->length;
	slot->actual = 0;
	slot->times = (struct dfu_times){0};
	atomic_store(&slot->next, NULL);
	return DFU_IO_OK;
}

bool usb_slot_await(struct usb_slot *slot, int64_t deadline)
{
	if (atomic_fetch_or(&slot->state, SLOT_AWAITED) & SLOT_LANDED)
		return true;
	if (!clock_sem_wait_until(&slot->flight->landed, deadline)) {
		if (!(atomic_fetch_and(&slot->state, ~SLOT_AWAITED) & SLOT_LANDED))
			return false;
		/* It landed in this very moment, and the count has been posted or is about to be.
		 */
		clock_sem_wait_until(&slot->flight->landed, CLOCK_NEVER);
	}
	return atomic_load(&slot->state) & SLOT_LANDED;
}
