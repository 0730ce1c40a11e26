/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pipe's manners with libusb, against a libusb of the test's own: these definitions stand
 * before the library's. Time is virtual (the wait below), so that a leak costs no 10 s. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>
#include <cmocka.h>

#include "h7gang/base/clock.h"
#include "usb/pipe.h"

#define MOST DFU_PIPE_SLOTS

enum fate { LANDS_AT_ONCE, LANDS_WHEN_WAITED_FOR, ONLY_IF_CANCELLED, NEVER };

static struct {
	struct libusb_transfer *flying[MOST];
	enum fate fate[MOST];
	unsigned count;
	struct libusb_transfer *cancelled[MOST];
	unsigned cancels;
	int submit_error;
	int actual; /* -1: all that was asked */
	enum libusb_transfer_status status;
	enum fate next;
	unsigned allocated, freed, landings;
	bool poisoned;
	int64_t now;
	void (*while_submitting)(void); /* once */
	sem_t *told_of_waiting;         /* posted once a worker of its own thread waits, for real */
} bus;

struct libusb_transfer *LIBUSB_CALL libusb_alloc_transfer(int iso_packets)
{
	assert_int_equal(iso_packets, 0);
	bus.allocated++;
	return calloc(1, sizeof(struct libusb_transfer));
}

void LIBUSB_CALL libusb_free_transfer(struct libusb_transfer *transfer)
{
	if (transfer)
		bus.freed++;
	free(transfer);
}

static void land(unsigned i, enum libusb_transfer_status status)
{
	struct libusb_transfer *transfer = bus.flying[i];

	memmove(&bus.flying[i], &bus.flying[i + 1], (bus.count - i - 1) * sizeof(bus.flying[0]));
	memmove(&bus.fate[i], &bus.fate[i + 1], (bus.count - i - 1) * sizeof(bus.fate[0]));
	bus.count--;
	transfer->status = status;
	transfer->actual_length =
		bus.actual >= 0 ? bus.actual : transfer->length - (int)LIBUSB_CONTROL_SETUP_SIZE;
	transfer->callback(transfer);
}

int LIBUSB_CALL libusb_submit_transfer(struct libusb_transfer *transfer)
{
	if (bus.submit_error)
		return bus.submit_error;
	assert_int_equal(transfer->timeout, 0);
	assert_int_equal(transfer->flags, 0);
	if (bus.while_submitting) {
		void (*call)(void) = bus.while_submitting;

		bus.while_submitting = NULL;
		call();
	}
	bus.poisoned = true;
	for (int i = (int)LIBUSB_CONTROL_SETUP_SIZE; i < transfer->length; i++)
		bus.poisoned &= transfer->buffer[i] == 0xa5;
	bus.flying[bus.count] = transfer;
	bus.fate[bus.count++] = bus.next;
	if (bus.next == LANDS_AT_ONCE)
		land(bus.count - 1, bus.status);
	return 0;
}

int LIBUSB_CALL libusb_cancel_transfer(struct libusb_transfer *transfer)
{
	bus.cancelled[bus.cancels++] = transfer;
	for (unsigned i = 0; i < bus.count; i++) {
		if (bus.flying[i] != transfer)
			continue;
		if (bus.fate[i] != NEVER)
			land(i, LIBUSB_TRANSFER_CANCELLED);
		return 0;
	}
	return LIBUSB_ERROR_NOT_FOUND;
}

/* The event thread's work is done during a wait; otherwise the time is over at once. */
int sem_clockwait(sem_t *sem, clockid_t id, const struct timespec *until)
{
	(void)id;
	if (sem_trywait(sem) == 0)
		return 0;
	if (bus.told_of_waiting) {
		sem_post(bus.told_of_waiting);
		return sem_wait(sem);
	}
	for (unsigned i = 0; i < bus.count;) {
		if (bus.fate[i] != LANDS_WHEN_WAITED_FOR) {
			i++;
			continue;
		}
		bus.landings++;
		land(i, bus.status);
		if (sem_trywait(sem) == 0)
			return 0;
	}
	bus.now = (int64_t)until->tv_sec * 1000000000 + until->tv_nsec;
	errno = ETIMEDOUT;
	return -1;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	(void)id;
	ts->tv_sec = (time_t)(bus.now / 1000000000);
	ts->tv_nsec = (long)(bus.now % 1000000000);
	return 0;
}

