/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "probe.h"

#define BEYOND 0x100   /* bank 2's registers: behind what ROMs announce */
#define READS 3

static bool any_beyond(const struct profile_option_list *list)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (list->option[i].field->at >= BEYOND)
			return true;
	}
	return false;
}

bool options_far(const struct profile *profile)
{
	return any_beyond(&profile->options.expect) || any_beyond(&profile->options.set);
}

/* Compares and tells every difference. */
static bool compare(struct job *job, const struct stm32_option_block *block,
                    const struct profile_option_list *list, const char *when)
{
	bool good = true;

	for (unsigned i = 0; i < list->count; i++) {
		const struct profile_option *option = &list->option[i];
		uint32_t found;

		if (!stm32_option_known(block, option->field)) {
			good = job_fail(job, H7_OPTION_BYTES, "%s cannot be read%s",
			                option->field->name, when);
			continue;
		}
		found = stm32_option_get(block, option->field);
		if (found != option->value)
			good = job_fail(job, H7_OPTION_BYTES, "%s: expected 0x%x, read 0x%x%s",
			                option->field->name, (unsigned)option->value, (unsigned)found,
			                when);
	}
	return good;
}

bool options_expect(struct job *job)
{
	return compare(job, &job->option, &job->profile->options.expect, "");
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

/* What was verified is the board that left; another one at its port is not it. */
static bool is_another(struct job *job)
{
	char uid[25];

	return job->uid[0] && probe_uid(&job->link, job->part, uid) == DFU_OK &&
	       probe_other_uid(uid, job->uid);
}

/* The ROM may reset the part when option bytes change. */
static enum dfu_result come_back(struct job *job, int64_t deadline)
{
	struct usb_seen before = job->link.seen;
	enum dfu_result result;

	if (!link_close(&job->link))
		return DFU_LEAKED;
	link_wait_return(job->link.bus, &before, clock_earlier(deadline, job->link.deadline),
	                 job->link.stop, job->link.stop_user);
	result = link_open(&job->link);
	if (result != DFU_OK || !is_another(job))
		return result;
	if (!link_close(&job->link))
		return DFU_LEAKED;
	job->link.seen = before; /* the newcomer is nobody's yet */
	return DFU_GONE;
}

static bool wants_level_1(const struct profile_option_list *set)
{
	for (unsigned i = 0; i < set->count; i++) {
		if (set->option[i].field == stm32_option_at(0))
			return stm32_rdp_level(set->option[i].value) == 1;
	}
	return false;
}

static bool read_back(struct job *job)
{
	const struct profile_option_list *set = &job->profile->options.set;
	struct stm32_option_block block;
	enum dfu_result result;
	unsigned alt;

	result = probe_option_bytes(&job->link, options_far(job->profile), &block, &alt);
	if (result == DFU_GONE) {
		result = come_back(job, clock_after_ms(LINK_RETURN_MS));
		if (result == DFU_OK)
			result = probe_option_bytes(&job->link, options_far(job->profile), &block, &alt);
	}
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "option bytes after they were set");
	if (block.length == 0 && wants_level_1(set)) {
		job_note(job, "option bytes cannot be read any more: RDP level 1 is in force");
		return true;
	}
	job->option_set = block;
	return compare(job, &block, set, " after it was set");
}

static bool same_block(const struct stm32_option_block *a, const struct stm32_option_block *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* The block is written whole, what is not set as it was read: a bit of the RDP byte read wrong would lock the
 * part. So what is written back was read twice, the first time when the board was identified. */
static bool read_surely(struct job *job, struct stm32_option_block *block, unsigned *alt)
{
	struct stm32_option_block before = job->option;

	for (int i = 0; i < READS; i++) {
		enum dfu_result result = probe_option_bytes(&job->link, options_far(job->profile), block, alt);

		if (result != DFU_OK)
			return job_fail_dfu(job, result, "option bytes");
		if (same_block(block, &before))
			return true;
		before = *block;
	}
	return job_fail(job, H7_OPTION_BYTES, "read differently each time, so none is set");
}

bool options_set(struct job *job)
{
	const struct profile_option_list *set = &job->profile->options.set;
	struct stm32_option_block block;
	enum dfu_result result;
	bool same = true;
	unsigned alt;

	if (set->count == 0)
		return true;
	if (!read_surely(job, &block, &alt))
		return false;
	for (unsigned i = 0; i < set->count; i++) {
		const struct profile_option *option = &set->option[i];

		if (!stm32_option_known(&block, option->field))
			return job_fail(job, H7_OPTION_BYTES, "%s cannot be read, so none is set",
			                option->field->name);
		same = same && stm32_option_get(&block, option->field) == option->value;
		stm32_option_put(&block, option->field, option->value);
	}
	if (same) {
		job->option_set = block;
		return true;
	}
	if (!job_begin(job))
		return false;
	result = write_block(job, &block, alt);
	if (result == DFU_GONE)
		result = come_back(job, clock_after_ms(LINK_RETURN_MS));
	if (result == DFU_BAD_STATUS || result == DFU_BAD_STATE || result == DFU_STALLED)
		job_fail(job, H7_OPTION_BYTES, "the ROM did not take them");
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "setting option bytes");
	return read_back(job);
}

bool options_unprotect(struct job *job)
{
	int64_t deadline;
	enum dfu_result result;

	if (!job_begin(job))
		return false;
	job_phase(job, GANG_PHASE_ERASE);
	deadline = clock_after_ms(STM32_MASS_WORST_MS + LINK_RETURN_MS);
	job->memory->flash_busy_until = clock_after_ms(STM32_MASS_WORST_MS);
	result = dfu_read_unprotect(&job->link.session);
	if (result != DFU_OK && result != DFU_GONE)
		return job_fail_dfu(job, result, "read unprotect");
	result = come_back(job, deadline);
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "after read unprotect");
	job->memory->flash_busy_until = 0;
	job_note(job, "RDP level 1 was taken off, which erased the part");
	job->unprotected = true;
	/* The mark in the log knew no UID; the next one does. */
	job->begun = false;
	return true;
}
