/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPLOAD, the one request that is queued deep: it changes nothing on the target. */
#include "request.h"

#include <string.h>

#define FIRST_DATA_BLOCK 2u
#define LAST_DATA_BLOCK 65535u
#define SHORTEST_READ 2u /* bytes, AN2662 4.4.1 */

/* `blocks` UPLOADs of `length` bytes each behind one pointer. */
struct segment {
	uint32_t address;
	uint32_t blocks;
	uint16_t length;
	uint16_t skip; /* leading bytes of the first block that nobody asked for */
};

struct reader {
	dfu_sink *sink;
	void *user;
	bool ended; /* the sink wants no more */
};

/* The pointer is set in dfuDNLOAD-IDLE, where UPLOAD is refused: ABORT between them. */
static enum dfu_result point_at(struct dfu_session *s, uint32_t address)
{
	enum dfu_result result = dfu_set_pointer(s, address);

	if (result != DFU_OK)
		return result;
	result = dfu_send(s, DFU_ABORT, 0, NULL, 0);
	return result == DFU_OK ? result : dfu_recover(s, result, 0);
}

/* UPLOAD leaves dfuUPLOAD-IDLE, where all but UPLOAD is refused. */
static enum dfu_result end_upload(struct dfu_session *s)
{
	enum dfu_result result = dfu_send(s, DFU_ABORT, 0, NULL, 0);

	if (result == DFU_OK)
		result = dfu_ask_status(s, s->limits.transfer_ms);
	if (result == DFU_OK && s->last.status != DFU_STATUS_OK)
		return dfu_failed(s, DFU_ABORT, DFU_BAD_STATUS);
	if (result == DFU_OK && s->last.state != DFU_IDLE)
		return dfu_failed(s, DFU_ABORT, DFU_BAD_STATE);
	return result;
}

/* Keeps the window full. Out of kernel memory with some in flight only makes it smaller. */
static enum dfu_result fill(struct dfu_session *s, const struct segment *segment, unsigned *window,
			    uint32_t done, uint32_t *asked)
{
	while (*asked < segment->blocks && *asked - done < *window) {
		uint16_t value = (uint16_t)(FIRST_DATA_BLOCK + *asked);
		enum dfu_result result = dfu_submit(s, *asked % DFU_PIPE_SLOTS, DFU_UPLOAD, value,
						    NULL, segment->length);

		if (result == DFU_NO_MEMORY && *asked > done) {
			*window = *asked - done;
			return DFU_OK;
		}
		if (result != DFU_OK)
			return result;
		++*asked;
	}
	return DFU_OK;
}

/* The UPLOADs of a segment, in order; what is still queued at the end is drained. */
static enum dfu_result upload(struct dfu_session *s, const struct segment *segment,
			      struct reader *reader)
{
	unsigned window = s->limits.window;
	uint32_t asked = 0;
	uint32_t landed = 0; /* blocks that were waited for together */
	enum dfu_result result = DFU_OK;

	for (uint32_t done = 0; done < segment->blocks && !reader->ended; done++) {
		uint32_t address = segment->address + done * segment->length;
		size_t skip = done == 0 ? segment->skip : 0;
		const uint8_t *data;
		size_t actual;

		result = dfu_gate(s);
		if (result == DFU_OK)
			result = fill(s, segment, &window, done, &asked);
		/* Woken for half the window at a time: the other half keeps the wire busy. */
		if (result == DFU_OK && done == landed)
			landed += (asked - done + 1) / 2;
		if (result == DFU_OK && landed - done > 1)
			dfu_linger(s, (landed - 1) % DFU_PIPE_SLOTS);
		if (result == DFU_OK)
			result = dfu_await(s, done % DFU_PIPE_SLOTS, DFU_UPLOAD,
					   s->limits.transfer_ms, &data, &actual);
		if (result != DFU_OK)
			break;
		if (actual != segment->length) {
			result = dfu_failed(s, DFU_UPLOAD,
					    actual < segment->length ? DFU_SHORT : DFU_LONG);
			break;
		}
		/* The next one goes out before the sink takes its time with this one, unless it
		 * would land in the very buffer that the sink is looking at. */
		if (window < DFU_PIPE_SLOTS) {
			result = fill(s, segment, &window, done + 1, &asked);
			if (result != DFU_OK)
				break;
		}
		reader->ended = !reader->sink(reader->user, address + (uint32_t)skip, data + skip,
					      actual - skip);
	}
	if (s->in_flight > 0) {
		enum dfu_result drained = dfu_drain(s);

		if (drained != DFU_OK)
			result = drained;
	}
	return result;
}

