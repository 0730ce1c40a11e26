/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request.h"

#include <string.h>

#include "h7gang/base/clock.h"

#define CLASS_OUT 0x21 /* DFU 1.1 3: host to device, class, interface */
#define CLASS_IN 0xa1

#define BLOCK_LEAST 64u
#define BLOCK_USUAL 1024u /* wTransferSize of ST's ROMs */
#define BACKOFF_MOST_MS 50u
#define LINGER_MS 200
#define MEMORY_PAUSE_MS 50u

bool dfu_session_init(struct dfu_session *s, struct dfu_pipe *pipe, const struct dfu_limits *limits)
{
	const struct dfu_descriptors *d = &pipe->descriptors;
	const struct dfu_limits wanted = *limits; /* may be those of `s` itself */
	uint32_t size = d->has_functional ? d->transfer_size : BLOCK_USUAL;

	memset(s, 0, sizeof(*s));
	s->pipe = pipe;
	s->limits = wanted;
	s->deadline = CLOCK_NEVER;
	s->questions = 2;
	if (s->limits.window < 1)
		s->limits.window = 1;
	if (s->limits.window > DFU_WINDOW_MOST)
		s->limits.window = DFU_WINDOW_MOST;
	if (d->alt_count > 0)
		s->alt = d->alt[0].setting;
	if (wanted.flash_word == 0)
		return false;

	s->block = size;
	if (s->block < BLOCK_LEAST)
		s->block = BLOCK_LEAST;
	if (s->block > DFU_PIPE_MAX_LENGTH)
		s->block = DFU_PIPE_MAX_LENGTH;
	s->block -= s->block % wanted.flash_word;
	/* Blocks are counted in the size that the target announces: without it, none are. */
	s->numbered = d->has_functional && s->block == size;
	return s->block > 0;
}

enum dfu_result dfu_gate(const struct dfu_session *s)
{
	if (s->stop && s->stop(s->stop_user))
		return DFU_STOPPED;
	if (s->deadline != CLOCK_NEVER && clock_now() >= s->deadline)
		return DFU_EXPIRED;
	return DFU_OK;
}

enum dfu_result dfu_failed(struct dfu_session *s, uint8_t request, enum dfu_result result)
{
	s->last_request = request;
	s->last_io = DFU_IO_OK;
	return result;
}

static enum dfu_result from_io(struct dfu_session *s, uint8_t request, enum dfu_io io)
{
	if (io == DFU_IO_OK)
		return DFU_OK;
	s->last_request = request;
	s->last_io = io;
	switch (io) {
	case DFU_IO_STALL:
		return DFU_STALLED;
	case DFU_IO_TIMEOUT:
		return clock_now() >= s->deadline ? DFU_EXPIRED : DFU_TIMED_OUT;
	case DFU_IO_GONE:
		return DFU_GONE;
	case DFU_IO_OVERFLOW:
		return DFU_LONG;
	case DFU_IO_LEAKED:
		return DFU_LEAKED;
	case DFU_IO_NOMEM:
		return DFU_NO_MEMORY;
	case DFU_IO_DENIED:
		return DFU_DENIED;
	case DFU_IO_UNSENT:
		/* The caller that waits for a refused one has the reason; else it was late. */
		return DFU_EXPIRED;
	case DFU_IO_OK:
	case DFU_IO_ERROR:
		break;
	}
	return DFU_BUS_ERROR;
}

static bool out_of_time(const struct dfu_session *s)
{
	return clock_now() >= s->deadline || (s->stop && s->stop(s->stop_user));
}

/* The kernel has no memory for transfers: another program has taken it, and may give it back. A
 * board is not to blame, so it is waited for. */
static enum dfu_io submit_patiently(struct dfu_session *s, unsigned slot,
				    const struct dfu_setup *setup, const uint8_t *out)
{
	enum dfu_io io = DFU_IO_NOMEM;

	while (io == DFU_IO_NOMEM && !out_of_time(s)) {
		clock_sleep_until(clock_earlier(clock_after_ms(MEMORY_PAUSE_MS), s->deadline));
		s->starved_ms += MEMORY_PAUSE_MS;
		io = s->pipe->ops->submit(s->pipe, slot, setup, out);
	}
	return io;
}

static enum dfu_result submit(struct dfu_session *s, unsigned slot, uint8_t name,
			      const struct dfu_setup *setup, const uint8_t *out)
{
	enum dfu_io io;

	if (s->deadline != CLOCK_NEVER && clock_now() >= s->deadline) {
		s->last_request = name;
		s->last_io = DFU_IO_OK;
		return DFU_EXPIRED;
	}
	io = s->pipe->ops->submit(s->pipe, slot, setup, out);
	if (io == DFU_IO_NOMEM && s->in_flight == 0)
		io = submit_patiently(s, slot, setup, out);
	if (io == DFU_IO_OK)
		s->in_flight++;
	return from_io(s, name, io);
}