static struct usb_pipe *pipe_;
static struct dfu_pipe *base;

static int start(void **state)
{
	static const struct dfu_descriptors descriptors = {.interface_number = 3};

	(void)state;
	memset(&bus, 0, sizeof(bus));
	bus.actual = -1;
	bus.now = 1000000000;
	pipe_ = usb_pipe_new(NULL, &descriptors, DFU_PIPE_SLOTS, NULL);
	base = usb_pipe_base(pipe_);
	return pipe_ ? 0 : -1;
}

/* Pipes that stay, on purpose: leak checkers find them here. */
static struct usb_pipe *volatile left[2];

static void leaks(void)
{
	static unsigned count;

	assert_true(count < 2);
	left[count] = pipe_;
	assert_false(usb_pipe_free(left[count++]));
}

static unsigned newest; /* submitted or held last */

static enum dfu_io submit(unsigned slot, uint8_t type, uint16_t value, uint16_t length,
			  const uint8_t *out)
{
	const struct dfu_setup setup = {type, 2, value, 3, length};

	newest = slot;
	return base->ops->submit(base, slot, &setup, out);
}

static enum dfu_io wait(unsigned slot, const uint8_t **data, size_t *actual)
{
	return base->ops->wait(base, slot, clock_after_ms(50), data, actual);
}

static void a_transfer_there_and_back(void **state)
{
	(void)state;
	const uint8_t *data;
	size_t actual;
	uint8_t out[70];

	for (int late = 0; late < 2; late++) {
		bus.next = late ? LANDS_WHEN_WAITED_FOR : LANDS_AT_ONCE;
		assert_int_equal(submit(0, 0xa1, 0x1234, 6, NULL), DFU_IO_OK);
		assert_true(bus.poisoned);
		assert_int_equal(wait(0, &data, &actual), DFU_IO_OK);
		assert_int_equal(actual, 6);
		assert_int_equal(data[5], 0xa5);
		/* The set-up as it goes over the wire, USB 2.0 9.3. */
		static const uint8_t wire[] = {0xa1, 2, 0x34, 0x12, 3, 0, 6, 0};

		assert_memory_equal(data - 8, wire, 8);
	}
	memset(out, 0x3c, sizeof(out));
	assert_int_equal(submit(0, 0x21, 0, sizeof(out), out), DFU_IO_OK);
	assert_int_equal(wait(0, &data, &actual), DFU_IO_OK);
	assert_int_equal(actual, sizeof(out));
	assert_memory_equal(data, out, sizeof(out));
	assert_int_equal(submit(0, 0x21, 0, 0, NULL), DFU_IO_OK);
	assert_int_equal(wait(0, &data, &actual), DFU_IO_OK);
	assert_int_equal(actual, 0);
	assert_int_equal(bus.cancels, 0);
	assert_int_equal(bus.allocated, 1);
	assert_true(usb_pipe_free(pipe_));
	assert_int_equal(bus.freed, 1);
}

/* Four land for one sleep; a transfer that did not land in time is neither cancelled nor lost. */
static void lingering_collects_nothing(void **state)
{
	(void)state;
	const uint8_t *data;
	size_t actual;

	bus.next = LANDS_WHEN_WAITED_FOR;
	for (unsigned slot = 0; slot < 4; slot++)
		assert_int_equal(submit(slot, 0xa1, 0, 6, NULL), DFU_IO_OK);
	base->ops->linger(base, 3, clock_after_ms(50));
	assert_int_equal(bus.landings, 4);
	for (unsigned slot = 0; slot < 4; slot++)
		assert_int_equal(wait(slot, &data, &actual), DFU_IO_OK);
	base->ops->linger(base, 3, clock_after_ms(50)); /* nothing there */

	bus.next = ONLY_IF_CANCELLED;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	base->ops->linger(base, 0, clock_after_ms(50));
	assert_int_equal(bus.cancels, 0);
	assert_int_equal(wait(0, &data, &actual), DFU_IO_TIMEOUT);
	assert_int_equal(bus.cancels, 1);
	assert_true(usb_pipe_free(pipe_));
}

