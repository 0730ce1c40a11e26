/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making flash ready for programming, as the profile asks and as the ROM allows. Nothing a target answers
 * to an erase is believed: what was dirty is read again. */
#include <string.h>

#include "h7gang/base/clock.h"
#include "job.h"
#include "look.h"

static unsigned bank_of(const struct job *job, unsigned sector)
{
	return stm32_bank_of(job->part, sector * job->part->sector_bytes);
}

static uint32_t address_of(const struct job *job, unsigned sector)
{
	return stm32_address(job->part, sector * job->part->sector_bytes);
}

static bool not_blank(struct job *job, enum h7_error error, const struct look *look,
                      unsigned sector, const char *when)
{
	uint32_t offset = 0;

	if (look->state == LOOK_BROKEN)
		return job_fail(job, error, "bank %u sector at 0x%08x cannot be read%s: %s",
		                job_bank_name(job, bank_of(job, sector)), (unsigned)address_of(job, sector), when,
		                look->why);
	if (look->state == LOOK_IN_DOUBT)
		return job_fail(job, error, "bank %u sector at 0x%08x reads as blank, but an earlier attempt was at it",
		                job_bank_name(job, bank_of(job, sector)), (unsigned)address_of(job, sector));
	stm32_offset(job->part, look->at, &offset);
	if (unit_image_secret(&job->memory->ticket.image, offset, 1)) /* an earlier one, maybe */
		return job_fail(job, error, "bank %u at 0x%08x: expected 0xff%s",
		                job_bank_name(job, bank_of(job, sector)), (unsigned)look->at, when);
	return job_fail(job, error, "bank %u at 0x%08x: expected 0xff, read 0x%02x%s",
	                job_bank_name(job, bank_of(job, sector)), (unsigned)look->at, look->found, when);
}

/* The named exception to "drain, recover": dfuDNBUSY outlived the operation's worst case, so the operation
 * is over and only the ROM's state machine hangs (ST community 244731). */
static bool unwedge(struct job *job)
{
	enum dfu_result result;

	if (!job_settle(job))
		return false;
	job->erase |= JOB_ERASE_UNWEDGE;
	result = dfu_unwedge(&job->link.session);
	return result == DFU_OK || job_recover(job, result, "unwedging");
}

/* After the answer to an erase: waits for what may still run. `*odd` becomes true when the answer was not the
 * ordinary one, so that only reading everything proves the erase. */
static bool after_erase(struct job *job, enum dfu_result result, bool early, uint32_t worst_ms,
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
		return job_settle(job);
	}
	if (result == DFU_WEDGED)
		return unwedge(job);
	if (!job_transient(result))
		return job_fail_dfu(job, result, "erase");
	job->erase |= JOB_ERASE_RECOVER;
	return job_recover(job, result, "erase");
}

/* One erase of a sector, asked twice only if the first one was disturbed. `dirty_at`: a place known to have
 * been dirty, reading which is proof enough after an ordinary answer. */
static bool erase_and_prove(struct job *job, unsigned sector, bool known, uint32_t dirty_at)
{
	enum stm32_sector_erase way = job->rom->sector[bank_of(job, sector)];
	bool early = way == STM32_ERASE_RETURNS_EARLY || way == STM32_ERASE_CAREFUL;
	uint32_t address = address_of(job, sector);
	struct look look = {0};
	bool odd = true;

	job->memory->in_doubt[sector] = true;
	for (int i = 0; i < 2 && odd && look.state != LOOK_BLANK; i++) {
		enum dfu_result result;

		/* Set before the command goes out: whatever becomes of it, nothing touches flash while it
		 * may run. */
		job->memory->flash_busy_until = clock_after_ms(STM32_SECTOR_WORST_MS);
		result = dfu_erase_sector(&job->link.session, address);
		if (!after_erase(job, result, early, STM32_SECTOR_WORST_MS, &odd))
			return false;
		if (known && !odd) {
			uint32_t word = dirty_at - dirty_at % job->part->flash_word;

			if (!look_blank(job, word, job->part->flash_word, &look))
				return false;
		} else if (!look_blank(job, address, job->part->sector_bytes, &look)) {
			return false;
		}
	}
	if (look.state != LOOK_BLANK)
		return not_blank(job, H7_ERASE_FAILED, &look, sector, " after erasing");
	job->memory->in_doubt[sector] = false;
	return true;
}

bool job_erase_sector(struct job *job, unsigned sector)
{
	return erase_and_prove(job, sector, false, 0);
}

