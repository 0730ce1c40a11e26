/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option_far.h"
#include "protection.h"

#include <string.h>

#include "h7gang/attempt/same_board.h"
#include "option_bytes.h"
#include "option_write.h"
#include "probe.h"

/* Sectors of the option bytes go by their physical number. */
static unsigned physical(const struct job *job, unsigned sector)
{
	unsigned half = job->part->bank[0].sectors;

	if (!job->swapped || job->part->banks != 2)
		return sector;
	return sector < half ? sector + half : sector - half;
}

static void note_guarded(struct job *job, const struct stm32_option_block *block)
{
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++)
		job->guarded[s] = stm32_wrp_get(job->part, block, physical(job, s));
}

/* Bank 2's registers may lie beyond those that the board announces. ST's own tool reads that
 * far. */
static bool look_far(struct job *job, struct stm32_option_block *block)
{
	struct stm32_option_block far;
	unsigned alt;
	enum dfu_result result = probe_option_bytes(&job->link, true, &far, &alt);

	if (result != DFU_OK)
		return job_fail_dfu(job, result, "option bytes");
	if (!same_board_confirm(job))
		return false;
	if (stm32_wrp_known(&far, 1))
		*block = far;
	return true;
}

bool protection_look(struct job *job)
{
	struct stm32_option_block block = job->option;

	if (job->part->banks == 2 && block.length && !stm32_wrp_known(&block, 1) &&
	    !option_far(job->profile) && !look_far(job, &block))
		return false;
	note_guarded(job, &block);
	return true;
}

static bool any(const struct job *job, const bool *set)
{
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++) {
		if (set[s])
			return true;
	}
	return false;
}

bool protection_allows_mass(const struct job *job)
{
	return !any(job, job->guarded) && !stm32_watchdog_runs(&job->option);
}

static bool refuse(struct job *job, const bool *closed)
{
	char text[160];

	stm32_sectors_text(closed, stm32_part_sectors(job->part), text, sizeof(text));
	return job_fail(job, H7_WRITE_PROTECTED,
			"the option bytes protect %s against erasing and writing; nothing was "
			"erased",
			text);
}

static bool clear(struct job *job, const bool *closed)
{
	unsigned sectors = stm32_part_sectors(job->part);
	struct stm32_option_block block;
	char text[160];
	unsigned alt;

	if (!option_write_read(job, job->option, &block, &alt))
		return false;
	for (unsigned s = 0; s < sectors; s++) {
		if (closed[s])
			stm32_wrp_clear(job->part, &block, physical(job, s));
	}
	if (!option_write(job, &block, alt) || !same_board_confirm(job) ||
	    !option_write_read_back(job, &block))
		return false;
	stm32_sectors_text(closed, sectors, text, sizeof(text));
	note_guarded(job, &block);
	for (unsigned s = 0; s < sectors; s++) {
		if (closed[s] && job->guarded[s])
			return job_fail(
				job, H7_OPTION_BYTES,
				"sector %u is still write-protected after the protection of "
				"%s was taken off",
				s, text);
	}
	job_note(job, "the write protection of %s was taken off", text);
	return option_bytes_expect_wrp(job, &block);
}

bool protection_open(struct job *job, const bool needed[STM32_SECTORS_MAX])
{
	bool closed[STM32_SECTORS_MAX] = {false};
	unsigned banks = job->part->banks;

	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++)
		closed[s] = needed[s] && job->guarded[s];
	if (!job->profile->options.unprotect_wrp)
		return !any(job, closed) || refuse(job, closed);
	for (unsigned b = 0; b < banks; b++) {
		if (stm32_wrp_known(&job->option, b))
			continue;
		job->unmendable = true;
		return job_fail(job, H7_OPTION_BYTES,
				"the write protection of bank %u cannot be read, so none is taken "
				"off",
				b + 1);
	}
	return any(job, closed) ? clear(job, closed) : option_bytes_expect_wrp(job, &job->option);
}
