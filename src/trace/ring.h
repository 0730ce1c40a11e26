/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transfers in memory. */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include "h7gang/trace/trace.h"

/* Status of a transfer as in usbmon: 0 or a negative errno value. */
#define RING_PENDING 1
#define RING_UNSENT 2 /* prepared but never sent: not shown */

struct ring_transfer {
	uint64_t submitted_order, landed_order; /* among all events; landed 0: never */
	int64_t submitted, landed;              /* base/clock */
	struct dfu_setup setup;
	uint8_t bus, address;
	int status;        /* RING_PENDING, RING_UNSENT, 0, -errno */
	uint32_t actual;   /* bytes moved */
	uint32_t offset;   /* of its data */
	uint32_t room;     /* for its data */
	uint32_t captured; /* bytes there */
};

struct trace {
	struct dfu_pipe tap; /* the pipe for the caller */
	struct dfu_pipe *pipe;
	struct usb_seen seen;
	const struct trace_range *secret;
	unsigned secrets;
	/* The target's address pointer, as far as the transfers set it. */
	bool pointer_known;
	uint32_t pointer;
	uint64_t in_slot[DFU_PIPE_SLOTS]; /* number of the transfer, 0: none */
	/* Transfers are numbered from 1; those from `first` to `last` are kept, each at its number
	 * modulo TRACE_TRANSFERS. */
	uint64_t first, last;
	uint64_t order;
	uint32_t head; /* where data goes next */
	struct ring_transfer transfer[TRACE_TRANSFERS];
	uint8_t data[TRACE_DATA_BYTES];
};

static inline const struct ring_transfer *ring_at(const struct trace *trace, uint64_t number)
{
	return &trace->transfer[number % TRACE_TRANSFERS];
}

/* Adds a transfer with room for `room` bytes of data; drops older ones. Returns its number. */
uint64_t ring_add(struct trace *trace, const struct dfu_setup *setup, uint32_t room);

/* NULL once it was dropped. */
struct ring_transfer *ring_find(struct trace *trace, uint64_t number);

/* Records its data without secrets, and its end. The time of sending is certain only then; of two
 * events at the same time, the one recorded first is shown first. */
void ring_capture(struct trace *trace, struct ring_transfer *transfer, const uint8_t *data,
		  size_t length);
void ring_sent(struct trace *trace, struct ring_transfer *transfer, int64_t at);
void ring_land(struct trace *trace, struct ring_transfer *transfer, int status, size_t actual,
	       int64_t at);

/* hide.c: replaces what is secret in the captured data; follows the address pointer. */
void hide_secrets(const struct trace *trace, const struct ring_transfer *transfer, uint8_t *data);
void hide_follow(struct trace *trace, const struct ring_transfer *transfer);

#endif
