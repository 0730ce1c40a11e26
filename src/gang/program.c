/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing the image, sector by sector. A block whose fate is unknown is never written again: its sector is
 * erased first. */
#include <string.h>

#include "h7gang/base/clock.h"
#include "job.h"

#define REWRITES_MAX 2 /* an attempt; a target that needs more is for the next attempt, or for repair */

static bool failed(struct job *job, enum dfu_result result)
{
	/* What the target itself says about a write has a name of its own. */
	if ((result == DFU_BAD_STATUS || result == DFU_BAD_STATE) && job->error == H7_OK)
		job->error = H7_PROGRAM_FAILED;
	return job_fail_dfu(job, result, "program");
}

/* The unit's own data goes block by block through a buffer, what is shared straight from the image. */
static enum dfu_result write_bytes(struct job *job, uint32_t offset)
{
	const struct unit_image *image = &job->memory->ticket.image;
	struct dfu_session *session = &job->link.session;
	uint32_t length = job->part->sector_bytes;
	uint8_t room[DFU_PIPE_MAX_LENGTH];
	enum dfu_result result = DFU_OK;

	while (length > 0 && result == DFU_OK) {
		uint32_t n = unit_image_shared(image, offset, length, session->block);

		if (n == 0)
			n = length < session->block ? length : session->block;
		result = dfu_write(session, stm32_address(job->part, offset),
		                   unit_image_bytes(image, offset, n, room), n, NULL);
		offset += n;
		length -= n;
	}
	explicit_bzero(room, sizeof(room));
	return result;
}

static bool write_sector(struct job *job, unsigned sector)
{
	uint32_t offset = sector * job->part->sector_bytes;

	for (;;) {
		enum dfu_result result;

		job->memory->in_doubt[sector] = true;
		result = write_bytes(job, offset);
		if (result == DFU_OK)
			return true;
		if (!job_transient(result) || job->profile->erase == PROFILE_ERASE_NONE ||
		    job->rewrites == REWRITES_MAX)
			return failed(job, result);
		job->rewrites++;
		job->erase |= JOB_ERASE_RECOVER;
		job->memory->flash_busy_until =
			clock_after_ms(job->link.limits.write_ms + job->link.limits.transfer_ms);
		if (!job_recover(job, result, "program") || !job_erase_sector(job, sector))
			return false;
	}
}

bool job_program(struct job *job)
{
	unsigned sectors = stm32_part_sectors(job->part);
	unsigned todo = 0, done = 0;
	int64_t start = clock_now();
	bool good = true;

	for (unsigned s = 0; s < sectors; s++)
		todo += job->program_sector[s];
	if (todo == 0)
		return true;
	if (!job_begin(job))
		return false;
	job_phase(job, GANG_PHASE_PROGRAM);
	for (unsigned s = 0; good && s < sectors; s++) {
		if (!job->program_sector[s])
			continue;
		good = write_sector(job, s);
		job_progress(job, ++done, todo);
	}
	job->program_ms = clock_elapsed_ms(start);
	return good;
}
