/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A dfu_pipe with a small DfuSe target behind it that answers at once, strictly by the state
 * machine of DFU 1.1, and misbehaves where a test tells it to. Everything it is asked is kept. */
#ifndef H7GANG_TESTS_DFU_SCRIPT_H
#define H7GANG_TESTS_DFU_SCRIPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/base/clock.h"
#include "h7gang/dfu/session.h"

#define BASE 0x08000000u
#define MEMORY 8192u
#define LOG_MOST 8192u
#define FAULTS_MOST 8u
#define ANY 0xff
#define FOREVER 1000000u

/* From the `nth` request of that kind on, `times` times: it ends as `io`. A member that is 0 counts
 * as 1 or, if set by SET, as "unchanged". */
#define SET(value) ((value) + 1)

struct fault {
	uint8_t request;
	unsigned nth, times;
	enum dfu_io io;
	bool done_anyway;          /* executed although it ends badly */
	int state, status;         /* SET: the target's afterwards */
	int say_state, say_status; /* SET: claimed in an answer */
	int actual;                /* SET: bytes moved */
};

#define FAULT(...) ((struct fault){__VA_ARGS__})

struct asked {
	uint8_t request, state; /* state before it */
	uint16_t value, length;
	bool set_alt;
};

struct script {
	struct dfu_pipe pipe;
	/* the target: */
	uint8_t state, status;
	uint32_t poll_ms, pointer;
	unsigned busy_answers; /* dfuDNBUSY this many times per operation */
	bool wedges_on_erase;  /* dfuDNBUSY for ever, as V9.0 does in bank 2 */
	bool wedged;
	bool no_getstate, strict_clear;
	unsigned clears_needed; /* CLRSTATUS until dfuERROR is left */
	uint8_t memory[MEMORY];
	bool pending;
	unsigned busy_left;
	uint8_t stored[DFU_PIPE_MAX_LENGTH];
	size_t stored_length;
	uint16_t stored_value;
	unsigned writes, erases, mass_erases;
	struct fault fault[FAULTS_MOST];
	unsigned faults;
	unsigned seen[256];
	/* the pipe: */
	struct script_slot {
		bool used, held, landed;
		uint64_t order;
		enum dfu_io io;
		size_t actual;
		uint8_t data[DFU_PIPE_MAX_LENGTH];
		struct dfu_setup setup;
		/* while it is held: */
		uint8_t out[DFU_PIPE_MAX_LENGTH];
		dfu_may_go *may_go;
		int64_t until;
		unsigned before;
		struct dfu_times times;
	} slot[DFU_PIPE_SLOTS];
	enum dfu_io (*send)(struct dfu_pipe *pipe, unsigned slot, const struct dfu_setup *u,
			    const uint8_t *out);
	unsigned in_flight, most_in_flight, drains, holds, unsent;
	unsigned sleeps; /* waits for transfers that had not landed */
	const struct dfu_session *session;
	bool late; /* held transfers are past their deadline */
	uint64_t orders;
	bool refused;         /* a held one was not sent: none is until all is over */
	unsigned starve;      /* the number of the held one that the kernel has no memory for */
	unsigned most;        /* in flight before DFU_IO_NOMEM; 0: no limit */
	bool other_in_flight; /* anything but UPLOAD was queued beside something */
	struct asked log[LOG_MOST];
	unsigned logged;
};

static inline struct script *script_of(struct dfu_pipe *pipe)
{
	return (struct script *)((char *)pipe - offsetof(struct script, pipe));
}

static inline enum dfu_io script_stall(struct script *t)
{
	if (t->state != DFU_ERROR)
		t->status = DFU_ERR_STALLEDPKT;
	t->state = DFU_ERROR;
	return DFU_IO_STALL;
}

static inline void script_execute(struct script *t)
{
	const uint8_t *d = t->stored;
	uint32_t at;

	t->pending = false;
	t->busy_left = t->busy_answers;
	if (t->stored_value == 0 && t->stored_length >= 1) {
		at = t->stored_length == 5 ? d[1] | (uint32_t)d[2] << 8 | (uint32_t)d[3] << 16 |
						     (uint32_t)d[4] << 24
					   : 0;
		if (d[0] == 0x21 && t->stored_length == 5) {
			t->pointer = at;
		} else if (d[0] == 0x41) {
			if (t->stored_length == 5)
				t->erases++;
			else
				t->mass_erases++;
			if (t->wedges_on_erase)
				t->wedged = true;
			memset(t->memory, 0xff, sizeof(t->memory));
		} else {
			t->state = DFU_ERROR;
			t->status = DFU_ERR_TARGET;
		}
		return;
	}
	at = t->pointer - BASE +
	     (uint32_t)(t->stored_value - 2) * t->pipe.descriptors.transfer_size;
	if (t->stored_value < 2 || at + t->stored_length > MEMORY) {
		t->state = DFU_ERROR;
		t->status = DFU_ERR_TARGET;
		return;
	}
	t->writes++;
	memcpy(t->memory + at, d, t->stored_length);
}

