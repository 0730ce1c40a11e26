/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UPLOAD, the one request that is queued deep: it changes nothing on the target. */
#include "request.h"

#include <string.h>

#define FIRST_DATA_BLOCK 2u
#define LAST_DATA_BLOCK 65535u
#define AHEAD_MOST (DFU_PIPE_SLOTS - 1u) /* the sink looks at the buffer of one more */
#define FIRST_STEP 4u
#define STEP_GROWS 16u
#define SHORTEST_READ 2u /* bytes, AN2662 4.4.1 */

/* `blocks` UPLOADs of `length` bytes each behind one pointer. */
struct segment {
	uint32_t address;
	uint32_t blocks;
	uint16_t length;
	uint16_t skip; /* leading bytes of the first block that were not asked for */
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

/* The UPLOADs of a segment: up to `window` of them are in flight, and more are held ready, each
 * behind the one `window` before it, so that the wire stays busy while this thread sleeps. */
struct upload {
	const struct segment *segment;
	unsigned window;
	uint32_t asked, done;
	uint32_t landing; /* blocks that are waited for together */
	uint32_t step;    /* how many those may be */
};

/* Out of kernel memory with some in flight only makes the window smaller. */
static enum dfu_result fill(struct dfu_session *s, struct upload *u)
{
	while (u->asked < u->segment->blocks && u->asked - u->done < AHEAD_MOST) {
		unsigned slot = u->asked % DFU_PIPE_SLOTS;
		uint16_t value = (uint16_t)(FIRST_DATA_BLOCK + u->asked);
		enum dfu_result result;

		if (u->asked - u->done >= u->window)
			result = dfu_hold(s, slot, (u->asked - u->window) % DFU_PIPE_SLOTS,
					  DFU_UPLOAD, value, u->segment->length, dfu_is_whole);
		else
			result = dfu_submit(s, slot, DFU_UPLOAD, value, NULL, u->segment->length);
		if (result == DFU_NO_MEMORY && u->asked > u->done) {
			if (u->asked - u->done < u->window)
				u->window = u->asked - u->done;
			return DFU_OK;
		}
		if (result != DFU_OK)
			return result;
		u->asked++;
	}
	return DFU_OK;
}

/* Sleeps until most of the queued blocks have landed (dfu_to_land). But the first blocks are looked
 * at soon, as the reading may end with them. */
static void await_some(struct dfu_session *s, struct upload *u)
{
	uint32_t most = dfu_to_land(u->asked - u->done, u->asked < u->segment->blocks);

	if (u->done == u->landing) {
		u->landing += most < u->step ? most : u->step;
		u->step *= STEP_GROWS;
	}
	if (u->landing - u->done > 1)
		dfu_linger(s, (u->landing - 1) % DFU_PIPE_SLOTS);
}

static enum dfu_result take_block(struct dfu_session *s, struct upload *u, const uint8_t **data)
{
	int64_t before = s->landed;
	size_t actual;
	enum dfu_result result = dfu_await(s, u->done % DFU_PIPE_SLOTS, DFU_UPLOAD,
					   s->limits.transfer_ms, data, &actual);

	if (result == DFU_OK && actual != u->segment->length)
		return dfu_failed(s, DFU_UPLOAD,
				  actual < u->segment->length ? DFU_SHORT : DFU_LONG);
	if (result == DFU_OK && u->segment->length == s->block)
		dfu_note_block(s, before);
	return result;
}

/* The kernel had no memory for a block that was held: neither it nor one behind it went out. They
 * are queued again, fewer at a time. */
static enum dfu_result queue_again(struct dfu_session *s, struct upload *u)
{
	enum dfu_result result = dfu_drain(s);

	u->asked = u->landing = u->done;
	u->window = (u->window + 1) / 2;
	return result;
}

/* In order; blocks still queued at the end are drained. */
static enum dfu_result upload(struct dfu_session *s, const struct segment *segment,
			      struct reader *reader)
{
	struct upload u = {.segment = segment, .window = s->limits.window, .step = FIRST_STEP};
	enum dfu_result result = DFU_OK;

	while (result == DFU_OK && u.done < segment->blocks && !reader->ended) {
		uint32_t address = segment->address + u.done * segment->length;
		size_t skip = u.done == 0 ? segment->skip : 0;
		const uint8_t *data = NULL;

		result = dfu_gate(s);
		if (result == DFU_OK)
			result = fill(s, &u);
		if (result != DFU_OK)
			break;
		await_some(s, &u);
		result = take_block(s, &u, &data);
		if (result == DFU_NO_MEMORY) {
			result = queue_again(s, &u);
			continue;
		}
		if (result != DFU_OK)
			break;
		u.done++;
		/* The next one is got ready before the sink takes its time with this one. */
		result = fill(s, &u);
		if (result == DFU_OK)
			reader->ended = !reader->sink(reader->user, address + (uint32_t)skip,
						      data + skip, segment->length - skip);
	}
	if (s->in_flight > 0) {
		enum dfu_result drained = dfu_drain(s);

		if (drained != DFU_OK)
			result = drained;
	}
	return result;
}

/* UPLOAD leaves dfuUPLOAD-IDLE, where all but UPLOAD is refused: ABORT, and the question behind it.
 */
static enum dfu_result end_upload(struct dfu_session *s)
{
	enum dfu_result result = dfu_chain(s, DFU_ABORT, 0, NULL, 0, NULL);

	if (result == DFU_OK)
		result = dfu_chain(s, DFU_GETSTATUS, 0, NULL, DFU_STATUS_BYTES, dfu_is_whole);
	if (result != DFU_OK)
		return result;
	dfu_linger_chain(s, s->queued);
	result = dfu_take_sent(s, DFU_ABORT, 0);
	if (result == DFU_OK)
		result = dfu_take_status(s, s->limits.transfer_ms);
	if (result == DFU_NO_MEMORY) { /* for the question: it is sent once there is memory */
		result = dfu_drain(s);
		if (result == DFU_OK)
			result = dfu_ask_status(s, s->limits.transfer_ms);
	}
	if (result == DFU_OK && s->last.status != DFU_STATUS_OK)
		return dfu_failed(s, DFU_ABORT, DFU_BAD_STATUS);
	if (result == DFU_OK && s->last.state != DFU_IDLE)
		return dfu_failed(s, DFU_ABORT, DFU_BAD_STATE);
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

/* As many whole blocks as one pointer reaches, else the rest (at least SHORTEST_READ bytes: a
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
