/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The recording pipe: it passes every call on to the real pipe. */
#include <errno.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "ring.h"

#define IN 0x80              /* bmRequestType: device to host */
#define STANDARD_INTERFACE 1 /* bmRequestType: standard, to an interface */
#define SET_INTERFACE 11     /* USB 2.0 table 9-4 */

static struct trace *to_trace(struct dfu_pipe *tap)
{
	return (struct trace *)((char *)tap - offsetof(struct trace, tap));
}

/* The status in usbmon; RING_PENDING: the transfer never came back. */
static int status_of(enum dfu_io io)
{
	switch (io) {
	case DFU_IO_OK:
		return 0;
	case DFU_IO_STALL:
		return -EPIPE;
	case DFU_IO_TIMEOUT:
		return -ENOENT; /* unlinked */
	case DFU_IO_GONE:
		return -ENODEV;
	case DFU_IO_OVERFLOW:
		return -EOVERFLOW;
	case DFU_IO_LEAKED:
		return RING_PENDING;
	case DFU_IO_NOMEM:
		return -ENOMEM;
	case DFU_IO_DENIED:
	case DFU_IO_UNSENT:
		return RING_UNSENT;
	case DFU_IO_ERROR:
		break;
	}
	return -EPROTO;
}

static uint32_t room_for(const struct dfu_setup *setup)
{
	return setup->length < TRACE_CAPTURE_MAX ? setup->length : TRACE_CAPTURE_MAX;
}

static void queued(struct trace *trace, unsigned slot, const struct dfu_setup *setup,
		   const uint8_t *out)
{
	uint64_t number = ring_add(trace, setup, room_for(setup));

	if (!(setup->request_type & IN) && out)
		ring_capture(trace, ring_find(trace, number), out, setup->length);
	trace->in_slot[slot] = number;
}

static enum dfu_io tap_submit(struct dfu_pipe *tap, unsigned slot, const struct dfu_setup *setup,
			      const uint8_t *out)
{
	struct trace *trace = to_trace(tap);
	enum dfu_io io = trace->pipe->ops->submit(trace->pipe, slot, setup, out);

	if (io == DFU_IO_OK) /* else nothing was queued */
		queued(trace, slot, setup, out);
	return io;
}

static enum dfu_io tap_hold(struct dfu_pipe *tap, unsigned slot, unsigned behind,
			    const struct dfu_setup *setup, const uint8_t *out, dfu_may_go *may_go,
			    int64_t until)
{
	struct trace *trace = to_trace(tap);
	enum dfu_io io =
		trace->pipe->ops->hold(trace->pipe, slot, behind, setup, out, may_go, until);

	if (io == DFU_IO_OK)
		queued(trace, slot, setup, out);
	return io;
}

static void landed(struct trace *trace, unsigned slot, enum dfu_io io, const uint8_t *data,
		   size_t actual)
{
	struct ring_transfer *transfer = ring_find(trace, trace->in_slot[slot]);
	int status = status_of(io);
	struct dfu_times times;

	trace->in_slot[slot] = 0;
	if (!transfer || status == RING_PENDING)
		return;
	times = trace->pipe->ops->times(trace->pipe, slot);
	if (times.submitted == 0) {
		transfer->status = RING_UNSENT;
		return;
	}
	ring_sent(trace, transfer, times.submitted);
	if (transfer->setup.request_type & IN && data)
		ring_capture(trace, transfer, data, actual);
	ring_land(trace, transfer, status, actual, times.landed);
}

static enum dfu_io tap_wait(struct dfu_pipe *tap, unsigned slot, int64_t deadline,
			    const uint8_t **data, size_t *actual)
{
	struct trace *trace = to_trace(tap);
	enum dfu_io io = trace->pipe->ops->wait(trace->pipe, slot, deadline, data, actual);

	if (slot < DFU_PIPE_SLOTS)
		landed(trace, slot, io, *data, *actual);
	return io;
}

/* The drained transfers are cancelled, or nothing waits for them any longer. */
static enum dfu_io tap_drain(struct dfu_pipe *tap)
{
	struct trace *trace = to_trace(tap);
	enum dfu_io io = trace->pipe->ops->drain(trace->pipe);

	for (unsigned slot = 0; slot < DFU_PIPE_SLOTS; slot++)
		landed(trace, slot, io == DFU_IO_OK ? DFU_IO_TIMEOUT : io, NULL, 0);
	return io;
}

/* SET_INTERFACE, which the kernel sends by itself. */
static enum dfu_io tap_set_alt(struct dfu_pipe *tap, unsigned alt)
{
	struct trace *trace = to_trace(tap);
	const struct dfu_setup setup = {
		.request_type = STANDARD_INTERFACE,
		.request = SET_INTERFACE,
		.value = (uint16_t)alt,
		.index = tap->descriptors.interface_number,
	};
	uint64_t number = ring_add(trace, &setup, 0);
	enum dfu_io io = trace->pipe->ops->set_alt(trace->pipe, alt);
	int status = status_of(io);

	if (status != RING_PENDING)
		ring_land(trace, ring_find(trace, number), status, 0, clock_now());
	return io;
}

/* usbmon does not see a port reset either. */
static enum dfu_io tap_reset(struct dfu_pipe *tap)
{
	struct trace *trace = to_trace(tap);

	trace->pointer_known = false;
	return trace->pipe->ops->reset(trace->pipe);
}

static struct dfu_times tap_times(const struct dfu_pipe *tap, unsigned slot)
{
	const struct trace *trace =
		(const struct trace *)((const char *)tap - offsetof(struct trace, tap));

	return trace->pipe->ops->times(trace->pipe, slot);
}

static void tap_linger(struct dfu_pipe *tap, unsigned slot, int64_t deadline)
{
	struct trace *trace = to_trace(tap);

	if (trace->pipe->ops->linger)
		trace->pipe->ops->linger(trace->pipe, slot, deadline);
}

struct dfu_pipe *trace_tap(struct trace *trace, struct dfu_pipe *pipe, const struct usb_seen *seen)
{
	static const struct dfu_pipe_ops ops = {
		.submit = tap_submit,
		.hold = tap_hold,
		.wait = tap_wait,
		.drain = tap_drain,
		.times = tap_times,
		.set_alt = tap_set_alt,
		.reset = tap_reset,
		.linger = tap_linger,
	};

	trace->tap.ops = &ops;
	trace->tap.descriptors = pipe->descriptors;
	trace->pipe = pipe;
	trace->seen = *seen;
	trace->pointer_known = false;
	memset(trace->in_slot, 0, sizeof(trace->in_slot));
	return &trace->tap;
}