static inline void script_status(struct script *t, uint8_t *answer)
{
	if (t->state == DFU_DNLOAD_SYNC) {
		t->state = DFU_DNLOAD_IDLE;
		if (t->pending)
			script_execute(t);
		if (t->state == DFU_DNLOAD_IDLE && (t->busy_left > 0 || t->wedged))
			t->state = DFU_DNBUSY;
	} else if (t->state == DFU_MANIFEST_SYNC) {
		t->state = DFU_MANIFEST;
	}
	if (t->state == DFU_DNBUSY && !t->wedged) {
		if (t->busy_left > 0)
			t->busy_left--;
		else
			t->state = DFU_DNLOAD_IDLE;
	}
	answer[0] = t->status;
	answer[1] = (uint8_t)t->poll_ms;
	answer[2] = (uint8_t)(t->poll_ms >> 8);
	answer[3] = (uint8_t)(t->poll_ms >> 16);
	answer[4] = t->state;
	answer[5] = 0;
}

static inline enum dfu_io script_dnload(struct script *t, const struct dfu_setup *u,
					const uint8_t *out)
{
	if (t->state != DFU_IDLE && t->state != DFU_DNLOAD_IDLE)
		return script_stall(t);
	if (u->length == 0) {
		t->state = DFU_MANIFEST_SYNC;
		return DFU_IO_OK;
	}
	memcpy(t->stored, out, u->length);
	t->stored_length = u->length;
	t->stored_value = u->value;
	t->pending = true;
	t->state = DFU_DNLOAD_SYNC;
	return DFU_IO_OK;
}

static inline enum dfu_io script_upload(struct script *t, const struct dfu_setup *u, uint8_t *data)
{
	uint32_t at =
		t->pointer - BASE + (uint32_t)(u->value - 2) * t->pipe.descriptors.transfer_size;

	if ((t->state != DFU_IDLE && t->state != DFU_UPLOAD_IDLE) || u->value < 2 ||
	    at + u->length > MEMORY)
		return script_stall(t);
	t->state = DFU_UPLOAD_IDLE;
	memcpy(data, t->memory + at, u->length);
	return DFU_IO_OK;
}

static inline enum dfu_io script_clear(struct script *t)
{
	if (t->wedged) {
		t->wedged = false;
		t->state = DFU_ERROR;
		t->status = DFU_ERR_UNKNOWN;
		return DFU_IO_OK;
	}
	if (t->state != DFU_ERROR)
		return t->strict_clear ? script_stall(t) : DFU_IO_OK;
	if (t->clears_needed > 1) {
		t->clears_needed--;
		return DFU_IO_OK;
	}
	t->state = DFU_IDLE;
	t->status = DFU_STATUS_OK;
	return DFU_IO_OK;
}

static inline enum dfu_io script_abort(struct script *t)
{
	switch (t->state) {
	case DFU_IDLE:
	case DFU_DNLOAD_SYNC:
	case DFU_DNLOAD_IDLE:
	case DFU_MANIFEST_SYNC:
	case DFU_UPLOAD_IDLE:
		t->state = DFU_IDLE;
		t->pending = false;
		return DFU_IO_OK;
	default:
		return script_stall(t);
	}
}

/* The target of DFU 1.1 without faults. */
static inline enum dfu_io script_serve(struct script *t, const struct dfu_setup *u,
				       const uint8_t *out, uint8_t *data)
{
	if (u->request_type == 0x80)
		return DFU_IO_STALL;
	switch (u->request) {
	case DFU_DNLOAD:
		return script_dnload(t, u, out);
	case DFU_UPLOAD:
		return script_upload(t, u, data);
	case DFU_GETSTATUS:
		script_status(t, data);
		return DFU_IO_OK;
	case DFU_GETSTATE:
		if (t->no_getstate)
			return DFU_IO_STALL;
		data[0] = t->state;
		return DFU_IO_OK;
	case DFU_CLRSTATUS:
		return script_clear(t);
	case DFU_ABORT:
		return script_abort(t);
	default:
		return script_stall(t);
	}
}

