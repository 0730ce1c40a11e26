/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipe.h"

#include <stdlib.h>

#include "errors.h"
#include "h7gang/base/clock.h"
#include "slot.h"
#include "wire_private.h"

#define REAP_MS 10000   /* a cancelled transfer not back by then never comes */
#define SET_ALT_MS 5000 /* the kernel's own time-out */

/* Belongs to the worker. The event thread uses it only to send transfers held behind a slot that is
 * not over yet, and to wake a sleeping worker. */
struct usb_pipe {
	struct dfu_pipe base;
	libusb_device_handle *handle;
	struct usb_seat *seat;
	uint64_t submitted;
	unsigned most; /* transfers in flight */
	unsigned used; /* slots that are not free */
	bool gone, leaked;
	struct usb_flight flight;
	struct usb_slot slot[DFU_PIPE_SLOTS];
};

static struct usb_pipe *to_pipe(struct dfu_pipe *base)
{
	return (struct usb_pipe *)((char *)base - offsetof(struct usb_pipe, base));
}

/* Fills in a free slot, which is in use from then on. */
static enum dfu_io prepare(struct usb_pipe *pipe, unsigned index, const struct dfu_setup *setup,
			   const uint8_t *out)
{
	struct usb_slot *slot;
	enum dfu_io io;

	if (pipe->leaked)
		return DFU_IO_LEAKED;
	if (pipe->gone)
		return DFU_IO_GONE;
	if (index >= DFU_PIPE_SLOTS || setup->length > DFU_PIPE_MAX_LENGTH)
		return DFU_IO_ERROR;
	slot = &pipe->slot[index];
	/* Only the worker makes a slot busy, and a landed one is freed by it: no lock needed. */
	if (slot->order != 0)
		return DFU_IO_ERROR;
	io = usb_slot_fill(slot, pipe->handle, setup, out);
	if (io != DFU_IO_OK)
		return io;
	if (pipe->used == 0) {
		atomic_store(&pipe->flight.recalled, false);
		atomic_store(&pipe->flight.refused, false);
	}
	slot->order = ++pipe->submitted;
	pipe->used++;
	return DFU_IO_OK;
}

static void free_slot(struct usb_pipe *pipe, struct usb_slot *slot)
{
	atomic_store(&slot->state, SLOT_FREE);
	slot->order = 0;
	pipe->used--;
}

/* At most one of a chain is in flight. */
static unsigned count_flying(const struct usb_pipe *pipe)
{
	unsigned flying = 0;

	for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++)
		flying += (atomic_load(&pipe->slot[i].state) & SLOT_FLYING) != 0;
	return flying;
}

static enum dfu_io pipe_submit(struct dfu_pipe *base, unsigned index, const struct dfu_setup *setup,
			       const uint8_t *out)
{
	struct usb_pipe *pipe = to_pipe(base);
	struct usb_slot *slot;
	enum dfu_io io;
	int error;

	if (!pipe->gone && !pipe->leaked && pipe->used >= pipe->most &&
	    count_flying(pipe) >= pipe->most)
		return DFU_IO_NOMEM;
	io = prepare(pipe, index, setup, out);
	if (io != DFU_IO_OK)
		return io;
	slot = &pipe->slot[index];
	slot->times.submitted = clock_now();
	atomic_store(&slot->state, SLOT_FLYING);

	error = usb_slot_submit(slot);
	if (error == 0)
		return DFU_IO_OK;
	if (error == LIBUSB_ERROR_IO && pipe->used > 1)
		error = LIBUSB_ERROR_NO_MEM;
	slot->times.submitted = 0;
	free_slot(pipe, slot);
	pipe->gone = error == LIBUSB_ERROR_NO_DEVICE;
	return usb_io_from_error(error);
}

