/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option_bytes.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "option_write.h"
#include "probe.h"
#include "result.h"
#include "steps.h"

static bool is_level_1(const struct profile_option *option)
{
	return option->field == stm32_option_at(0) && stm32_rdp_level(option->value) == 1;
}

/* The fields to compare: all but write protection and RDP level 1, which is set last; and those.
 * AS_FOUND: only those that `set` has not changed by now. */
enum {
	OTHERS = 1 << 0,
	LEVEL_1 = 1 << 1,
	WRP = 1 << 2,
	ALL = OTHERS | LEVEL_1 | WRP,
	AS_FOUND = 1 << 3
};

static unsigned kind(const struct profile_option *option)
{
	unsigned bank;

	if (stm32_option_is_wrp(option->field, &bank))
		return WRP;
	return is_level_1(option) ? LEVEL_1 : OTHERS;
}

bool option_bytes_compare(struct job *job, const struct stm32_option_block *block,
			  const struct profile_option *option, const char *when)
{
	const struct stm32_option_field *field = option->field;
	uint32_t found;

	if (!stm32_option_known(block, field))
		return job_fail(job, H7_OPTION_BYTES, "%s cannot be read%s", field->name, when);
	found = stm32_option_get(block, field);
	return found == option->value ||
	       job_fail(job, H7_OPTION_BYTES, "%s: expected 0x%x, read 0x%x%s", field->name,
			(unsigned)option->value, (unsigned)found, when);
}

/* In the terms of a profile: protected sectors, counted over all banks. */
static bool compare_wrp(struct job *job, const struct stm32_option_block *block,
			const struct profile_option_list *list, const char *when)
{
	bool wanted[STM32_SECTORS_MAX] = {false}, found[STM32_SECTORS_MAX] = {false};
	unsigned sectors = stm32_part_sectors(job->part), bank;
	char wanted_text[120], found_text[120];

	for (unsigned i = 0; i < list->count; i++) {
		const struct profile_option *option = &list->option[i];
		unsigned first;

		if (!stm32_option_is_wrp(option->field, &bank))
			continue;
		if (!stm32_wrp_known(block, bank))
			return job_fail(job, H7_OPTION_BYTES,
					"the write protection of bank %u cannot be read%s",
					bank + 1, when);
		first = bank ? job->part->bank[0].sectors : 0;
		for (unsigned s = 0; s < job->part->bank[bank].sectors; s++) {
			wanted[first + s] = !(option->value >> s & 1);
			found[first + s] = stm32_wrp_get(job->part, block, first + s);
		}
	}
	if (memcmp(wanted, found, sizeof(wanted)) == 0)
		return true;
	stm32_sectors_text(wanted, sectors, wanted_text, sizeof(wanted_text));
	stm32_sectors_text(found, sectors, found_text, sizeof(found_text));
	return job_fail(job, H7_OPTION_BYTES,
			"wrp: expected %s to be write-protected, read that %s%s%s", wanted_text,
			found_text, strncmp(found_text, "sectors", 7) == 0 ? " are" : " is", when);
}

/* Whether the field has the value of `set` by now: a board that is only verified has been through
 * the run that sets it, and swap_bank is set before the erase. */
static bool is_set_by_now(const struct job *job, const struct stm32_option_field *field)
{
	return profile_option_find(&job->profile->options.set, field->name) &&
	       (job->verify_only || strcmp(field->name, "swap_bank") == 0);
}

/* Compares the kinds of fields in `kinds`, and tells every difference. */
static bool compare(struct job *job, const struct stm32_option_block *block,
		    const struct profile_option_list *list, unsigned kinds, const char *when)
{
	bool good = true;

	for (unsigned i = 0; i < list->count; i++) {
		const struct profile_option *option = &list->option[i];

		if (!(kind(option) & kinds & ~(unsigned)WRP) ||
		    (kinds & AS_FOUND && is_set_by_now(job, option->field)))
			continue;
		good = option_bytes_compare(job, block, option, when) && good;
	}
	return (!(kinds & WRP) || compare_wrp(job, block, list, when)) && good;
}

static bool compare_all(struct job *job, const struct stm32_option_block *block, unsigned kinds)
{
	const struct profile_options *options = &job->profile->options;
	bool good = compare(job, block, &options->expect, kinds | AS_FOUND, "");

	/* A board that is only verified has been through the run that sets them. */
	return (!job->verify_only || compare(job, block, &options->set, ALL, "")) && good;
}

static bool agree(struct job *job, const struct stm32_option_block *block, unsigned kinds)
{
	enum h7_error error = job->error;
	size_t told = strlen(job->detail);
	bool good = compare_all(job, block, kinds);

	job->error = error;
	job->detail[told] = '\0';
	return good;
}

/* Read once more before the verdict, which no retry changes. */
static bool expect(struct job *job, unsigned kinds)
{
	unsigned alt;

	if (agree(job, &job->option, kinds))
		return true;
	if (!option_write_read(job, job->option, &job->option, &alt))
		return false;
	job->unmendable = !compare_all(job, &job->option, kinds);
	return !job->unmendable;
}