static enum dfu_result read_segment(struct dfu_session *s, const struct segment *segment,
				    struct reader *reader)
{
	enum dfu_result result = point_at(s, segment->address);
	enum dfu_result ended;

	if (result != DFU_OK)
		return result;
	result = upload(s, segment, reader);
	if (result != DFU_OK && result != DFU_STOPPED)
		return dfu_recover(s, result, s->limits.sector_ms);
	ended = end_upload(s);
	if (ended != DFU_OK)
		ended = dfu_recover(s, ended, s->limits.sector_ms);
	return result == DFU_OK ? ended : result;
}

/* As many whole blocks as one pointer reaches, else what is left (at least SHORTEST_READ bytes: a
 * single last byte is read together with the one before it). Returns the bytes asked for. */
static size_t next_segment(const struct dfu_session *s, uint32_t address, size_t left,
			   struct segment *segment)
{
	size_t blocks = left / s->block;
	size_t most = s->numbered ? LAST_DATA_BLOCK - FIRST_DATA_BLOCK + 1 : 1;

	*segment = (struct segment){.address = address, .blocks = 1};
	if (blocks > 0) {
		segment->blocks = (uint32_t)(blocks < most ? blocks : most);
		segment->length = (uint16_t)s->block;
		return (size_t)segment->blocks * s->block;
	}
	segment->length = (uint16_t)left;
	if (left < SHORTEST_READ) {
		segment->address--;
		segment->length++;
		segment->skip = 1;
	}
	return left;
}

enum dfu_result dfu_read(struct dfu_session *s, uint32_t address, size_t length, dfu_sink *sink,
			 void *user)
{
	struct reader reader = {.sink = sink, .user = user};
	enum dfu_result result = DFU_OK;

	if (length < SHORTEST_READ || length > (UINT64_C(1) << 32) - address)
		return DFU_REFUSED;
	for (size_t at = 0; at < length && result == DFU_OK && !reader.ended;) {
		struct segment segment;

		at += next_segment(s, address + (uint32_t)at, length - at, &segment);
		result = read_segment(s, &segment, &reader);
	}
	return result;
}

struct into {
	uint8_t *buffer;
	size_t size, got;
};

static bool sink_into(void *user, uint32_t address, const uint8_t *data, size_t length)
{
	struct into *into = user;

	(void)address;
	if (length > into->size - into->got)
		return false;
	memcpy(into->buffer + into->got, data, length);
	into->got += length;
	return true;
}

enum dfu_result dfu_read_into(struct dfu_session *s, uint32_t address, uint8_t *buffer,
			      size_t length, size_t *got)
{
	struct into into = {.buffer = buffer, .size = length};
	enum dfu_result result = dfu_read(s, address, length, sink_into, &into);

	if (got)
		*got = into.got;
	return result;
}

enum dfu_result dfu_read_block(struct dfu_session *s, uint32_t address, uint8_t *buffer,
			       size_t length, size_t *got)
{
	struct into into = {.buffer = buffer, .size = length};
	struct reader reader = {.sink = sink_into, .user = &into};
	struct segment segment = {.address = address, .blocks = 1, .length = (uint16_t)length};
	enum dfu_result result = DFU_REFUSED;

	if (length >= SHORTEST_READ && length <= DFU_PIPE_MAX_LENGTH &&
	    length <= (UINT64_C(1) << 32) - address)
		result = read_segment(s, &segment, &reader);
	if (got)
		*got = into.got;
	return result;
}
