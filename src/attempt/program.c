/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Erases and writes a range of flash at a time: while one board erases, the wire that it shares
 * serves others. A block whose fate is unknown is never written again: its sector is erased first.
 * No read falls between two writes of a board without the write to RAM that absorbs its effect
 * (first_write.c). */
#include <string.h>

#include "first_write.h"
#include "h7gang/base/clock.h"
#include "result.h"
#include "recovery.h"
#include "sector.h"
#include "steps.h"
#include "turn.h"

#define REWRITES_MAX                                                                               \
	2 /* an attempt; a target that needs more is for the next attempt, or for repair */

static bool failed(struct job *job, enum dfu_result result)
{
	/* A status that the target itself reports about a write has its own error name. */
	if ((result == DFU_BAD_STATUS || result == DFU_BAD_STATE) && job->error == H7_OK)
		job->error = H7_PROGRAM_FAILED;
	return job_fail_dfu(job, result, "program");
}

/* The unit's own data goes block by block through a buffer, shared bytes straight from the
 * image. */
static enum dfu_result write_bytes(struct job *job, uint32_t offset)
{
	const struct unit_image *image = job->memory->image;
	struct dfu_session *session = &job->link.session;
	uint32_t length = job->part->sector_bytes;
	uint8_t room[DFU_PIPE_MAX_LENGTH];
	enum dfu_result result = DFU_OK;

	while (length > 0 && result == DFU_OK) {
		uint32_t n = unit_image_shared(image, offset, length, session->block);

		if (n == 0) {
			n = length < session->block ? length : session->block;
			job->memory->own_sent = true;
		}
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
		if (!result_is_transient(result) || job->profile->erase == PROFILE_ERASE_NONE ||
		    job->rewrites == REWRITES_MAX)
			return failed(job, result);
		job->rewrites++;
		job->erase |= JOB_ERASE_RECOVER;
		job->memory->flash_busy_until =
			clock_after_ms(job->link.limits.write_ms + job->link.limits.transfer_ms);
		if (!recovery_recover(job, result, "program") ||
		    !sector_erase(job, sector, false, 0) || !first_write_to_ram(job))
			return false;
	}
}

/* --- the order --- */

#define STRETCH (128u << 10) /* bytes that are erased, then programmed in one turn on the wire */

struct work {
	unsigned sectors;
	unsigned todo, done;
	bool erasing, programming; /* the phases that were entered */
	bool read;                 /* flash was read since the last write */
};

static bool erase_range(struct job *job, struct work *work, unsigned from, unsigned to)
{
	struct turn_mark start = turn_mark(job);
	bool good = true;

	for (unsigned s = from; good && s < to; s++) {
		struct job_sector *sector = &job->sector[s];

		if (!sector->erase)
			continue;
		if (!work->erasing && !work->programming)
			job_enter_phase(job, JOB_PHASE_ERASE);
		work->erasing = true;
		if (sector->broken)
			job->erase |= JOB_ERASE_RECOVER;
		work->read = true; /* its proof is a read */
		good = sector_erase(job, s, sector->dirty, sector->at);
		sector->erase = false;
		job_progress(job, ++work->done, work->todo);
	}
	if (work->erasing)
		job->erase_ms = (job->erase_ms == AUDIT_NONE ? 0 : job->erase_ms) +
				turn_worked_ms(job, &start);
	return good;
}

static bool write_range(struct job *job, struct work *work, unsigned from, unsigned to)
{
	bool good = true;

	for (unsigned s = from; good && s < to; s++) {
		if (!job->sector[s].program)
			continue;
		good = write_sector(job, s);
		job->sector[s].program = false;
		job_progress(job, ++work->done, work->todo);
	}
	return good;
}

static bool wants_program(const struct job *job, unsigned from, unsigned to)
{
	for (unsigned s = from; s < to; s++)
		if (job->sector[s].program)
			return true;
	return false;
}

static bool program_range(struct job *job, struct work *work, unsigned from, unsigned to)
{
	struct turn_mark start = turn_mark(job);
	bool good = true;

	if (!wants_program(job, from, to))
		return true;
	if (!work->programming)
		job_enter_phase(job, JOB_PHASE_PROGRAM);
	work->programming = true;
	turn_begin(job, USB_WRITING);
	if (work->read)
		good = first_write_to_ram(job);
	work->read = false;
	good = good && write_range(job, work, from, to);
	turn_end(job, USB_WRITING);
	job->program_ms =
		(job->program_ms == AUDIT_NONE ? 0 : job->program_ms) + turn_worked_ms(job, &start);
	return good;
}

/* One stretch after the other; where RAM cannot be written, no read may fall between two writes, so
 * that everything is erased first. */
static bool work_through(struct job *job, struct work *work)
{
	unsigned step = STRETCH / job->part->sector_bytes;
	bool good = true;

	for (unsigned s = 0; good && s < work->sectors; s += step) {
		unsigned end = s + step < work->sectors ? s + step : work->sectors;

		good = erase_range(job, work, s, job->ram_refused ? work->sectors : end) &&
		       program_range(job, work, s, end);
	}
	return good;
}

bool step_program(struct job *job)
{
	struct work work = {.sectors = stm32_part_sectors(job->part), .read = true};
	bool erases = false;

	for (unsigned s = 0; s < work.sectors; s++) {
		erases = erases || job->sector[s].erase;
		work.todo += job->sector[s].erase + job->sector[s].program;
	}
	if (work.todo == 0)
		return true;
	if (!job_begin(job))
		return false;
	/* Whether RAM can be written decides the order. */
	if (erases && wants_program(job, 0, work.sectors) && !first_write_to_ram(job))
		return false;
	return work_through(job, &work);
}