static struct dfu_setup class_setup(const struct dfu_session *s, uint8_t request, uint16_t value,
				    uint16_t length)
{
	bool in = request == DFU_UPLOAD || request == DFU_GETSTATUS || request == DFU_GETSTATE;

	return (struct dfu_setup){
		.request_type = in ? CLASS_IN : CLASS_OUT,
		.request = request,
		.value = value,
		.index = s->pipe->descriptors.interface_number,
		.length = length,
	};
}

enum dfu_result dfu_submit(struct dfu_session *s, unsigned slot, uint8_t request, uint16_t value,
			   const uint8_t *out, uint16_t length)
{
	const struct dfu_setup setup = class_setup(s, request, value, length);

	return submit(s, slot, request, &setup, out);
}

static enum dfu_result hold(struct dfu_session *s, unsigned slot, unsigned behind, uint8_t name,
			    const struct dfu_setup *setup, const uint8_t *out, dfu_may_go *may_go)
{
	enum dfu_io io = s->pipe->ops->hold(s->pipe, slot, behind, setup, out, may_go, s->deadline);

	if (io == DFU_IO_OK)
		s->in_flight++;
	return from_io(s, name, io);
}

bool dfu_is_whole(const struct dfu_reply *reply)
{
	return reply->io == DFU_IO_OK && reply->actual == reply->length;
}

enum dfu_result dfu_hold(struct dfu_session *s, unsigned slot, unsigned behind, uint8_t request,
			 uint16_t value, uint16_t length, dfu_may_go *may_go)
{
	const struct dfu_setup setup = class_setup(s, request, value, length);

	return hold(s, slot, behind, request, &setup, NULL, may_go);
}

static enum dfu_result await_until(struct dfu_session *s, unsigned slot, uint8_t request,
				   int64_t deadline, const uint8_t **data, size_t *actual)
{
	enum dfu_io io;

	*data = NULL;
	*actual = 0;
	io = s->pipe->ops->wait(s->pipe, slot, clock_earlier(deadline, s->deadline), data, actual);
	if (s->in_flight > 0)
		s->in_flight--;
	if (io != DFU_IO_LEAKED) {
		struct dfu_times times = s->pipe->ops->times(s->pipe, slot);

		s->submitted = times.submitted;
		if (times.submitted)
			s->landed = times.landed;
	}
	return from_io(s, request, io);
}

enum dfu_result dfu_await(struct dfu_session *s, unsigned slot, uint8_t request,
			  uint64_t timeout_ms, const uint8_t **data, size_t *actual)
{
	return await_until(s, slot, request, clock_after_ms((int64_t)timeout_ms), data, actual);
}

void dfu_note_block(struct dfu_session *s, int64_t before)
{
	int64_t took = s->landed - (s->submitted > before ? s->submitted : before);

	if (took <= 0 || !s->submitted)
		return;
	s->pace.blocks++;
	s->pace.moved += took;
	if (s->pace.moved_best == 0 || took < s->pace.moved_best)
		s->pace.moved_best = took;
}

unsigned dfu_to_land(unsigned queued, bool more)
{
	return more ? queued - queued / 4 : queued;
}

void dfu_linger(struct dfu_session *s, unsigned slot)
{
	if (s->pipe->ops->linger)
		s->pipe->ops->linger(s->pipe, slot,
				     clock_earlier(clock_after_ms(LINGER_MS), s->deadline));
}

void dfu_linger_chain(struct dfu_session *s, unsigned count)
{
	dfu_linger(s, (s->oldest + count - 1) % DFU_PIPE_SLOTS);
}

enum dfu_result dfu_ask_standard(struct dfu_session *s, uint8_t name, const struct dfu_setup *setup,
				 const uint8_t **data, size_t *actual)
{
	enum dfu_result result = submit(s, 0, name, setup, NULL);

	*data = NULL;
	*actual = 0;
	if (result == DFU_OK)
		result = dfu_await(s, 0, name, s->limits.transfer_ms, data, actual);
	return result;
}

enum dfu_result dfu_send(struct dfu_session *s, uint8_t request, uint16_t value, const uint8_t *out,
			 uint16_t length)
{
	const uint8_t *data;
	size_t actual;
	enum dfu_result result = dfu_submit(s, 0, request, value, out, length);

	if (result == DFU_OK)
		result = dfu_await(s, 0, request, s->limits.transfer_ms, &data, &actual);
	if (result == DFU_OK && actual != length)
		return dfu_failed(s, request, DFU_SHORT);
	return result;
}

void dfu_parse_status(const uint8_t data[DFU_STATUS_BYTES], struct dfu_status *status)
{
	*status = (struct dfu_status){
		.status = data[0],
		.poll_ms = data[1] | (uint32_t)data[2] << 8 | (uint32_t)data[3] << 16,
		.state = data[4],
		.string = data[5],
		.known = true,
	};
}