static void every_ending_has_its_name(void **state)
{
	(void)state;
	static const struct {
		enum libusb_transfer_status status;
		int actual;
		enum dfu_io io;
	} rows[] = {
		{LIBUSB_TRANSFER_COMPLETED, 6, DFU_IO_OK},
		{LIBUSB_TRANSFER_COMPLETED, 0, DFU_IO_OK},
		{LIBUSB_TRANSFER_COMPLETED, 7, DFU_IO_OVERFLOW},
		{LIBUSB_TRANSFER_ERROR, -1, DFU_IO_ERROR},
		{LIBUSB_TRANSFER_TIMED_OUT, -1, DFU_IO_TIMEOUT},
		{LIBUSB_TRANSFER_CANCELLED, -1, DFU_IO_TIMEOUT},
		{LIBUSB_TRANSFER_STALL, -1, DFU_IO_STALL},
		{LIBUSB_TRANSFER_OVERFLOW, -1, DFU_IO_OVERFLOW},
		{LIBUSB_TRANSFER_NO_DEVICE, -1, DFU_IO_GONE},
	};
	const uint8_t *data;
	size_t actual;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bus.status = rows[i].status;
		bus.actual = rows[i].actual;
		assert_int_equal(submit(5, 0xa1, 0, 6, NULL), DFU_IO_OK);
		assert_int_equal(wait(5, &data, &actual), rows[i].io);
		assert_true(data != NULL || rows[i].io != DFU_IO_OK);
	}
	/* Once it is gone, it is gone. */
	assert_int_equal(submit(5, 0xa1, 0, 6, NULL), DFU_IO_GONE);
	assert_int_equal(base->ops->drain(base), DFU_IO_GONE);
	assert_true(usb_pipe_free(pipe_));
}

static void submissions_that_fail(void **state)
{
	(void)state;
	const uint8_t *data;
	size_t actual;

	bus.submit_error = LIBUSB_ERROR_NO_MEM;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_NOMEM);
	bus.submit_error = LIBUSB_ERROR_IO;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_ERROR);
	assert_int_equal(wait(0, &data, &actual), DFU_IO_ERROR); /* nothing was queued */
	bus.submit_error = 0;
	bus.next = LANDS_WHEN_WAITED_FOR;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_ERROR); /* not free */
	/* With some in flight, libusb's I/O error means that usbfs has no memory left. */
	bus.submit_error = LIBUSB_ERROR_IO;
	assert_int_equal(submit(1, 0xa1, 0, 6, NULL), DFU_IO_NOMEM);
	bus.submit_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(submit(1, 0xa1, 0, 6, NULL), DFU_IO_GONE);
	assert_int_equal(submit(DFU_PIPE_SLOTS, 0xa1, 0, 6, NULL), DFU_IO_GONE);
	assert_int_equal(wait(0, &data, &actual), DFU_IO_OK);
	assert_true(usb_pipe_free(pipe_));
	start(NULL);
	assert_int_equal(submit(DFU_PIPE_SLOTS, 0xa1, 0, 6, NULL), DFU_IO_ERROR);
	assert_int_equal(submit(0, 0xa1, 0, DFU_PIPE_MAX_LENGTH + 1, NULL), DFU_IO_ERROR);
	assert_int_equal(submit(0, 0xa1, 0, DFU_PIPE_MAX_LENGTH, NULL), DFU_IO_OK);
	assert_int_equal(wait(0, &data, &actual), DFU_IO_OK);
	assert_int_equal(actual, DFU_PIPE_MAX_LENGTH);
	assert_true(usb_pipe_free(pipe_));
}

static void a_deadline_cancels_the_newer_ones_first(void **state)
{
	(void)state;
	const uint8_t *data;
	size_t actual;
	struct libusb_transfer *order[3];

	bus.next = ONLY_IF_CANCELLED;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(submit(7 - i, 0xa1, 0, 6, NULL), DFU_IO_OK);
		order[i] = bus.flying[i];
	}
	int64_t before = clock_now();

	assert_int_equal(wait(6, &data, &actual), DFU_IO_TIMEOUT);
	assert_int_equal(clock_elapsed_ms(before), 50);
	assert_int_equal(bus.cancels, 2);
	assert_ptr_equal(bus.cancelled[0], order[2]);
	assert_ptr_equal(bus.cancelled[1], order[1]);
	assert_int_equal(wait(5, &data, &actual), DFU_IO_TIMEOUT);
	assert_int_equal(bus.count, 1);
	assert_int_equal(wait(7, &data, &actual), DFU_IO_TIMEOUT);
	assert_true(usb_pipe_free(pipe_));
}