static bool must_be_erased(const struct look *look)
{
	return look->state == LOOK_DIRTY || look->state == LOOK_BROKEN || look->state == LOOK_IN_DOUBT;
}

/* Before an erase: what a sector holds, and what earlier attempts of the unit left of it. */
static bool survey_sector(struct job *job, unsigned sector, bool same_too, struct look *look)
{
	if (!look_at(job, sector, same_too, look))
		return false;
	if (look->state == LOOK_BLANK && job->memory->in_doubt[sector])
		look->state = LOOK_IN_DOUBT;
	return true;
}

static bool erase_looked(struct job *job, const struct look *looks)
{
	unsigned sectors = stm32_part_sectors(job->part);
	unsigned todo = 0, done = 0;

	for (unsigned s = 0; s < sectors; s++)
		todo += must_be_erased(&looks[s]);
	for (unsigned s = 0; s < sectors; s++) {
		const struct look *look = &looks[s];

		if (!must_be_erased(look))
			continue;
		if (look->state == LOOK_BROKEN)
			job->erase |= JOB_ERASE_RECOVER;
		if (!erase_and_prove(job, s, look->state == LOOK_DIRTY, look->at))
			return false;
		job_progress(job, ++done, todo);
	}
	return true;
}

static bool mass_erase(struct job *job)
{
	enum dfu_result result;
	bool odd;

	memset(job->memory->in_doubt, true, sizeof(job->memory->in_doubt));
	job->memory->flash_busy_until = clock_after_ms(STM32_MASS_WORST_MS);
	result = dfu_mass_erase(&job->link.session);
	if (result != DFU_OK && result != DFU_WEDGED)
		job->memory->mass_failed = true;
	return after_erase(job, result, job->rom->mass == STM32_MASS_RETURNS_EARLY,
	                   STM32_MASS_WORST_MS, &odd);
}

/* Reads what a mass erase must have made blank: where dirt was seen that block, whole sectors that could
 * not be read, and the first block of those not looked at. `*blank` is the answer. */
static bool prove_mass(struct job *job, const struct look *looks, bool *blank)
{
	*blank = true;
	for (unsigned s = 0; s < stm32_part_sectors(job->part) && *blank; s++) {
		uint32_t address = address_of(job, s);
		size_t length = job->link.session.block;
		struct look look;

		if (looks[s].state == LOOK_BLANK)
			continue;
		if (looks[s].state == LOOK_DIRTY) {
			address = looks[s].at - looks[s].at % job->part->flash_word;
			length = job->part->flash_word;
		} else if (looks[s].state == LOOK_BROKEN || looks[s].state == LOOK_IN_DOUBT) {
			length = job->part->sector_bytes;
		}
		if (!look_blank(job, address, length, &look))
			return false;
		*blank = look.state == LOOK_BLANK;
	}
	return true;
}

/* Looks at every sector until it is clear how to erase. `*mass`: by a mass erase. */
static bool survey(struct job *job, bool mass_allowed, struct look *looks, bool *dirty, bool *mass)
{
	unsigned sectors = stm32_part_sectors(job->part);
	uint64_t cost = 0;

	*dirty = *mass = false;
	for (unsigned s = 0; s < sectors; s++) {
		if (!survey_sector(job, s, false, &looks[s]))
			return false;
		job_progress(job, s + 1, sectors);
		if (looks[s].state == LOOK_BLANK)
			continue;
		*dirty = true;
		if (looks[s].state == LOOK_BROKEN)
			job->erase |= JOB_ERASE_RECOVER;
		cost += stm32_sector_erase_cost_ms(job->rom, bank_of(job, s));
		if (mass_allowed && cost > stm32_mass_erase_cost_ms(job->rom)) {
			*mass = true;
			return true;
		}
	}
	return true;
}

/* A mass erase chosen because it is cheaper. Where it did not do what it promised, sectors are erased. */
static bool mass_or_sectors(struct job *job, struct look *looks)
{
	bool blank, dirty, mass;

	if (!mass_erase(job) || !prove_mass(job, looks, &blank))
		return false;
	if (blank) {
		memset(job->memory->in_doubt, false, sizeof(job->memory->in_doubt));
		job->erase |= JOB_ERASE_MASS;
		return true;
	}
	job->memory->mass_failed = true;
	job_note(job, "mass erase left flash dirty, sectors were erased");
	job->erase |= JOB_ERASE_SECTORS;
	return survey(job, false, looks, &dirty, &mass) && erase_looked(job, looks);
}

