/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipe.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "h7gang/base/clock.h"

#define REAP_MS 10000 /* a cancelled transfer not back by then never comes */
#define SET_ALT_MS 5000 /* what the kernel would give it */
#define POISON 0xa5   /* what a lying length uncovers is recognised as nobody's data */
#define BUFFER_GRAIN 64u

/* What a slot is: free, held back, on its way, over. AWAITED beside HELD or FLYING: the worker sleeps until it
 * is over. */
#define SLOT_FREE 0u
#define SLOT_HELD 1u
#define SLOT_FLYING 2u
#define SLOT_LANDED 4u
#define SLOT_AWAITED 8u

struct usb_slot {
	struct usb_pipe *pipe;
	struct libusb_transfer *transfer;
	uint8_t *buffer; /* 8 bytes of set-up, then the data */
	size_t capacity;
	uint64_t order; /* of submission */
	uint16_t length;
	dfu_may_go *may_go; /* of one held back */
	int64_t until;
	/* The one held behind it; `nobody` once it is over, and who comes then must look for himself. */
	struct usb_slot *_Atomic next;
	atomic_uint state;
	/* whoever makes it LANDED has these until then: */
	enum dfu_io io;
	size_t actual;
	struct dfu_times times;
};

static struct usb_slot nobody;

/* Belongs to the worker; the event thread comes near it only to send what is held behind a slot that is not
 * over yet, and to wake a worker that sleeps. */
struct usb_pipe {
	struct dfu_pipe base;
	libusb_device_handle *handle;
	uint64_t submitted;
	unsigned most;
	unsigned used; /* slots that are not free */
	struct usb_slot *newest; /* the last one queued, unless it has been collected */
	atomic_bool recalled; /* what was held and goes out all the same is to be cancelled */
	bool gone, leaked;
	sem_t landed; /* posted when the slot awaited has */
	struct usb_slot slot[DFU_PIPE_SLOTS];
};

static struct usb_pipe *to_pipe(struct dfu_pipe *base)
{
	return (struct usb_pipe *)((char *)base - offsetof(struct usb_pipe, base));
}

/* A slot held back is sent, or not, by one alone: by whom this tells. */
static bool claim(struct usb_slot *slot)
{
	unsigned state = SLOT_HELD;

	while (!atomic_compare_exchange_weak(&slot->state, &state,
					     SLOT_FLYING | (state & SLOT_AWAITED))) {
		if (!(state & SLOT_HELD))
			return false;
	}
	return true;
}

/* A slot that was held and is claimed now, behind one that is over. False: it did not go out, and is over. */
static bool send_behind(const struct usb_slot *before, struct usb_slot *slot)
{
	const struct dfu_reply reply = {
		.io = before->io,
		.length = before->length,
		.actual = before->actual,
		.data = before->buffer + LIBUSB_CONTROL_SETUP_SIZE,
	};
	int64_t now = clock_now();
	int error;

	slot->io = DFU_IO_UNSENT;
	if (now >= slot->until || !slot->may_go(&reply))
		return false;
	slot->times.submitted = now;
	error = libusb_submit_transfer(slot->transfer);
	if (error) {
		slot->times.submitted = 0;
		slot->io = usb_io_from_error(error);
		return false;
	}
	/* Whoever recalled it may have tried to cancel before there was anything to cancel. */
	if (atomic_load(&slot->pipe->recalled))
		libusb_cancel_transfer(slot->transfer);
	return true;
}

/* The slot is over: the next one goes out, or is over too. With LANDED a slot is given back to the worker, and
 * with the last one the pipe. */
static void over(struct usb_slot *slot)
{
	while (slot) {
		struct usb_pipe *pipe = slot->pipe;
		struct usb_slot *next = atomic_exchange(&slot->next, &nobody);

		if (next && (!claim(next) || send_behind(slot, next)))
			next = NULL;
		if (atomic_exchange(&slot->state, SLOT_LANDED) & SLOT_AWAITED)
			sem_post(&pipe->landed);
		slot = next;
	}
}

