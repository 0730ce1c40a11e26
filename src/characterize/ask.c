/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single requests, timed, and the recovery to dfuIDLE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

enum { CLASS_OUT = 0x21, CLASS_IN = 0xa1, LOOKS = 3, REOPEN_LOOK_MS = 100 };

void ask(struct measure *m, uint8_t type, uint8_t request, uint16_t value, const uint8_t *out,
	 uint16_t length, uint32_t timeout_ms, struct reply *reply)
{
	struct dfu_pipe *pipe = m->link.session.pipe;
	struct dfu_setup setup = {
		.request_type = type,
		.request = request,
		.value = value,
		.length = length,
	};
	const uint8_t *data = NULL;
	struct dfu_times times;

	*reply = (struct reply){.io = DFU_IO_GONE};
	if (!alive(m))
		return;
	if (type & 0x60)
		setup.index = pipe->descriptors.interface_number;
	if (clock_now() >= m->link.deadline) {
		reply->io = DFU_IO_TIMEOUT;
		return;
	}
	if (type & 0x20 && value >= 2 && (request == DFU_UPLOAD || request == DFU_DNLOAD))
		m->has_read = request == DFU_UPLOAD;
	reply->io = pipe->ops->submit(pipe, 0, &setup, out);
	if (reply->io != DFU_IO_OK)
		return;
	reply->io = pipe->ops->wait(pipe, 0, clock_after_ms(timeout_ms), &data, &reply->length);
	if (reply->io == DFU_IO_LEAKED)
		return;
	times = pipe->ops->times(pipe, 0);
	reply->ns = times.landed - times.submitted;
	reply->landed = times.landed;
	if (reply->length > sizeof(reply->data))
		reply->length = sizeof(reply->data);
	if (reply->io == DFU_IO_OK && data && type & 0x80)
		memcpy(reply->data, data, reply->length);
}

void ask_out(struct measure *m, uint8_t request, uint16_t value, const uint8_t *out,
	     uint16_t length, struct reply *reply)
{
	ask(m, CLASS_OUT, request, value, out, length, MEASURE_TRANSFER_MS, reply);
}

void ask_in(struct measure *m, uint8_t request, uint16_t value, uint16_t length,
	    struct reply *reply)
{
	ask(m, CLASS_IN, request, value, NULL, length, MEASURE_TRANSFER_MS, reply);
}

bool ask_status(struct measure *m, uint32_t timeout_ms, struct dfu_status *status,
		struct reply *reply)
{
	*status = (struct dfu_status){0};
	ask(m, CLASS_IN, DFU_GETSTATUS, 0, NULL, DFU_STATUS_BYTES, timeout_ms, reply);
	if (reply->io != DFU_IO_OK || reply->length != DFU_STATUS_BYTES)
		return false;
	dfu_parse_status(reply->data, status);
	return true;
}

int ask_state(struct measure *m)
{
	struct reply reply;

	ask_in(m, DFU_GETSTATE, 0, 1, &reply);
	return reply.io == DFU_IO_OK && reply.length == 1 ? reply.data[0] : -1;
}

void ask_command(struct measure *m, uint8_t command, uint32_t address, struct reply *reply)
{
	const uint8_t bytes[5] = {command, (uint8_t)address, (uint8_t)(address >> 8),
				  (uint8_t)(address >> 16), (uint8_t)(address >> 24)};

	ask_out(m, DFU_DNLOAD, 0, bytes, sizeof(bytes), reply);
}

const char *reply_word(const struct reply *reply)
{
	switch (reply->io) {
	case DFU_IO_OK:
		return "answered";
	case DFU_IO_STALL:
		return "stalled";
	case DFU_IO_TIMEOUT:
		return "no answer";
	case DFU_IO_GONE:
		return "left the bus";
	case DFU_IO_OVERFLOW:
		return "sent too much";
	default:
		return "bus error";
	}
}

