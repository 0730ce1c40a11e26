/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request.h"

#include <string.h>

#define FIRST_DATA_BLOCK 2u /* AN3156: wValue 0 is a command, 1 is reserved */
#define LAST_DATA_BLOCK 65535u
#define AHEAD_MOST (DFU_PIPE_SLOTS / 3u) /* blocks queued, of three requests each */

static bool is_erased(const uint8_t *data, size_t length)
{
	/* All bytes equal to the first, and that one is 0xFF. */
	return data[0] == 0xff && memcmp(data, data + 1, length - 1) == 0;
}

static struct dfu_group block_group(const struct dfu_session *s, uint32_t value,
				    const uint8_t *data, size_t length)
{
	return (struct dfu_group){
		.value = (uint16_t)value,
		.out = data,
		.length = (uint16_t)length,
		.worst_ms = s->limits.write_ms,
		.grace_ms = s->limits.transfer_ms,
	};
}

/* One block alone, behind its own pointer. */
static enum dfu_result send_alone(struct dfu_session *s, uint32_t address, const uint8_t *data,
				  size_t length)
{
	struct dfu_group group = block_group(s, FIRST_DATA_BLOCK, data, length);
	enum dfu_result result = dfu_set_pointer(s, address);

	return result == DFU_OK ? dfu_run_group(s, &group) : result;
}

/* The last bytes, fewer than a block: padded to whole flash words. */
static enum dfu_result send_tail(struct dfu_session *s, uint32_t address, const uint8_t *data,
				 size_t length)
{
	uint8_t padded[DFU_PIPE_MAX_LENGTH];
	size_t rest = length % s->limits.flash_word;
	size_t whole = rest ? length + s->limits.flash_word - rest : length;

	memcpy(padded, data, length);
	memset(padded + length, 0xff, whole - length);
	return send_alone(s, address, padded, whole);
}

/* The blocks of one call. Up to AHEAD_MOST of them are queued, one of which is in flight. */
struct writer {
	uint32_t address;
	const uint8_t *data;
	size_t length;
	uint64_t base; /* the address of the pointer that this call has set; none yet if it is above
			*/
	size_t next;   /* of the block queued next */
	unsigned ahead;
	unsigned first, count; /* of those queued: */
	struct {
		struct dfu_group group;
		size_t at;
	} block[AHEAD_MOST];
	unsigned landing;    /* blocks that are waited for together, and not collected yet */
	enum dfu_result end; /* why no more are queued */
};

static size_t left(const struct dfu_session *s, const struct writer *w)
{
	return w->length - w->next < s->block ? w->length - w->next : s->block;
}

/* Whether a whole block at `address` has a number behind the pointer. */
static bool is_in_reach(const struct dfu_session *s, const struct writer *w, uint32_t address)
{
	return s->pointer_known && s->numbered && w->base <= address &&
	       (address - w->base) / s->block <= LAST_DATA_BLOCK - FIRST_DATA_BLOCK;
}

/* Queues the next block. One that needs a pointer of its own waits until nothing else is queued:
 * `*full`. */
static enum dfu_result queue_next(struct dfu_session *s, struct writer *w, bool *full)
{
	uint32_t where = w->address + (uint32_t)w->next;
	const uint8_t *data = w->data + w->next;
	size_t n = left(s, w);
	unsigned i = (w->first + w->count) % AHEAD_MOST;
	enum dfu_result result = DFU_OK;

	if (is_erased(data, n)) {
		w->next += n; /* a word that equals erased flash is not programmed */
		return DFU_OK;
	}
	*full = w->count > 0 && (n < s->block || !is_in_reach(s, w, where));
	if (*full)
		return DFU_OK;
	if (n < s->block) {
		w->next += n;
		return send_tail(s, where, data, n);
	}
	if (!is_in_reach(s, w, where)) {
		result = dfu_set_pointer(s, where);
		if (result != DFU_OK)
			return result;
		w->base = where;
	}
	w->end = dfu_gate(s);
	if (w->end != DFU_OK)
		return DFU_OK;
	w->block[i].at = w->next;
	w->block[i].group = block_group(
		s, FIRST_DATA_BLOCK + (uint32_t)((where - w->base) / s->block), data, n);
	w->next += n;
	w->count++;
	result = dfu_queue_group(s, &w->block[i].group, dfu_questions(s, s->questions));
	return result == DFU_OK ? result : dfu_recover(s, result, s->limits.write_ms);
}

/* Collects the oldest block. Woken for most of the queued blocks at a time (dfu_to_land). */
static enum dfu_result collect(struct dfu_session *s, struct writer *w)
{
	struct dfu_group *group = &w->block[w->first].group;
	enum dfu_result result;

	if (w->landing == 0)
		w->landing = dfu_to_land(w->count, w->next < w->length && w->end == DFU_OK);
	dfu_linger_chain(s, w->landing * (1 + group->questions));
	w->landing--;
	result = dfu_finish_group(s, group);
	if (result != DFU_OK)
		return dfu_recover(s, result, group->worst_ms);
	s->questions = group->asked;
	w->first = (w->first + 1) % AHEAD_MOST;
	w->count--;
	if (s->queued == 0) { /* those behind it, if any, were given up */
		if (w->count > 0)
			w->next = w->block[w->first].at;
		w->count = 0;
		w->landing = 0;
	}
	/* Behind a block that took another number of questions than foreseen, none is worth
	 * queueing. */
	w->ahead = group->asked == group->questions ? AHEAD_MOST : 1;
	return DFU_OK;
}

enum dfu_result dfu_write(struct dfu_session *s, uint32_t address, const uint8_t *data,
			  size_t length, size_t *done)
{
	struct writer w = {
		.address = address,
		.data = data,
		.length = length,
		.base = UINT64_MAX,
		.ahead = AHEAD_MOST,
	};
	enum dfu_result result = DFU_OK;

	if (done)
		*done = 0;
	if (address % s->limits.flash_word != 0 || length > (UINT64_C(1) << 32) - address)
		return DFU_REFUSED;
	while (result == DFU_OK && ((w.next < length && w.end == DFU_OK) || w.count > 0)) {
		bool full = w.count >= w.ahead;

		while (result == DFU_OK && w.end == DFU_OK && w.next < length && !full) {
			result = queue_next(s, &w, &full);
			full = full || w.count >= w.ahead;
		}
		if (result == DFU_OK && w.count > 0)
			result = collect(s, &w);
		if (done && result == DFU_OK)
			*done = w.count > 0 ? w.block[w.first].at : w.next;
	}
	if (result == DFU_OK && w.end != DFU_OK)
		result = dfu_recover(s, w.end, 0);
	return result;
}

enum dfu_result dfu_write_block(struct dfu_session *s, uint32_t address, const uint8_t *data,
				size_t length)
{
	if (length == 0 || length > s->block)
		return DFU_REFUSED;
	return send_alone(s, address, data, length);
}