static void what_lands_while_it_is_cancelled_counts(void **state)
{
	(void)state;
	const uint8_t *data;
	size_t actual;

	bus.next = LANDS_WHEN_WAITED_FOR;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(base->ops->wait(base, 0, CLOCK_MS, &data, &actual), DFU_IO_OK);
	assert_true(usb_pipe_free(pipe_));
}

static void draining_cancels_newest_first_and_reaps_all(void **state)
{
	(void)state;
	struct libusb_transfer *order[DFU_PIPE_SLOTS];

	assert_int_equal(base->ops->drain(base), DFU_IO_OK);
	bus.next = ONLY_IF_CANCELLED;
	for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++) {
		assert_int_equal(submit((i * 5) % DFU_PIPE_SLOTS, 0xa1, 0, 64, NULL), DFU_IO_OK);
		order[i] = bus.flying[i];
	}
	assert_int_equal(base->ops->drain(base), DFU_IO_OK);
	assert_int_equal(bus.cancels, DFU_PIPE_SLOTS);
	for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++)
		assert_ptr_equal(bus.cancelled[i], order[DFU_PIPE_SLOTS - 1 - i]);
	assert_int_equal(bus.count, 0);
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_true(usb_pipe_free(pipe_));
	assert_int_equal(bus.freed, bus.allocated);
}

static void what_never_comes_back_is_left_alone(void **state)
{
	(void)state;
	const uint8_t *data;
	size_t actual;
	int64_t before = clock_now();

	bus.next = NEVER;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(wait(0, &data, &actual), DFU_IO_LEAKED);
	assert_int_equal(clock_elapsed_ms(before), 50 + 10000);
	assert_int_equal(submit(1, 0xa1, 0, 6, NULL), DFU_IO_LEAKED);
	assert_int_equal(base->ops->set_alt(base, 0), DFU_IO_LEAKED);
	assert_int_equal(base->ops->reset(base), DFU_IO_LEAKED);
	assert_int_equal(base->ops->drain(base), DFU_IO_LEAKED);
	leaks();
	assert_int_equal(bus.freed, 0);
	/* And should it come after all, there is still a place for it to be noted. */
	land(0, LIBUSB_TRANSFER_COMPLETED);
}

