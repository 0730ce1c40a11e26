/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request.h"

#include <string.h>

#define FIRST_DATA_BLOCK 2u /* AN3156: wValue 0 is a command, 1 is reserved */
#define LAST_DATA_BLOCK 65535u

static bool is_erased(const uint8_t *data, size_t length)
{
	/* All bytes equal to the first, and that one is 0xFF. */
	return data[0] == 0xff && memcmp(data, data + 1, length - 1) == 0;
}

static enum dfu_result send_block(struct dfu_session *s, uint32_t value, const uint8_t *data,
				  size_t length)
{
	const struct dfu_group group = {
		.value = (uint16_t)value,
		.out = data,
		.length = (uint16_t)length,
		.worst_ms = s->limits.write_ms,
		.grace_ms = s->limits.transfer_ms,
	};

	return dfu_run_group(s, &group);
}

/* The last bytes, fewer than a block: padded to whole flash words. */
static enum dfu_result send_tail(struct dfu_session *s, uint32_t address, const uint8_t *data,
				 size_t length)
{
	uint8_t padded[DFU_PIPE_MAX_LENGTH];
	size_t rest = length % s->limits.flash_word;
	size_t whole = rest ? length + s->limits.flash_word - rest : length;
	enum dfu_result result;

	memcpy(padded, data, length);
	memset(padded + length, 0xff, whole - length);
	result = dfu_set_pointer(s, address);
	if (result == DFU_OK)
		result = send_block(s, FIRST_DATA_BLOCK, padded, whole);
	return result;
}

/* A whole block; `base` is where the pointer of this call stands, none yet if it is above. */
static enum dfu_result send_whole(struct dfu_session *s, uint64_t *base, uint32_t address,
				  const uint8_t *data)
{
	uint32_t value;

	if (!s->pointer_known || *base > address || !s->numbered ||
	    (address - *base) / s->block > LAST_DATA_BLOCK - FIRST_DATA_BLOCK) {
		enum dfu_result result = dfu_set_pointer(s, address);

		if (result != DFU_OK)
			return result;
		*base = address;
	}
	value = FIRST_DATA_BLOCK + (uint32_t)((address - *base) / s->block);
	return send_block(s, value, data, s->block);
}

enum dfu_result dfu_write(struct dfu_session *s, uint32_t address, const uint8_t *data,
			  size_t length, size_t *done)
{
	uint64_t base = UINT64_MAX;
	size_t at = 0;
	enum dfu_result result = DFU_OK;

	if (done)
		*done = 0;
	if (address % s->limits.flash_word != 0 || length > (UINT64_C(1) << 32) - address)
		return DFU_REFUSED;
	while (at < length) {
		size_t n = length - at < s->block ? length - at : s->block;
		uint32_t where = address + (uint32_t)at;

		if (is_erased(data + at, n))
			result = DFU_OK; /* what an erased word reads as is not programmed */
		else if (n == s->block)
			result = send_whole(s, &base, where, data + at);
		else
			result = send_tail(s, where, data + at, n);
		if (result != DFU_OK)
			break;
		at += n;
		if (done)
			*done = at;
	}
	return result;
}

enum dfu_result dfu_write_block(struct dfu_session *s, uint32_t address, const uint8_t *data,
				size_t length)
{
	enum dfu_result result;

	if (length == 0 || length > s->block)
		return DFU_REFUSED;
	result = dfu_set_pointer(s, address);
	return result == DFU_OK ? send_block(s, FIRST_DATA_BLOCK, data, length) : result;
}
