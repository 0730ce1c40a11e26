/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sector.h"

#include "h7gang/base/clock.h"
#include "result.h"
#include "recovery.h"

unsigned sector_bank(const struct job *job, unsigned sector)
{
	return stm32_bank_of(job->part, sector * job->part->sector_bytes);
}

uint32_t sector_address(const struct job *job, unsigned sector)
{
	return stm32_address(job->part, sector * job->part->sector_bytes);
}

bool sector_not_blank(struct job *job, enum h7_error error, const struct look *look,
		      unsigned sector, const char *when)
{
	uint32_t offset = 0;

	if (look->state == LOOK_BROKEN)
		return job_fail(job, error, "bank %u sector at 0x%08x cannot be read%s: %s",
				job_bank_name(job, sector_bank(job, sector)),
				(unsigned)sector_address(job, sector), when, look->why);
	if (look->state == LOOK_IN_DOUBT)
		return job_fail(
			job, error,
			"bank %u sector at 0x%08x reads as blank, but an earlier attempt was at it",
			job_bank_name(job, sector_bank(job, sector)),
			(unsigned)sector_address(job, sector));
	stm32_offset(job->part, look->at, &offset);
	/* A byte at the place of a secret may belong to an earlier one: it is not shown. */
	if (unit_image_secret(job->memory->image, offset, 1))
		return job_fail(job, error, "bank %u at 0x%08x: expected 0xff%s",
				job_bank_name(job, sector_bank(job, sector)), (unsigned)look->at,
				when);
	return job_fail(job, error, "bank %u at 0x%08x: expected 0xff, read 0x%02x%s",
			job_bank_name(job, sector_bank(job, sector)), (unsigned)look->at,
			look->found, when);
}

/* The named exception to "drain, recover": dfuDNBUSY outlived the operation's worst case, so the
 * operation is over and only the ROM's state machine hangs (ST community 244731). */
static bool unwedge(struct job *job)
{
	enum dfu_result result;

	if (!recovery_settle(job))
		return false;
	job->erase |= JOB_ERASE_UNWEDGE;
	result = dfu_unwedge(&job->link.session);
	return result == DFU_OK || recovery_recover(job, result, "unwedging");
}

/* After the answer to an erase: waits while it may still run. `*odd` becomes true when the answer
 * was not the ordinary one, so that only reading everything proves the erase. */
bool sector_after_erase(struct job *job, enum dfu_result result, bool early, uint32_t worst_ms,
			bool *odd)
{
	*odd = result != DFU_OK;
	if (result == DFU_OK && !early) {
		job->memory->flash_busy_until = 0;
		return true;
	}
	if (result == DFU_OK) {
		job->memory->flash_busy_until = clock_after_ms(worst_ms);
		job->erase |= JOB_ERASE_SETTLE;
		return recovery_settle(job);
	}
	if (result == DFU_WEDGED)
		return unwedge(job);
	if (!result_is_transient(result))
		return job_fail_dfu(job, result, "erase");
	job->erase |= JOB_ERASE_RECOVER;
	return recovery_recover(job, result, "erase");
}

bool sector_is_verified(const struct job *job, unsigned sector)
{
	return job->profile->verify == PROFILE_VERIFY_FULL || job->profile->flash.touched[sector];
}

enum stm32_sector_erase sector_way(const struct job *job, unsigned sector)
{
	const enum stm32_sector_erase *way = job->rom->sector;

	if (!job->swapped || job->part->banks != 2 || way[0] == way[1])
		return way[sector_bank(job, sector)];
	if (way[0] == STM32_ERASE_NORMAL || way[1] == STM32_ERASE_NORMAL)
		return way[0] == STM32_ERASE_NORMAL ? way[1] : way[0];
	return STM32_ERASE_CAREFUL;
}

/* One erase of a sector, asked twice only if the first one was disturbed. `dirty_at`: a place known
 * to have been dirty, reading which is proof enough after an ordinary answer, if the read-back
 * covers the sector. */
bool sector_erase(struct job *job, unsigned sector, bool known, uint32_t dirty_at)
{
	enum stm32_sector_erase way = sector_way(job, sector);
	bool early = way == STM32_ERASE_RETURNS_EARLY || way == STM32_ERASE_CAREFUL;
	uint32_t address = sector_address(job, sector);
	struct look look = {0};
	bool odd = true;

	job->memory->in_doubt[sector] = true;
	for (int i = 0; i < 2 && odd && look.state != LOOK_BLANK; i++) {
		enum dfu_result result;

		/* Set before the command goes out: even if it fails, nothing touches flash while it
		 * may run. */
		job->memory->flash_busy_until = clock_after_ms(STM32_SECTOR_WORST_MS);
		result = dfu_erase_sector(&job->link.session, address, way == STM32_ERASE_WEDGES);
		if (!sector_after_erase(job, result, early, STM32_SECTOR_WORST_MS, &odd))
			return false;
		if (known && !odd && sector_is_verified(job, sector)) {
			uint32_t word = dirty_at - dirty_at % job->part->flash_word;

			if (!look_blank(job, word, job->part->flash_word, &look))
				return false;
		} else if (!look_blank(job, address, job->part->sector_bytes, &look)) {
			return false;
		}
	}
	if (look.state != LOOK_BLANK)
		return sector_not_blank(job, H7_ERASE_FAILED, &look, sector, " after erasing");
	job->memory->in_doubt[sector] = false;
	return true;
}
