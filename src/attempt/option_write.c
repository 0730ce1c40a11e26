/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option_write.h"

#include <string.h>

#include "h7gang/attempt/same_board.h"
#include "h7gang/base/clock.h"
#include "first_write.h"
#include "option_far.h"
#include "option_bytes.h"
#include "probe.h"

#define READS 3

static bool same_block(const struct stm32_option_block *a, const struct stm32_option_block *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* The block is written whole, with unset fields as they were read: a bit of the RDP byte read wrong
 * would lock the part. So these were read twice, the first time when the board was identified. */
bool option_write_read(struct job *job, struct stm32_option_block before,
		       struct stm32_option_block *block, unsigned *alt)
{
	for (int i = 0; i < READS; i++) {
		enum dfu_result result =
			probe_option_bytes(&job->link, option_far(job->profile), block, alt);

		if (result != DFU_OK)
			return job_fail_dfu(job, result, "option bytes");
		if (!same_board_confirm(job))
			return false;
		if (same_block(block, &before))
			return true;
		before = *block;
	}
	return job_fail(job, H7_OPTION_BYTES, "read differently each time, so none is set");
}

static enum dfu_result write_block(struct job *job, const struct stm32_option_block *block,
				   unsigned alt)
{
	enum dfu_result result = dfu_select_alt(&job->link.session, alt);

	if (result == DFU_OK)
		result = dfu_write_block(&job->link.session, STM32_OPTION_ADDRESS, block->bytes,
					 block->length);
	return result;
}

/* A write after a read may lose its first bytes, which hold the read protection and the boot
 * address. */
static bool write_ram_first(struct job *job)
{
	enum dfu_result result = dfu_select_alt(&job->link.session, job->link.alt);

	if (result != DFU_OK)
		return job_fail_dfu(job, result, "setting option bytes");
	return first_write_to_ram(job);
}

/* The ROM may reset the part when option bytes change. */
enum dfu_result option_write_come_back(struct job *job, int64_t deadline)
{
	struct usb_seen before = job->link.seen;

	if (!link_close(&job->link))
		return DFU_LEAKED;
	link_wait_return(job->link.bus, &before, clock_earlier(deadline, job->link.deadline),
			 job->link.stop, job->link.stop_user);
	return link_open(&job->link);
}

bool option_write(struct job *job, const struct stm32_option_block *block, unsigned alt)
{
	enum dfu_result result;

	if (!job_begin(job) || !write_ram_first(job))
		return false;
	result = write_block(job, block, alt);
	if (result == DFU_GONE)
		result = option_write_come_back(job, clock_after_ms(LINK_RETURN_MS));
	if (result == DFU_BAD_STATUS || result == DFU_BAD_STATE || result == DFU_STALLED)
		job_fail(job, H7_OPTION_BYTES, "the ROM did not take them");
	return result == DFU_OK || job_fail_dfu(job, result, "setting option bytes");
}

bool option_write_read_back(struct job *job, struct stm32_option_block *block)
{
	bool far = option_far(job->profile);
	unsigned alt;
	enum dfu_result result = probe_option_bytes(&job->link, far, block, &alt);

	if (result == DFU_GONE) {
		result = option_write_come_back(job, clock_after_ms(LINK_RETURN_MS));
		if (result == DFU_OK && !same_board_confirm(job))
			return false;
		if (result == DFU_OK)
			result = probe_option_bytes(&job->link, far, block, &alt);
	}
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "option bytes after they were set");
	return same_board_confirm(job);
}