bool option_bytes_expect(struct job *job)
{
	bool later = job->profile->options.unprotect_wrp && !job->verify_only;

	return expect(job, later ? OTHERS | LEVEL_1 : ALL);
}

bool option_bytes_expect_wrp(struct job *job, const struct stm32_option_block *block)
{
	const struct profile_option_list *list = &job->profile->options.expect;

	job->unmendable = !compare(job, block, list, WRP, "");
	return !job->unmendable;
}

bool option_bytes_protect(const struct profile *profile)
{
	const struct profile_option *rdp = profile_option_find(&profile->options.set, "rdp");

	return rdp && is_level_1(rdp);
}

bool option_bytes_read_back(struct job *job)
{
	struct stm32_option_block block;

	if (!option_write_read_back(job, &block))
		return false;
	job->option_set = block;
	return compare(job, &block, &job->profile->options.set, OTHERS | WRP, " after it was set");
}

/* Puts the wanted values into the block; RDP level 1 alone, or all but it. False: one cannot be
 * read.
 * `*same`: the block holds them already. */
static bool put_values(struct job *job, struct stm32_option_block *block, bool level_1, bool *same)
{
	const struct profile_option_list *set = &job->profile->options.set;

	*same = true;
	for (unsigned i = 0; i < set->count; i++) {
		const struct profile_option *option = &set->option[i];

		if (!stm32_option_known(block, option->field))
			return job_fail(job, H7_OPTION_BYTES, "%s cannot be read, so none is set",
					option->field->name);
		if (is_level_1(option) != level_1)
			continue;
		*same = *same && stm32_option_get(block, option->field) == option->value;
		stm32_option_put(block, option->field, option->value);
	}
	return true;
}

bool step_option_bytes(struct job *job, bool *written)
{
	struct stm32_option_block block;
	bool same;
	unsigned alt;

	*written = false;
	if (job->profile->options.set.count == 0)
		return true;
	if (!option_write_read(job, job->option, &block, &alt) ||
	    !put_values(job, &block, false, &same))
		return false;
	if (same) {
		job->option_set = block;
		return true;
	}
	*written = true;
	return option_write(job, &block, alt) && option_bytes_read_back(job);
}

/* Option bytes may be readable at level 1, or not; if they are, they must not deny it. */
static bool denies_level_1(struct job *job)
{
	struct stm32_option_block block;
	unsigned alt;

	return probe_option_bytes(&job->link, false, &block, &alt) == DFU_OK && block.length > 0 &&
	       stm32_rdp_level(stm32_option_get(&block, stm32_option_at(0))) == 0;
}

/* Level 1 is proved by flash that refuses reads in the documented way. */
static bool is_protected(struct job *job)
{
	enum probe_lock lock = PROBE_UNSURE;
	enum dfu_result result = dfu_select_alt(&job->link.session, job->link.alt);

	if (!result_is_final(result))
		result = probe_lock(&job->link, job->part, &lock);
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "after RDP level 1 was set");
	if (lock == PROBE_OPEN || denies_level_1(job))
		return job_fail(job, H7_OPTION_BYTES,
				"rdp: flash can still be read after level 1 was set; it may take "
				"effect at the next power-on");
	if (lock == PROBE_UNSURE)
		return job_fail(job, H7_OPTION_BYTES,
				"rdp: reads of flash ended neither with bytes nor with the answer "
				"of a protected part after level 1 was set");
	job->protected = true;
	return true;
}

bool step_protect(struct job *job)
{
	struct stm32_option_block block;
	unsigned alt;
	bool same;

	if (!option_bytes_protect(job->profile))
		return true;
	if (!option_write_read(job, job->option_set.length ? job->option_set : job->option, &block,
			       &alt) ||
	    !put_values(job, &block, true, &same))
		return false;
	if (!same && !option_write(job, &block, alt))
		return false;
	if (!is_protected(job))
		return false;
	/* A protected part tells no UID. */
	if (job->link.attached != job->link.confirmed)
		return job_fail(job, H7_OPTION_BYTES,
				"it left the bus while RDP level 1 was set, and nothing shows "
				"whether the same board came back");
	return true;
}

bool option_bytes_unprotect(struct job *job)
{
	int64_t deadline;
	enum dfu_result result;

	if (!job_begin(job))
		return false;
	job_enter_phase(job, JOB_PHASE_ERASE);
	deadline = clock_after_ms(STM32_MASS_WORST_MS + LINK_RETURN_MS);
	job->memory->flash_busy_until = clock_after_ms(STM32_MASS_WORST_MS);
	result = dfu_read_unprotect(&job->link.session);
	if (result != DFU_OK && result != DFU_GONE)
		return job_fail_dfu(job, result, "read unprotect");
	result = option_write_come_back(job, deadline);
	if (result != DFU_OK)
		return job_fail_dfu(job, result, "after read unprotect");
	job->memory->flash_busy_until = 0;
	job->unprotected = true;
	/* The mark in the log knew no UID; the next one does. */
	job->begun = false;
	return true;
}