static inline const struct fault *script_fault(const struct script *t, uint8_t request)
{
	for (unsigned i = 0; i < t->faults; i++) {
		const struct fault *f = &t->fault[i];
		unsigned n = t->seen[f->request];
		unsigned first = f->nth ? f->nth : 1, times = f->times ? f->times : 1;

		if ((f->request == request || f->request == ANY) && n >= first && n - first < times)
			return f;
	}
	return NULL;
}

static inline void script_log(struct script *t, const struct dfu_setup *u, bool set_alt)
{
	assert_true(t->logged < LOG_MOST);
	t->log[t->logged++] = (struct asked){
		.request = u->request,
		.state = t->state,
		.value = u->value,
		.length = u->length,
		.set_alt = set_alt,
	};
}

/* On the wire, where it is executed at once; it lands during a wait. */
static inline enum dfu_io script_send(struct dfu_pipe *pipe, unsigned slot,
				      const struct dfu_setup *u, const uint8_t *out)
{
	struct script *t = script_of(pipe);
	struct script_slot *it = &t->slot[slot];
	const struct fault *f;

	if (t->most && t->in_flight >= t->most)
		return DFU_IO_NOMEM;
	if (u->request != DFU_UPLOAD && t->in_flight > 0)
		t->other_in_flight = true;
	script_log(t, u, false);
	t->seen[u->request]++;
	t->seen[ANY]++;
	if (++t->in_flight > t->most_in_flight)
		t->most_in_flight = t->in_flight;
	it->actual = u->length;
	memset(it->data, 0xa5, sizeof(it->data));
	f = script_fault(t, u->request);
	if (!f || f->io == DFU_IO_OK || f->done_anyway)
		it->io = script_serve(t, u, out, it->data);
	if (f) {
		if (f->io != DFU_IO_OK)
			it->io = f->io;
		if (f->state)
			t->state = (uint8_t)(f->state - 1);
		if (f->status)
			t->status = (uint8_t)(f->status - 1);
		if (f->actual)
			it->actual = (size_t)(f->actual - 1);
		if (f->say_state)
			it->data[u->request == DFU_GETSTATE ? 0 : 4] = (uint8_t)(f->say_state - 1);
		if (f->say_status)
			it->data[0] = (uint8_t)(f->say_status - 1);
	}
	return DFU_IO_OK;
}

static inline void script_use(struct script *t, unsigned slot, const struct dfu_setup *u)
{
	assert_true(slot < DFU_PIPE_SLOTS);
	assert_false(t->slot[slot].used);
	for (unsigned i = 0; i < DFU_PIPE_SLOTS && t->refused; i++)
		if (t->slot[i].used)
			break;
		else if (i + 1 == DFU_PIPE_SLOTS)
			t->refused = false;
	t->slot[slot].used = true;
	t->slot[slot].order = ++t->orders;
	t->slot[slot].held = false;
	t->slot[slot].landed = false;
	t->slot[slot].setup = *u;
	t->slot[slot].times = (struct dfu_times){0};
}

static inline enum dfu_io script_submit(struct dfu_pipe *pipe, unsigned slot,
					const struct dfu_setup *u, const uint8_t *out)
{
	struct script *t = script_of(pipe);
	enum dfu_io io;

	script_use(t, slot, u);
	t->slot[slot].times.submitted = clock_now();
	io = t->send(pipe, slot, u, out);
	t->slot[slot].used = io == DFU_IO_OK;
	return io;
}

static inline enum dfu_io script_hold(struct dfu_pipe *pipe, unsigned slot, unsigned before,
				      const struct dfu_setup *u, const uint8_t *out,
				      dfu_may_go *may_go, int64_t until)
{
	struct script *t = script_of(pipe);

	assert_true(t->slot[before].used);
	script_use(t, slot, u);
	t->slot[slot].held = true;
	t->slot[slot].before = before;
	t->slot[slot].may_go = may_go;
	t->slot[slot].until = until;
	if (out)
		memcpy(t->slot[slot].out, out, u->length);
	t->holds++;
	return DFU_IO_OK;
}

static inline void script_land_one(struct script *t, unsigned slot)
{
	struct script_slot *it = &t->slot[slot];

	it->landed = true;
	if (it->held) {
		struct script_slot *before = &t->slot[it->before];

		assert_true(before->landed);
		const struct dfu_reply reply = {before->io, before->setup.length, before->actual,
						before->data};

		it->held = false;
		it->io = DFU_IO_UNSENT;
		assert_int_equal(it->until, t->session->deadline);
		if (t->late || t->refused || !it->may_go(&reply)) {
			t->refused = true;
			t->unsent++;
			return;
		}
		if (t->starve && --t->starve == 0) {
			t->refused = true;
			it->io = DFU_IO_NOMEM;
			return;
		}
		it->times.submitted = clock_now();
		assert_int_equal(t->send(&t->pipe, slot, &it->setup, it->out), DFU_IO_OK);
	}
	it->times.landed = clock_now();
	t->in_flight--;
}