static void no_more_in_flight_than_there_is_memory_for(void **state)
{
	(void)state;
	static const struct dfu_descriptors descriptors;
	const uint8_t *data;
	size_t actual;

	assert_true(usb_pipe_free(pipe_));
	pipe_ = usb_pipe_new(NULL, &descriptors, 2, NULL);
	assert_non_null(pipe_);
	base = usb_pipe_base(pipe_);
	bus.next = LANDS_WHEN_WAITED_FOR;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(submit(1, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(submit(2, 0xa1, 0, 6, NULL), DFU_IO_NOMEM);
	assert_int_equal(wait(0, &data, &actual), DFU_IO_OK);
	assert_int_equal(submit(2, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(base->ops->set_alt(base, 0), DFU_IO_ERROR); /* not on a busy pipe */
	assert_int_equal(base->ops->reset(base), DFU_IO_ERROR);
	assert_true(usb_pipe_free(pipe_));
}

/* --- held transfers --- */

static unsigned asked;
static struct dfu_reply told;

static bool yes(const struct dfu_reply *reply)
{
	asked++;
	told = *reply;
	return true;
}

static bool no(const struct dfu_reply *reply)
{
	asked++;
	told = *reply;
	return false;
}

static bool if_well(const struct dfu_reply *reply)
{
	return reply->io == DFU_IO_OK;
}

static enum dfu_io hold_behind(unsigned slot, unsigned behind, dfu_may_go *may_go)
{
	const struct dfu_setup setup = {0xa1, 2, (uint16_t)slot, 3, 6};

	return base->ops->hold(base, slot, behind, &setup, NULL, may_go, CLOCK_NEVER);
}

static enum dfu_io hold(unsigned slot, dfu_may_go *may_go, int64_t until)
{
	const struct dfu_setup setup = {0xa1, 2, (uint16_t)slot, 3, 6};
	unsigned behind = newest;

	newest = slot;
	return base->ops->hold(base, slot, behind, &setup, NULL, may_go, until);
}

static enum dfu_io ended(unsigned slot)
{
	const uint8_t *data;
	size_t actual;

	return wait(slot, &data, &actual);
}

static bool was_sent(unsigned slot)
{
	return base->ops->times(base, slot).submitted != 0;
}

static void what_is_held_goes_out_when_the_one_before_has_landed(void **state)
{
	(void)state;
	asked = 0;
	bus.next = LANDS_WHEN_WAITED_FOR;
	assert_int_equal(hold(0, yes, CLOCK_NEVER), DFU_IO_ERROR); /* behind no transfer */
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(hold(1, yes, CLOCK_NEVER), DFU_IO_OK);
	assert_int_equal(hold(2, yes, CLOCK_NEVER), DFU_IO_OK);
	assert_int_equal(hold(2, yes, CLOCK_NEVER), DFU_IO_ERROR); /* not free */
	assert_int_equal(bus.count, 1);
	bus.actual = 4;
	assert_int_equal(ended(0), DFU_IO_OK);
	assert_int_equal(asked, 1);
	assert_int_equal(told.io, DFU_IO_OK);
	assert_int_equal(told.length, 6);
	assert_int_equal(told.actual, 4);
	assert_int_equal(told.data[5], 0xa5);
	assert_int_equal(bus.count, 1);
	assert_true(bus.poisoned);
	assert_int_equal(ended(1), DFU_IO_OK);
	assert_int_equal(ended(2), DFU_IO_OK);
	assert_int_equal(asked, 2);
	assert_true(was_sent(0) && was_sent(1) && was_sent(2));
	assert_int_equal(hold(3, yes, CLOCK_NEVER), DFU_IO_ERROR); /* it has been collected */

	/* Three land for one sleep. One that comes when the one before is over goes out at once. */
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(hold(1, yes, CLOCK_NEVER), DFU_IO_OK);
	base->ops->linger(base, 1, clock_after_ms(50));
	assert_int_equal(bus.count, 0);
	assert_int_equal(hold(2, yes, CLOCK_NEVER), DFU_IO_OK);
	assert_int_equal(bus.count, 1);
	for (unsigned slot = 0; slot < 3; slot++)
		assert_int_equal(ended(slot), DFU_IO_OK);
	assert_int_equal(bus.cancels, 0);
	assert_true(usb_pipe_free(pipe_));
}

static void what_may_not_go_is_over_and_so_is_all_behind_it(void **state)
{
	(void)state;
	static const enum libusb_transfer_status ends[] = {
		LIBUSB_TRANSFER_STALL,    LIBUSB_TRANSFER_ERROR,     LIBUSB_TRANSFER_CANCELLED,
		LIBUSB_TRANSFER_OVERFLOW, LIBUSB_TRANSFER_NO_DEVICE,
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		bus.next = LANDS_WHEN_WAITED_FOR;
		bus.status = ends[i];
		assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
		for (unsigned slot = 1; slot < 4; slot++)
			assert_int_equal(hold(slot, if_well, CLOCK_NEVER), DFU_IO_OK);
		base->ops->linger(base, 3, clock_after_ms(50));
		assert_int_equal(bus.landings, i + 1);
		assert_int_not_equal(ended(0), DFU_IO_OK);
		for (unsigned slot = 1; slot < 4; slot++) {
			assert_int_equal(ended(slot), DFU_IO_UNSENT);
			assert_false(was_sent(slot));
		}
		assert_int_equal(bus.count, 0);
	}
	assert_true(usb_pipe_free(pipe_));

	/* Refused for its contents, when it is over already, and because it is late. */
	start(NULL);
	bus.next = LANDS_AT_ONCE;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(hold(1, no, CLOCK_NEVER), DFU_IO_OK);
	assert_int_equal(hold(2, if_well, CLOCK_NEVER), DFU_IO_OK);
	assert_int_equal(ended(0), DFU_IO_OK);
	assert_int_equal(ended(1), DFU_IO_UNSENT);
	assert_int_equal(ended(2), DFU_IO_UNSENT);
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(hold(1, yes, clock_now()), DFU_IO_OK);
	assert_int_equal(ended(0), DFU_IO_OK);
	assert_int_equal(ended(1), DFU_IO_UNSENT);
	assert_true(usb_pipe_free(pipe_));
}

/* Two in flight, and behind each of them one that is held. */
static void two_chains(void)
{
	bus.next = LANDS_WHEN_WAITED_FOR;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(submit(1, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(hold_behind(2, 0, if_well), DFU_IO_OK);
	assert_int_equal(hold_behind(3, 1, if_well), DFU_IO_OK);
}

static void several_chains_go_on_side_by_side(void **state)
{
	(void)state;
	two_chains();
	assert_int_equal(hold_behind(4, 0, if_well), DFU_IO_ERROR); /* another one is behind it */
	assert_int_equal(hold_behind(4, DFU_PIPE_SLOTS, if_well), DFU_IO_ERROR);
	assert_int_equal(hold_behind(4, 5, if_well), DFU_IO_ERROR);
	base->ops->linger(base, 2, clock_after_ms(50));
	for (unsigned slot = 0; slot < 4; slot++)
		assert_int_equal(ended(slot), DFU_IO_OK);
	assert_true(was_sent(2) && was_sent(3));

	/* Held transfers use no memory of the kernel. */
	assert_true(usb_pipe_free(pipe_));
	static const struct dfu_descriptors descriptors;

	pipe_ = usb_pipe_new(NULL, &descriptors, 2, NULL);
	assert_non_null(pipe_);
	base = usb_pipe_base(pipe_);
	two_chains();
	assert_int_equal(submit(4, 0xa1, 0, 6, NULL), DFU_IO_NOMEM);
	for (unsigned slot = 0; slot < 4; slot++)
		assert_int_equal(ended(slot), DFU_IO_OK);
	assert_true(usb_pipe_free(pipe_));
}

/* A failure in one chain stops the others, too, until the pipe is empty. */
static void after_a_failure_nothing_that_is_held_goes_out(void **state)
{
	(void)state;
	two_chains();
	land(0, LIBUSB_TRANSFER_STALL);
	land(0, LIBUSB_TRANSFER_COMPLETED);
	assert_int_equal(bus.count, 0);
	assert_int_equal(ended(0), DFU_IO_STALL);
	assert_int_equal(ended(1), DFU_IO_OK);
	assert_int_equal(ended(2), DFU_IO_UNSENT);
	assert_int_equal(ended(3), DFU_IO_UNSENT);
	two_chains();
	for (unsigned slot = 0; slot < 4; slot++)
		assert_int_equal(ended(slot), DFU_IO_OK);
	assert_true(usb_pipe_free(pipe_));
}

static void a_held_one_that_cannot_be_sent_ends_with_why(void **state)
{
	(void)state;
	bus.next = LANDS_WHEN_WAITED_FOR;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(hold(1, yes, CLOCK_NEVER), DFU_IO_OK);
	assert_int_equal(hold(2, if_well, CLOCK_NEVER), DFU_IO_OK);
	bus.submit_error = LIBUSB_ERROR_NO_DEVICE;
	assert_int_equal(ended(0), DFU_IO_OK);
	assert_int_equal(ended(1), DFU_IO_GONE);
	assert_false(was_sent(1));
	assert_int_equal(ended(2), DFU_IO_UNSENT);
	assert_int_equal(hold(3, yes, CLOCK_NEVER), DFU_IO_ERROR);
	assert_int_equal(submit(3, 0xa1, 0, 6, NULL), DFU_IO_GONE);
	assert_true(usb_pipe_free(pipe_));
}

/* The drain comes while one of the chain is in flight, one has landed, and three are held. */
static void a_drained_chain_sends_nothing_more(void **state)
{
	(void)state;
	struct libusb_transfer *flying;

	bus.next = ONLY_IF_CANCELLED;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	for (unsigned slot = 1; slot < 5; slot++)
		assert_int_equal(hold(slot, yes, CLOCK_NEVER), DFU_IO_OK);
	land(0, LIBUSB_TRANSFER_COMPLETED);
	assert_int_equal(bus.count, 1);
	flying = bus.flying[0];
	assert_int_equal(base->ops->drain(base), DFU_IO_OK);
	assert_int_equal(bus.cancels, 1);
	assert_ptr_equal(bus.cancelled[0], flying);
	assert_true(was_sent(1));
	for (unsigned slot = 2; slot < 5; slot++)
		assert_false(was_sent(slot));
	assert_int_equal(bus.count, 0);

	/* The pipe is as good as new. */
	bus.next = LANDS_WHEN_WAITED_FOR;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(hold(1, yes, CLOCK_NEVER), DFU_IO_OK);
	assert_int_equal(ended(0), DFU_IO_OK);
	assert_int_equal(ended(1), DFU_IO_OK);
	assert_int_equal(bus.cancels, 1);
	assert_true(usb_pipe_free(pipe_));
}

/* A deadline passes, and the one waited for lands well in that very moment: too late for those
 * behind it. */
static void a_late_landing_sends_nothing_more(void **state)
{
	(void)state;
	for (int late = 0; late < 2; late++) {
		const uint8_t *data;
		size_t actual;

		bus.next = late ? LANDS_WHEN_WAITED_FOR : ONLY_IF_CANCELLED;
		assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
		assert_int_equal(hold(1, yes, CLOCK_NEVER), DFU_IO_OK);
		assert_int_equal(hold(2, yes, CLOCK_NEVER), DFU_IO_OK);
		if (late) {
			/* It does not land before the cancelling begins. */
			bus.fate[0] = NEVER;
			assert_int_equal(base->ops->wait(base, 0, CLOCK_MS, &data, &actual),
					 DFU_IO_LEAKED);
			land(0, LIBUSB_TRANSFER_COMPLETED);
		} else {
			assert_int_equal(ended(0), DFU_IO_TIMEOUT);
			assert_int_equal(ended(1), DFU_IO_UNSENT);
			assert_int_equal(ended(2), DFU_IO_UNSENT);
		}
		assert_int_equal(bus.count, 0);
		assert_false(was_sent(1) || was_sent(2));
	}
	leaks();
}

/* The worker gives up while the event thread sends: its cancel finds nothing to cancel yet. */
static pthread_t worker;
static sem_t waits;

static void *give_up(void *drained)
{
	*(enum dfu_io *)drained = base->ops->drain(base);
	return NULL;
}

static enum dfu_io drained;

static void begin_to_give_up(void)
{
	bus.told_of_waiting = &waits;
	assert_int_equal(pthread_create(&worker, NULL, give_up, &drained), 0);
	while (sem_wait(&waits) != 0)
		assert_int_equal(errno, EINTR);
}

static void one_recalled_while_it_goes_out_is_cancelled(void **state)
{
	(void)state;
	assert_int_equal(sem_init(&waits, 0, 0), 0);
	bus.next = ONLY_IF_CANCELLED;
	assert_int_equal(submit(0, 0xa1, 0, 6, NULL), DFU_IO_OK);
	assert_int_equal(hold(1, yes, CLOCK_NEVER), DFU_IO_OK);
	assert_int_equal(hold(2, yes, CLOCK_NEVER), DFU_IO_OK);
	bus.while_submitting = begin_to_give_up;
	land(0, LIBUSB_TRANSFER_COMPLETED);
	assert_int_equal(bus.count, 0); /* else the worker would wait for ever */
	assert_int_equal(pthread_join(worker, NULL), 0);
	assert_int_equal(drained, DFU_IO_OK);
	assert_int_equal(bus.cancels, 3); /* the worker two in vain, and the sender one */
	assert_true(was_sent(1));
	assert_false(was_sent(2));
	assert_true(usb_pipe_free(pipe_));
	sem_destroy(&waits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_transfer_there_and_back, start),
		cmocka_unit_test_setup(lingering_collects_nothing, start),
		cmocka_unit_test_setup(every_ending_has_its_name, start),
		cmocka_unit_test_setup(submissions_that_fail, start),
		cmocka_unit_test_setup(a_deadline_cancels_the_newer_ones_first, start),
		cmocka_unit_test_setup(what_lands_while_it_is_cancelled_counts, start),
		cmocka_unit_test_setup(draining_cancels_newest_first_and_reaps_all, start),
		cmocka_unit_test_setup(what_never_comes_back_is_left_alone, start),
		cmocka_unit_test_setup(what_is_held_goes_out_when_the_one_before_has_landed, start),
		cmocka_unit_test_setup(what_may_not_go_is_over_and_so_is_all_behind_it, start),
		cmocka_unit_test_setup(several_chains_go_on_side_by_side, start),
		cmocka_unit_test_setup(after_a_failure_nothing_that_is_held_goes_out, start),
		cmocka_unit_test_setup(a_held_one_that_cannot_be_sent_ends_with_why, start),
		cmocka_unit_test_setup(a_drained_chain_sends_nothing_more, start),
		cmocka_unit_test_setup(a_late_landing_sends_nothing_more, start),
		cmocka_unit_test_setup(one_recalled_while_it_goes_out_is_cancelled, start),
		cmocka_unit_test_setup(no_more_in_flight_than_there_is_memory_for, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