static enum dfu_io pipe_hold(struct dfu_pipe *base, unsigned index, unsigned behind,
			     const struct dfu_setup *setup, const uint8_t *out, dfu_may_go *may_go,
			     int64_t until)
{
	struct usb_pipe *pipe = to_pipe(base);
	struct usb_slot *none = NULL;
	struct usb_slot *slot, *before;
	enum dfu_io io;

	if (behind >= DFU_PIPE_SLOTS || pipe->slot[behind].order == 0 || behind == index)
		return DFU_IO_ERROR;
	before = &pipe->slot[behind];
	none = atomic_load(&before->next);
	if (none && none != &usb_none_follows)
		return DFU_IO_ERROR;
	io = prepare(pipe, index, setup, out);
	if (io != DFU_IO_OK)
		return io;
	slot = &pipe->slot[index];
	slot->may_go = may_go;
	slot->until = until;
	atomic_store(&slot->state, SLOT_HELD);
	/* The one before is over already: no other thread uses this one. */
	none = NULL;
	if (!atomic_compare_exchange_strong(&before->next, &none, slot) && usb_slot_claim(slot) &&
	    !usb_slot_send(before, slot, clock_now()))
		usb_slot_over(slot, clock_now());
	return DFU_IO_OK;
}

/* Cancels all that was submitted as `from` or later, newest first: cancelled in order, the kernel
 * would send the next one the moment the one before it is gone. */
static void cancel_since(struct usb_pipe *pipe, uint64_t from)
{
	uint64_t below = UINT64_MAX;

	atomic_store(&pipe->flight.recalled, true);
	for (;;) {
		struct usb_slot *newest = NULL;

		for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++) {
			struct usb_slot *slot = &pipe->slot[i];

			if (slot->order >= from && slot->order > 0 && slot->order < below &&
			    (!newest || slot->order > newest->order))
				newest = slot;
		}
		if (!newest)
			return;
		below = newest->order;
		if (usb_slot_claim(newest)) {
			newest->io = DFU_IO_UNSENT;
			usb_slot_over(newest, clock_now());
		} else if (!(atomic_load(&newest->state) & SLOT_LANDED)) {
			/* LIBUSB_ERROR_NOT_FOUND: it has landed, or lands on its own. With any
			 * answer, it is over only after its callback. */
			libusb_cancel_transfer(newest->transfer);
		}
	}
}

/* Frees a landed slot and says how it ended. */
static enum dfu_io collect(struct usb_pipe *pipe, struct usb_slot *slot, const uint8_t **data,
			   size_t *actual)
{
	if (slot->io == DFU_IO_OK && data) {
		*actual = slot->actual;
		*data = slot->buffer + LIBUSB_CONTROL_SETUP_SIZE;
	}
	if (slot->io == DFU_IO_GONE)
		pipe->gone = true;
	free_slot(pipe, slot);
	return slot->io;
}

/* A transfer that waits for a shared wire has not timed out, and a cancelled transfer may hold up a
 * translator that serves all of its boards (Linux, hub.c). */
static bool await_neighbours(struct usb_pipe *pipe, struct usb_slot *slot, int64_t deadline)
{
	int64_t patience =
		pipe->seat && deadline != CLOCK_NEVER ? usb_seat_patience(pipe->seat) : 0;

	return patience > 0 && usb_slot_await(slot, deadline + patience);
}

static enum dfu_io pipe_wait(struct dfu_pipe *base, unsigned index, int64_t deadline,
			     const uint8_t **data, size_t *actual)
{
	struct usb_pipe *pipe = to_pipe(base);
	struct usb_slot *slot;

	*data = NULL;
	*actual = 0;
	if (index >= DFU_PIPE_SLOTS || pipe->slot[index].order == 0)
		return DFU_IO_ERROR;
	slot = &pipe->slot[index];
	if (!usb_slot_await(slot, deadline) && !await_neighbours(pipe, slot, deadline)) {
		cancel_since(pipe, slot->order);
		if (!usb_slot_await(slot, clock_after_ms(REAP_MS))) {
			pipe->leaked = true;
			return DFU_IO_LEAKED;
		}
	}
	return collect(pipe, slot, data, actual);
}

static enum dfu_io pipe_drain(struct dfu_pipe *base)
{
	struct usb_pipe *pipe = to_pipe(base);
	int64_t deadline;

	if (pipe->used > 0 && !pipe->leaked) {
		cancel_since(pipe, 1);
		deadline = clock_after_ms(REAP_MS);
		for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++) {
			struct usb_slot *slot = &pipe->slot[i];

			if (slot->order == 0)
				continue;
			if (usb_slot_await(slot, deadline))
				collect(pipe, slot, NULL, NULL);
			else
				pipe->leaked = true;
		}
	}
	if (pipe->leaked)
		return DFU_IO_LEAKED;
	return pipe->gone ? DFU_IO_GONE : DFU_IO_OK;
}

