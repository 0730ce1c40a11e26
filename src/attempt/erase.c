/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan of erasing and programming, as the profile asks and as the ROM allows. A mass erase runs
 * here; single sectors are left to the program step, which erases one while the wire serves others.
 * The answer to an erase proves nothing: sectors that were dirty are read again. */
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/attempt/job.h"
#include "look.h"
#include "protection.h"
#include "sector.h"
#include "steps.h"
#include "turn.h"

static bool must_be_erased(const struct look *look)
{
	return look->state == LOOK_DIRTY || look->state == LOOK_BROKEN ||
	       look->state == LOOK_IN_DOUBT;
}

/* Before an erase: the contents of a sector, and doubts from earlier attempts of the unit. */
static bool survey_sector(struct job *job, unsigned sector, bool same_too, struct look *look)
{
	if (!look_at(job, sector, same_too, look))
		return false;
	if (look->state == LOOK_BLANK && job->memory->in_doubt[sector])
		look->state = LOOK_IN_DOUBT;
	return true;
}

/* Leaves the erase of sectors to the program step. */
static void plan_erase(struct job *job, const struct look *looks)
{
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++) {
		struct job_sector *sector = &job->sector[s];

		sector->erase = must_be_erased(&looks[s]);
		sector->broken = looks[s].state == LOOK_BROKEN;
		sector->dirty = looks[s].state == LOOK_DIRTY;
		sector->at = looks[s].at;
	}
	job->erase |= JOB_ERASE_SECTORS;
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
	return sector_after_erase(job, result, job->rom->mass == STM32_MASS_RETURNS_EARLY,
				  STM32_MASS_WORST_MS, &odd);
}

/* Reads back after a mass erase: sectors that could not be read, or that no read-back covers, as a
 * whole; else the block where dirt was seen, or the first block of a sector not looked at. `*blank`
 * is the answer. */
static bool prove_mass(struct job *job, const struct look *looks, bool *blank)
{
	*blank = true;
	for (unsigned s = 0; s < stm32_part_sectors(job->part) && *blank; s++) {
		uint32_t address = sector_address(job, s);
		size_t length = job->link.session.block;
		struct look look;

		if (looks[s].state == LOOK_BLANK)
			continue;
		if (!sector_is_verified(job, s) || looks[s].state == LOOK_BROKEN ||
		    looks[s].state == LOOK_IN_DOUBT) {
			length = job->part->sector_bytes;
		} else if (looks[s].state == LOOK_DIRTY) {
			address = looks[s].at - looks[s].at % job->part->flash_word;
			length = job->part->flash_word;
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
		cost += stm32_sector_erase_cost_ms(job->rom, sector_bank(job, s));
		if (mass_allowed && cost > stm32_mass_erase_cost_ms(job->rom)) {
			*mass = turn_may_idle(job);
			if (*mass)
				return true;
			mass_allowed = false;
		}
	}
	return true;
}

/* A mass erase chosen because it is cheaper. If the mass erase left something, sectors are erased.
 */
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
	if (!survey(job, false, looks, &dirty, &mass))
		return false;
	plan_erase(job, looks);
	return true;
}

/* Sectors to be erased or written must not be protected. */
static bool open_looked(struct job *job, const struct look *looks)
{
	bool needed[STM32_SECTORS_MAX] = {false};

	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++)
		needed[s] = must_be_erased(&looks[s]) || job->sector[s].program;
	return protection_open(job, needed);
}