static bool erase_auto(struct job *job)
{
	struct look looks[STM32_SECTORS_MAX] = {0};
	int64_t start = clock_now();
	bool allowed = job->rom->mass != STM32_MASS_UNTRUSTED && !job->memory->mass_failed;
	bool dirty, mass, good;

	job_phase(job, GANG_PHASE_BLANK);
	good = survey(job, allowed, looks, &dirty, &mass);
	job->blank_ms = clock_elapsed_ms(start);
	if (!good)
		return false;
	if (!dirty) {
		job->erase |= JOB_ERASE_BLANK;
		return true;
	}
	if (!job_begin(job))
		return false;
	job_phase(job, GANG_PHASE_ERASE);
	start = clock_now();
	if (mass) {
		good = mass_or_sectors(job, looks);
	} else {
		job->erase |= JOB_ERASE_SECTORS;
		good = erase_looked(job, looks);
	}
	job->erase_ms = clock_elapsed_ms(start);
	return good;
}

static bool erase_mass(struct job *job)
{
	int64_t start = clock_now();
	bool good;

	if (job->rom->mass == STM32_MASS_UNTRUSTED)
		return job_fail(job, H7_ERASE_FAILED, "bootloader %s: its mass erase cannot be trusted",
		                job->rom->version[0] ? job->rom->version : "unknown");
	if (!job_begin(job))
		return false;
	job_phase(job, GANG_PHASE_ERASE);
	job->erase |= JOB_ERASE_MASS;
	good = mass_erase(job);
	for (unsigned s = 0; good && s < stm32_part_sectors(job->part); s++) {
		struct look look;

		good = look_at(job, s, false, &look);
		if (good && look.state != LOOK_BLANK)
			good = not_blank(job, H7_ERASE_FAILED, &look, s, " after a mass erase");
		if (good)
			job->memory->in_doubt[s] = false;
		job_progress(job, s + 1, stm32_part_sectors(job->part));
	}
	job->erase_ms = clock_elapsed_ms(start);
	return good;
}

static bool look_at_touched(struct job *job, bool same_too, struct look *looks)
{
	int64_t start = clock_now();
	unsigned sectors = stm32_part_sectors(job->part);
	bool good = true;

	job_phase(job, GANG_PHASE_BLANK);
	for (unsigned s = 0; good && s < sectors; s++) {
		if (job->profile->flash.touched[s])
			good = survey_sector(job, s, same_too, &looks[s]);
		job_progress(job, s + 1, sectors);
	}
	job->blank_ms = clock_elapsed_ms(start);
	return good;
}

static bool erase_touched(struct job *job)
{
	struct look looks[STM32_SECTORS_MAX] = {0};
	bool dirty = false, blank = false, good;
	int64_t start;

	if (!look_at_touched(job, true, looks))
		return false;
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++) {
		dirty = dirty || must_be_erased(&looks[s]);
		blank = blank || looks[s].state == LOOK_BLANK;
		if (looks[s].state == LOOK_SAME)
			job->program_sector[s] = false;
	}
	if (!dirty) {
		job->erase |= blank ? JOB_ERASE_BLANK : JOB_ERASE_SAME;
		return true;
	}
	if (!job_begin(job))
		return false;
	job_phase(job, GANG_PHASE_ERASE);
	start = clock_now();
	job->erase |= JOB_ERASE_SECTORS;
	good = erase_looked(job, looks);
	job->erase_ms = clock_elapsed_ms(start);
	return good;
}

static bool erase_none(struct job *job)
{
	struct look looks[STM32_SECTORS_MAX] = {0};

	job->erase |= JOB_ERASE_NONE;
	if (!look_at_touched(job, false, looks))
		return false;
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++) {
		if (must_be_erased(&looks[s]))
			return not_blank(job, H7_NOT_BLANK, &looks[s], s, "");
	}
	return true;
}

bool job_erase(struct job *job)
{
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++)
		job->program_sector[s] = job->profile->flash.touched[s];
	switch (job->profile->erase) {
	case PROFILE_ERASE_TOUCHED:
		return erase_touched(job);
	case PROFILE_ERASE_MASS:
		return erase_mass(job);
	case PROFILE_ERASE_NONE:
		return erase_none(job);
	case PROFILE_ERASE_AUTO:
		break;
	}
	return erase_auto(job);
}