/* As a control transfer of our own and not by libusb_set_interface_alt_setting: that has no
 * deadline, and libusb before 1.0.27 gives back a lock it does not hold when the device has just
 * left, upon which its close aborts the program (libusb #1199). DFU alternate settings have no
 * endpoints that the kernel would have to know of. */
static enum dfu_io pipe_set_alt(struct dfu_pipe *base, unsigned alt)
{
	const struct dfu_setup setup = {
		.request_type = LIBUSB_RECIPIENT_INTERFACE,
		.request = LIBUSB_REQUEST_SET_INTERFACE,
		.value = (uint16_t)alt,
		.index = base->descriptors.interface_number,
	};
	struct usb_pipe *pipe = to_pipe(base);
	const uint8_t *data;
	size_t actual;
	enum dfu_io io;

	if (pipe->leaked)
		return DFU_IO_LEAKED;
	if (pipe->used > 0 || alt > UINT8_MAX)
		return DFU_IO_ERROR;
	io = pipe_submit(base, 0, &setup, NULL);
	return io == DFU_IO_OK ? pipe_wait(base, 0, clock_after_ms(SET_ALT_MS), &data, &actual)
			       : io;
}

static enum dfu_io pipe_reset(struct dfu_pipe *base)
{
	struct usb_pipe *pipe = to_pipe(base);
	int error;

	if (pipe->leaked)
		return DFU_IO_LEAKED;
	if (pipe->used > 0)
		return DFU_IO_ERROR;
	error = libusb_reset_device(pipe->handle);
	/* LIBUSB_ERROR_NOT_FOUND: it came back as something else and has to be opened anew. */
	if (error == LIBUSB_ERROR_NO_DEVICE || error == LIBUSB_ERROR_NOT_FOUND) {
		pipe->gone = true;
		return DFU_IO_GONE;
	}
	return usb_io_from_error(error);
}

static void pipe_linger(struct dfu_pipe *base, unsigned index, int64_t deadline)
{
	struct usb_pipe *pipe = to_pipe(base);

	if (index < DFU_PIPE_SLOTS && pipe->slot[index].order != 0)
		usb_slot_await(&pipe->slot[index], deadline);
}

static struct dfu_times pipe_times(const struct dfu_pipe *base, unsigned index)
{
	const struct usb_pipe *pipe =
		(const struct usb_pipe *)((const char *)base - offsetof(struct usb_pipe, base));

	return index < DFU_PIPE_SLOTS ? pipe->slot[index].times : (struct dfu_times){0};
}

static const struct dfu_pipe_ops ops = {
	.submit = pipe_submit,
	.hold = pipe_hold,
	.wait = pipe_wait,
	.drain = pipe_drain,
	.times = pipe_times,
	.set_alt = pipe_set_alt,
	.reset = pipe_reset,
	.linger = pipe_linger,
};

struct usb_pipe *usb_pipe_new(libusb_device_handle *handle,
			      const struct dfu_descriptors *descriptors, unsigned most,
			      struct usb_seat *seat)
{
	struct usb_pipe *pipe = calloc(1, sizeof(*pipe));

	if (!pipe)
		return NULL;
	pipe->base.ops = &ops;
	pipe->base.descriptors = *descriptors;
	pipe->handle = handle;
	pipe->most = most;
	pipe->seat = seat;
	for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++)
		pipe->slot[i].flight = &pipe->flight;
	if (sem_init(&pipe->flight.landed, 0, 0) != 0) {
		free(pipe);
		return NULL;
	}
	return pipe;
}

struct dfu_pipe *usb_pipe_base(struct usb_pipe *pipe)
{
	return &pipe->base;
}

bool usb_pipe_free(struct usb_pipe *pipe)
{
	if (pipe_drain(&pipe->base) == DFU_IO_LEAKED)
		return false;
	for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++) {
		libusb_free_transfer(pipe->slot[i].transfer);
		free(pipe->slot[i].buffer);
	}
	sem_destroy(&pipe->flight.landed);
	free(pipe);
	return true;
}