/* All up to `slot` is over, the oldest first. */
static inline void script_land(struct script *t, unsigned slot)
{
	while (!t->slot[slot].landed) {
		unsigned oldest = slot;

		for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++)
			if (t->slot[i].used && !t->slot[i].landed &&
			    t->slot[i].order < t->slot[oldest].order)
				oldest = i;
		script_land_one(t, oldest);
	}
}

static inline enum dfu_io script_wait(struct dfu_pipe *pipe, unsigned slot, int64_t deadline,
				      const uint8_t **data, size_t *actual)
{
	struct script *t = script_of(pipe);

	(void)deadline;
	assert_true(slot < DFU_PIPE_SLOTS);
	assert_true(t->slot[slot].used);
	t->sleeps += !t->slot[slot].landed;
	script_land(t, slot);
	t->slot[slot].used = false;
	if (t->slot[slot].io == DFU_IO_OK) {
		*data = t->slot[slot].data;
		*actual = t->slot[slot].actual;
	}
	return t->slot[slot].io;
}

/* Held transfers are never sent. */
static inline enum dfu_io script_drain(struct dfu_pipe *pipe)
{
	struct script *t = script_of(pipe);

	for (unsigned i = 0; i < DFU_PIPE_SLOTS; i++) {
		t->unsent += t->slot[i].used && t->slot[i].held;
		t->slot[i].used = false;
	}
	t->in_flight = 0;
	t->drains++;
	return DFU_IO_OK;
}

static inline struct dfu_times script_times(const struct dfu_pipe *pipe, unsigned slot)
{
	return ((const struct script *)((const char *)pipe - offsetof(struct script, pipe)))
		->slot[slot]
		.times;
}

static inline void script_linger(struct dfu_pipe *pipe, unsigned slot, int64_t deadline)
{
	struct script *t = script_of(pipe);

	(void)deadline;
	assert_true(t->slot[slot].used);
	t->sleeps += !t->slot[slot].landed;
	script_land(t, slot);
}

static inline enum dfu_io script_set_alt(struct dfu_pipe *pipe, unsigned alt)
{
	struct script *t = script_of(pipe);

	assert_int_equal(t->in_flight, 0);
	script_log(t, &(struct dfu_setup){.request = 11, .value = (uint16_t)alt}, true);
	return DFU_IO_OK;
}

static inline enum dfu_io script_reset(struct dfu_pipe *pipe)
{
	(void)pipe;
	fail_msg("a session never resets the port");
	return DFU_IO_ERROR;
}

static const struct dfu_pipe_ops script_ops = {
	.submit = script_submit,
	.hold = script_hold,
	.wait = script_wait,
	.drain = script_drain,
	.times = script_times,
	.set_alt = script_set_alt,
	.reset = script_reset,
	.linger = script_linger,
};

/* A fresh target in dfuIDLE with blocks of 64 bytes, and a session on it with small times. */
/* For targets that end by themselves: however long this process is kept from running, nothing is
 * given up. */
static inline void script_has_time(struct dfu_session *s)
{
	s->limits.transfer_ms = s->limits.sector_ms = s->limits.mass_ms = s->limits.write_ms =
		60000;
}

static inline void script_start(struct script *t, struct dfu_session *s)
{
	static const struct dfu_limits limits = {
		.transfer_ms = 20,
		.sector_ms = 10,
		.mass_ms = 10,
		.write_ms = 5,
		.flash_word = 32,
		.window = 4,
		.poll = DFU_POLL_ADAPTIVE,
	};

	memset(t, 0, sizeof(*t));
	t->pipe.ops = &script_ops;
	t->send = script_send;
	t->session = s;
	t->pipe.descriptors.has_functional = true;
	t->pipe.descriptors.transfer_size = 64;
	t->state = DFU_IDLE;
	t->busy_answers = 1;
	t->clears_needed = 1;
	t->pointer = 0xdeadbeef;
	memset(t->memory, 0xff, sizeof(t->memory));
	assert_true(dfu_session_init(s, &t->pipe, &limits));
}

static inline unsigned script_count(const struct script *t, uint8_t request)
{
	return t->seen[request];
}

#endif