/* In the event thread. */
static void LIBUSB_CALL on_landed(struct libusb_transfer *transfer)
{
	struct usb_slot *slot = transfer->user_data;

	slot->times.landed = clock_now();
	slot->io = usb_io_from_transfer(transfer->status);
	slot->actual = 0;
	if (slot->io == DFU_IO_OK) {
		if (transfer->actual_length < 0 || transfer->actual_length > slot->length)
			slot->io = DFU_IO_OVERFLOW;
		else
			slot->actual = (size_t)transfer->actual_length;
	}
	over(slot);
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

/* Fills in a free slot, which is in use from then on. */
static enum dfu_io prepare(struct usb_pipe *pipe, unsigned index, const struct dfu_setup *setup,
			   const uint8_t *out)
{
	struct usb_slot *slot;
	uint8_t *data;

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
	libusb_fill_control_transfer(slot->transfer, pipe->handle, slot->buffer, on_landed, slot,
				     0);
	if (pipe->used == 0)
		atomic_store(&pipe->recalled, false);
	slot->length = setup->length;
	slot->order = ++pipe->submitted;
	slot->actual = 0;
	slot->times = (struct dfu_times){0};
	atomic_store(&slot->next, NULL);
	pipe->used++;
	return DFU_IO_OK;
}

static void free_slot(struct usb_pipe *pipe, struct usb_slot *slot)
{
	atomic_store(&slot->state, SLOT_FREE);
	slot->order = 0;
	pipe->used--;
	if (pipe->newest == slot)
		pipe->newest = NULL;
}

static enum dfu_io pipe_submit(struct dfu_pipe *base, unsigned index, const struct dfu_setup *setup,
			       const uint8_t *out)
{
	struct usb_pipe *pipe = to_pipe(base);
	struct usb_slot *newest = pipe->newest;
	struct usb_slot *slot;
	enum dfu_io io;
	int error;

	if (!pipe->gone && !pipe->leaked && pipe->used >= pipe->most)
		return DFU_IO_NOMEM;
	io = prepare(pipe, index, setup, out);
	if (io != DFU_IO_OK)
		return io;
	slot = &pipe->slot[index];
	slot->times.submitted = clock_now();
	pipe->newest = slot;
	atomic_store(&slot->state, SLOT_FLYING);

	errno = 0;
	error = libusb_submit_transfer(slot->transfer);
	if (error == 0)
		return DFU_IO_OK;
	/* libusb calls an exhausted usbfs budget an I/O error. */
	if (error == LIBUSB_ERROR_IO && (errno == ENOMEM || pipe->used > 1))
		error = LIBUSB_ERROR_NO_MEM;
	slot->times.submitted = 0;
	free_slot(pipe, slot);
	pipe->newest = newest;
	pipe->gone = error == LIBUSB_ERROR_NO_DEVICE;
	return usb_io_from_error(error);
}

static enum dfu_io pipe_hold(struct dfu_pipe *base, unsigned index, const struct dfu_setup *setup,
			     const uint8_t *out, dfu_may_go *may_go, int64_t until)
{
	struct usb_pipe *pipe = to_pipe(base);
	struct usb_slot *before = pipe->newest;
	struct usb_slot *none = NULL;
	struct usb_slot *slot;
	enum dfu_io io;

	if (!before)
		return DFU_IO_ERROR;
	io = prepare(pipe, index, setup, out);
	if (io != DFU_IO_OK)
		return io;
	slot = &pipe->slot[index];
	slot->may_go = may_go;
	slot->until = until;
	pipe->newest = slot;
	atomic_store(&slot->state, SLOT_HELD);
	/* The one before is over already, and nobody else will look at this one. */
	if (!atomic_compare_exchange_strong(&before->next, &none, slot) && claim(slot) &&
	    !send_behind(before, slot))
		over(slot);
	return DFU_IO_OK;
}

/* True once the slot is over. */
static bool await_landing(struct usb_pipe *pipe, struct usb_slot *slot, int64_t deadline)
{
	if (atomic_fetch_or(&slot->state, SLOT_AWAITED) & SLOT_LANDED)
		return true;
	if (!clock_sem_wait_until(&pipe->landed, deadline)) {
		if (!(atomic_fetch_and(&slot->state, ~SLOT_AWAITED) & SLOT_LANDED))
			return false;
		/* It landed in this very moment, and the count has been posted or is about to be. */
		clock_sem_wait_until(&pipe->landed, CLOCK_NEVER);
	}
	return atomic_load(&slot->state) & SLOT_LANDED;
}

/* Cancels all that was submitted as `from` or later, newest first: cancelled in order, the kernel
 * would send the next one the moment the one before it is gone. */
static void cancel_since(struct usb_pipe *pipe, uint64_t from)
{
	uint64_t below = UINT64_MAX;

	atomic_store(&pipe->recalled, true);
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
		if (claim(newest)) {
			newest->io = DFU_IO_UNSENT;
			over(newest);
		} else if (!(atomic_load(&newest->state) & SLOT_LANDED)) {
			/* LIBUSB_ERROR_NOT_FOUND: it has landed, or lands on its own. Whatever is
			 * answered, only the callback tells that it is over. */
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
	if (!await_landing(pipe, slot, deadline)) {
		cancel_since(pipe, slot->order);
		if (!await_landing(pipe, slot, clock_after_ms(REAP_MS))) {
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

	if (pipe->used > 0) {
		cancel_since(pipe, 1);
		deadline = clock_after_ms(REAP_MS);
		for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++) {
			struct usb_slot *slot = &pipe->slot[i];

			if (slot->order == 0)
				continue;
			if (await_landing(pipe, slot, deadline))
				collect(pipe, slot, NULL, NULL);
			else
				pipe->leaked = true;
		}
	}
	if (pipe->leaked)
		return DFU_IO_LEAKED;
	return pipe->gone ? DFU_IO_GONE : DFU_IO_OK;
}

/* As a control transfer of our own and not by libusb_set_interface_alt_setting: that has no deadline, and
 * libusb before 1.0.27 gives back a lock it does not hold when the device has just left, upon which its close
 * aborts the program (libusb #1199). DFU alternate settings have no endpoints that the kernel would have to
 * know of. */
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
		await_landing(pipe, &pipe->slot[index], deadline);
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
			      const struct dfu_descriptors *descriptors, unsigned most)
{
	struct usb_pipe *pipe = calloc(1, sizeof(*pipe));

	if (!pipe)
		return NULL;
	pipe->base.ops = &ops;
	pipe->base.descriptors = *descriptors;
	pipe->handle = handle;
	pipe->most = most;
	for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++)
		pipe->slot[i].pipe = pipe;
	if (sem_init(&pipe->landed, 0, 0) != 0) {
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
	sem_destroy(&pipe->landed);
	free(pipe);
	return true;
}
