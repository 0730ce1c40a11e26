/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ring.h"

#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"

struct trace *trace_new(const struct trace_range *secret, unsigned secrets)
{
	struct trace *trace = malloc(sizeof(*trace));

	if (!trace)
		return NULL;
	memset(trace, 0, offsetof(struct trace, transfer));
	trace->secret = secret;
	trace->secrets = secrets;
	trace_begin(trace);
	return trace;
}

void trace_free(struct trace *trace)
{
	free(trace);
}

void trace_begin(struct trace *trace)
{
	/* Numbers continue, so that a transfer that never landed is not confused with a new one. */
	trace->first = trace->last + 1;
	trace->head = 0;
	trace->pointer_known = false;
}

static bool overlap(const struct ring_transfer *transfer, uint32_t from, uint32_t to)
{
	return transfer->offset < to && from < transfer->offset + transfer->room;
}

/* Drops the oldest transfers until [from, to) holds no data. */
static void make_room(struct trace *trace, uint32_t from, uint32_t to)
{
	uint64_t keep = trace->first;

	if (trace->last + 1 - trace->first >= TRACE_TRANSFERS)
		keep++;
	for (uint64_t n = keep; n <= trace->last; n++) {
		if (overlap(ring_at(trace, n), from, to))
			keep = n + 1;
	}
	trace->first = keep;
}

uint64_t ring_add(struct trace *trace, const struct dfu_setup *setup, uint32_t room)
{
	uint64_t number = trace->last + 1;
	struct ring_transfer *transfer = &trace->transfer[number % TRACE_TRANSFERS];

	if (trace->head + room > TRACE_DATA_BYTES)
		trace->head = 0;
	make_room(trace, trace->head, trace->head + room);
	*transfer = (struct ring_transfer){
		.submitted_order = ++trace->order,
		.submitted = clock_now(),
		.setup = *setup,
		.bus = trace->seen.bus,
		.address = trace->seen.address,
		.status = RING_PENDING,
		.offset = trace->head,
		.room = room,
	};
	trace->head += room;
	trace->last = number;
	return number;
}

struct ring_transfer *ring_find(struct trace *trace, uint64_t number)
{
	if (number < trace->first || number > trace->last)
		return NULL;
	return &trace->transfer[number % TRACE_TRANSFERS];
}

void ring_capture(struct trace *trace, struct ring_transfer *transfer, const uint8_t *data,
		  size_t length)
{
	transfer->captured = length < transfer->room ? (uint32_t)length : transfer->room;
	if (transfer->captured == 0)
		return;
	memcpy(trace->data + transfer->offset, data, transfer->captured);
	hide_secrets(trace, transfer, trace->data + transfer->offset);
}

void ring_sent(struct trace *trace, struct ring_transfer *transfer, int64_t at)
{
	transfer->submitted = at;
	transfer->submitted_order = ++trace->order;
}

void ring_land(struct trace *trace, struct ring_transfer *transfer, int status, size_t actual,
	       int64_t at)
{
	transfer->status = status;
	transfer->actual = (uint32_t)actual;
	transfer->landed = at;
	transfer->landed_order = ++trace->order;
	hide_follow(trace, transfer);
}