/* False: `why`. */
static bool take_result(struct measure *m, enum dfu_result result)
{
	if (result == DFU_OK)
		return true;
	if (result == DFU_EXPIRED) {
		snprintf(m->why, sizeof(m->why), "it took too long");
		return false;
	}
	m->dead = true;
	if (result == DFU_GONE)
		snprintf(m->why, sizeof(m->why), "it left the bus and did not come back");
	else
		snprintf(m->why, sizeof(m->why),
			 "it does not come back to dfuIDLE: its power must be switched off and on");
	return false;
}

static bool recover(struct measure *m)
{
	if (m->dead || m->stopped)
		return false;
	if (!m->link.device && link_attach(&m->link) != DFU_OK) {
		snprintf(m->why, sizeof(m->why), "it left the bus");
		return false;
	}
	return take_result(m, link_recover(&m->link));
}

bool reopen(struct measure *m)
{
	const int64_t deadline = clock_after_ms(LINK_RETURN_MS);

	while (link_attach(&m->link) != DFU_OK) {
		if (m->link.leaked || clock_now() >= deadline)
			return false;
		usb_bus_look(m->bus);
		clock_sleep_until(clock_after_ms(REOPEN_LOOK_MS));
	}
	return true;
}

bool back_to_idle(struct measure *m)
{
	for (unsigned i = 0; i < LOOKS; i++) {
		if (!recover(m))
			return false;
		if (board_known(m))
			return true;
		if (!take_result(m, confirm_board(m)) || m->stopped)
			return false;
	}
	return unproved(m); /* attached again each time */
}

bool may_write(struct measure *m)
{
	if (!m->destroying)
		return false;
	if (m->unproved)
		return unproved(m);
	return board_known(m) || back_to_idle(m);
}

bool alive(const struct measure *m)
{
	return m->link.device && !m->dead;
}

bool set_pointer(struct measure *m, uint32_t address)
{
	return alive(m) && dfu_set_pointer(&m->link.session, address) == DFU_OK;
}

bool select_alt(struct measure *m, unsigned alt)
{
	return alive(m) && dfu_select_alt(&m->link.session, alt) == DFU_OK;
}

bool unwedge(struct measure *m)
{
	return alive(m) && dfu_unwedge(&m->link.session) == DFU_OK;
}

enum dfu_result get_string(struct measure *m, uint8_t index, char *text, size_t size)
{
	text[0] = '\0';
	return alive(m) ? dfu_string(&m->link.session, index, text, size) : DFU_GONE;
}

bool point_at(struct measure *m, uint32_t address)
{
	if (set_pointer(m, address) && dfu_abort(&m->link.session) == DFU_OK)
		return true;
	back_to_idle(m);
	return false;
}

/* Why an UPLOAD was stalled: the status that the board tells for it. */
static const char *stall_word(struct measure *m)
{
	struct dfu_status status;
	struct reply reply;

	if (ask_status(m, MEASURE_TRANSFER_MS, &status, &reply) && status.state == DFU_ERROR &&
	    status.status != DFU_STATUS_OK)
		return dfu_status_name(status.status);
	return "stalled";
}

bool read_at(struct measure *m, uint32_t address, uint8_t *bytes, size_t length,
	     const char **answer)
{
	struct reply reply;

	*answer = "the pointer is refused";
	if (!point_at(m, address))
		return false;
	ask_in(m, DFU_UPLOAD, 2, (uint16_t)length, &reply);
	if (reply.io == DFU_IO_OK && reply.length == length) {
		memcpy(bytes, reply.data, length);
		*answer = "read";
		return back_to_idle(m);
	}
	if (reply.io == DFU_IO_OK)
		*answer = reply.length ? "short" : "an empty packet";
	else
		*answer = reply.io == DFU_IO_STALL ? stall_word(m) : reply_word(&reply);
	back_to_idle(m);
	return false;
}

static int by_size(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

int64_t median(int64_t *ns, unsigned count)
{
	if (count == 0)
		return 0;
	qsort(ns, count, sizeof(*ns), by_size);
	return ns[count / 2];
}