static bool erase_auto(struct job *job)
{
	struct look looks[STM32_SECTORS_MAX] = {0};
	struct turn_mark start = turn_mark(job);
	bool allowed = job->rom->mass != STM32_MASS_UNTRUSTED && !job->memory->mass_failed &&
		       protection_allows_mass(job);
	bool dirty, mass, good;

	job_enter_phase(job, JOB_PHASE_BLANK);
	good = survey(job, allowed, looks, &dirty, &mass);
	turn_leave(job);
	job->blank_ms = turn_worked_ms(job, &start);
	if (!good || !open_looked(job, looks))
		return false;
	if (!dirty) {
		job->erase |= JOB_ERASE_BLANK;
		return true;
	}
	if (!mass) {
		plan_erase(job, looks);
		return true;
	}
	if (!job_begin(job))
		return false;
	job_enter_phase(job, JOB_PHASE_ERASE);
	start = turn_mark(job);
	good = mass_or_sectors(job, looks);
	job->erase_ms = turn_worked_ms(job, &start);
	return good;
}

static bool erase_mass(struct job *job)
{
	bool all[STM32_SECTORS_MAX];
	struct turn_mark start = turn_mark(job);
	bool good;

	if (job->rom->mass == STM32_MASS_UNTRUSTED)
		return job_fail(job, H7_ERASE_FAILED,
				"bootloader %s: its mass erase cannot be trusted",
				job->rom->version[0] ? job->rom->version : "unknown");
	memset(all, true, sizeof(all));
	if (!protection_open(job, all) || !job_begin(job))
		return false;
	job_enter_phase(job, JOB_PHASE_ERASE);
	job->erase |= JOB_ERASE_MASS;
	good = mass_erase(job);
	for (unsigned s = 0; good && s < stm32_part_sectors(job->part); s++) {
		struct look look;

		good = look_at(job, s, false, &look);
		if (good && look.state != LOOK_BLANK)
			good = sector_not_blank(job, H7_ERASE_FAILED, &look, s,
						" after a mass erase");
		if (good)
			job->memory->in_doubt[s] = false;
		job_progress(job, s + 1, stm32_part_sectors(job->part));
	}
	job->erase_ms = turn_worked_ms(job, &start);
	return good;
}

static bool look_at_touched(struct job *job, bool same_too, struct look *looks)
{
	struct turn_mark start = turn_mark(job);
	unsigned sectors = stm32_part_sectors(job->part);
	bool good = true;

	job_enter_phase(job, JOB_PHASE_BLANK);
	for (unsigned s = 0; good && s < sectors; s++) {
		if (job->profile->flash.touched[s])
			good = survey_sector(job, s, same_too, &looks[s]);
		job_progress(job, s + 1, sectors);
	}
	turn_leave(job);
	job->blank_ms = turn_worked_ms(job, &start);
	return good;
}

static bool erase_touched(struct job *job)
{
	struct look looks[STM32_SECTORS_MAX] = {0};
	bool dirty = false, blank = false;

	if (!look_at_touched(job, true, looks))
		return false;
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++) {
		dirty = dirty || must_be_erased(&looks[s]);
		blank = blank || looks[s].state == LOOK_BLANK;
		if (looks[s].state == LOOK_SAME)
			job->sector[s].program = false;
	}
	if (!open_looked(job, looks))
		return false;
	if (!dirty) {
		job->erase |= blank ? JOB_ERASE_BLANK : JOB_ERASE_SAME;
		return true;
	}
	plan_erase(job, looks);
	return true;
}

static bool erase_none(struct job *job)
{
	struct look looks[STM32_SECTORS_MAX] = {0};

	job->erase |= JOB_ERASE_NONE;
	if (!look_at_touched(job, false, looks))
		return false;
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++) {
		if (must_be_erased(&looks[s]))
			return sector_not_blank(job, H7_NOT_BLANK, &looks[s], s, "");
	}
	return protection_open(job, job->profile->flash.touched);
}

static bool erase_by_profile(struct job *job)
{
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

bool step_erase(struct job *job)
{
	for (unsigned s = 0; s < stm32_part_sectors(job->part); s++)
		job->sector[s] = (struct job_sector){.program = job->profile->flash.touched[s]};
	if (!protection_look(job) || !erase_by_profile(job))
		return false;
	turn_leave(job);
	job->surveyed = true;
	return true;
}