static enum dfu_result read_status(struct dfu_session *s, enum dfu_result result,
				   const uint8_t *data, size_t actual)
{
	if (result != DFU_OK)
		return result;
	if (actual != DFU_STATUS_BYTES)
		return dfu_failed(s, DFU_GETSTATUS,
				  actual < DFU_STATUS_BYTES ? DFU_SHORT : DFU_LONG);
	dfu_parse_status(data, &s->last);
	return DFU_OK;
}

enum dfu_result dfu_ask_status(struct dfu_session *s, uint64_t timeout_ms)
{
	const uint8_t *data = NULL;
	size_t actual = 0;
	enum dfu_result result = dfu_submit(s, 0, DFU_GETSTATUS, 0, NULL, DFU_STATUS_BYTES);

	if (result == DFU_OK)
		result = dfu_await(s, 0, DFU_GETSTATUS, timeout_ms, &data, &actual);
	return read_status(s, result, data, actual);
}

enum dfu_result dfu_ask_state(struct dfu_session *s, uint64_t timeout_ms, uint8_t *state)
{
	const uint8_t *data;
	size_t actual;
	enum dfu_result result = dfu_submit(s, 0, DFU_GETSTATE, 0, NULL, 1);

	if (result == DFU_OK)
		result = dfu_await(s, 0, DFU_GETSTATE, timeout_ms, &data, &actual);
	if (result != DFU_OK)
		return result;
	if (actual != 1)
		return dfu_failed(s, DFU_GETSTATE, actual < 1 ? DFU_SHORT : DFU_LONG);
	*state = data[0];
	return DFU_OK;
}

/* --- chains --- */

enum dfu_result dfu_chain(struct dfu_session *s, uint8_t request, uint16_t value,
			  const uint8_t *out, uint16_t length, dfu_may_go *may_go)
{
	const struct dfu_setup setup = class_setup(s, request, value, length);
	unsigned slot = (s->oldest + s->queued) % DFU_PIPE_SLOTS;
	enum dfu_result result;

	if (s->queued > 0) {
		result = hold(s, slot, (s->oldest + s->queued - 1) % DFU_PIPE_SLOTS, request,
			      &setup, out, may_go);
	} else {
		s->landed = clock_now();
		result = submit(s, slot, request, &setup, out);
	}
	if (result == DFU_OK)
		s->queued++;
	return result;
}

static enum dfu_result take(struct dfu_session *s, uint8_t request, uint64_t timeout_ms,
			    const uint8_t **data, size_t *actual)
{
	unsigned slot = s->oldest;
	/* It went out when the one before it ended. */
	int64_t deadline = s->landed + (int64_t)timeout_ms * CLOCK_MS;

	s->oldest = (slot + 1) % DFU_PIPE_SLOTS;
	s->queued--;
	return await_until(s, slot, request, deadline, data, actual);
}

enum dfu_result dfu_take_sent(struct dfu_session *s, uint8_t request, uint16_t length)
{
	const uint8_t *data;
	size_t actual;
	enum dfu_result result = take(s, request, s->limits.transfer_ms, &data, &actual);

	if (result == DFU_OK && actual != length)
		return dfu_failed(s, request, DFU_SHORT);
	return result;
}

enum dfu_result dfu_take_status(struct dfu_session *s, uint64_t timeout_ms)
{
	const uint8_t *data;
	size_t actual;
	enum dfu_result result = take(s, DFU_GETSTATUS, timeout_ms, &data, &actual);

	return read_status(s, result, data, actual);
}

enum dfu_result dfu_drain(struct dfu_session *s)
{
	enum dfu_io io;

	if (s->in_flight == 0)
		return DFU_OK;
	io = s->pipe->ops->drain(s->pipe);
	s->queued = 0;
	s->in_flight = 0;
	switch (io) {
	case DFU_IO_GONE:
		return DFU_GONE;
	case DFU_IO_LEAKED:
		return DFU_LEAKED;
	default:
		return DFU_OK;
	}
}

void dfu_pause(const struct dfu_session *s, uint64_t ms, int64_t until)
{
	int64_t deadline;

	if (ms == 0)
		return;
	deadline = clock_earlier(clock_after_ms((int64_t)ms), until);
	clock_sleep_until(clock_earlier(deadline, s->deadline));
}

uint32_t dfu_backoff_ms(unsigned asked)
{
	if (asked == 0)
		return 0;
	if (asked > 6)
		return BACKOFF_MOST_MS;
	return 1u << (asked - 1);
}

enum dfu_result dfu_set_alt(struct dfu_session *s, unsigned alt)
{
	enum dfu_io io;

	s->pointer_known = false;
	while ((io = s->pipe->ops->set_alt(s->pipe, alt)) == DFU_IO_NOMEM && !out_of_time(s)) {
		clock_sleep_until(clock_earlier(clock_after_ms(MEMORY_PAUSE_MS), s->deadline));
		s->starved_ms += MEMORY_PAUSE_MS;
	}
	return from_io(s, DFU_STANDARD_SET_INTERFACE, io);
}
