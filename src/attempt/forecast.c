/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/attempt/forecast.h"

#include <math.h>

#include "h7gang/usb/wire.h"

#define BLOCK 1024u     /* wTransferSize of ST's bootloaders */
#define STATUS_BYTES 6u /* DFU 1.1 6.1.2 */
#define WORD_MS 0.1     /* DS12110, typical at x64 */
/* How much longer a transfer takes alone than its packets: 1.5 ms a block between the bound of
 * 0.84 ms and the 4 to 5 ms that ST's tool logged (bench). */
#define GAPS 1.75

static double wire_ms(uint32_t bytes)
{
	return (double)usb_wire_ns(bytes) / 1e6;
}

static struct forecast_step read_step(double bytes)
{
	double wire = bytes / BLOCK * wire_ms(BLOCK);

	return (struct forecast_step){.alone = wire * GAPS, .wire = wire};
}

struct forecast_step forecast_program(const struct stm32_part *part, double bytes)
{
	double blocks = bytes / BLOCK;
	double wire = blocks * (wire_ms(BLOCK) + 2 * wire_ms(STATUS_BYTES));

	return (struct forecast_step){
		.alone = wire * GAPS + blocks * (BLOCK / part->flash_word) * WORD_MS, .wire = wire};
}

/* Bytes of the sectors that the image touches. */
static double touched_bytes(const struct profile *profile)
{
	double bytes = 0;

	for (unsigned s = 0; s < stm32_part_sectors(profile->part); s++)
		bytes += profile->flash.touched[s] ? profile->part->sector_bytes : 0;
	return bytes;
}

static double sectors_ms(const struct profile *profile, const struct stm32_rom *rom)
{
	bool all = profile->erase == PROFILE_ERASE_AUTO;
	double ms = 0;

	for (unsigned s = 0; s < stm32_part_sectors(profile->part); s++) {
		unsigned bank = stm32_bank_of(profile->part, s * profile->part->sector_bytes);

		if (all || profile->flash.touched[s])
			ms += stm32_sector_erase_cost_ms(rom, bank);
	}
	return ms;
}

void forecast_board(struct forecast *forecast, const struct profile *profile,
		    const struct stm32_rom *rom, bool dirty)
{
	double all = stm32_part_bytes(profile->part), touched = touched_bytes(profile);
	bool mass = rom->mass != STM32_MASS_UNTRUSTED &&
		    (profile->erase == PROFILE_ERASE_AUTO || profile->erase == PROFILE_ERASE_MASS);

	*forecast = (struct forecast){.mass_ms = -1};
	/* A dirty sector shows in its first block. */
	if (!dirty && profile->erase != PROFILE_ERASE_MASS)
		forecast->blank = read_step(profile->erase == PROFILE_ERASE_AUTO ? all : touched);
	if (dirty || profile->erase == PROFILE_ERASE_MASS) {
		forecast->sectors_ms = sectors_ms(profile, rom);
		if (mass)
			forecast->mass_ms = stm32_mass_erase_cost_ms(rom);
	}
	forecast->program = forecast_program(profile->part, profile->flash.used);
	forecast->read = read_step(profile->verify == PROFILE_VERIFY_FULL ? all : touched);
}

/* --- boards that share wires --- */

enum stage { BLANK, ERASE, PROGRAM, READ, DONE };

/* Boards that do the same at the same time. */
struct group {
	unsigned boards;
	enum stage stage;
	struct forecast_step step[DONE];
	double left; /* of the stage, alone */
};

static void next_stage(struct group *group, enum stage stage)
{
	while (stage < DONE && group->step[stage].alone <= 0)
		stage++;
	group->stage = stage;
	group->left = stage < DONE ? group->step[stage].alone : 0;
}

static void begin(struct group *group, const struct forecast *forecast, unsigned boards, bool mass)
{
	*group = (struct group){.boards = boards};
	group->step[BLANK] = forecast->blank;
	group->step[PROGRAM] = forecast->program;
	group->step[READ] = forecast->read;
	if (mass)
		group->step[ERASE].alone = forecast->mass_ms;
	else /* one sector is programmed after the other is erased */
		group->step[PROGRAM].alone += forecast->sectors_ms;
	next_stage(group, boards ? BLANK : DONE);
}

static double demand(const struct group *group)
{
	if (group->stage == DONE)
		return 0;
	return group->boards * group->step[group->stage].wire / group->step[group->stage].alone;
}

/* How fast it goes: boards that only read back take the rest of the wire. */
static double rate(const struct group *group, const struct group *other, double wires)
{
	double own = demand(group), theirs = demand(other);

	if (own <= 0)
		return 1;
	if (group->stage == READ && other->stage != READ)
		return fmin(1, fmax(0, wires - fmin(theirs, wires)) / own);
	if (group->stage != READ && other->stage == READ)
		theirs = 0;
	return fmin(1, wires / (own + theirs));
}

double forecast_ms(const struct forecast *forecast, unsigned boards, double wires, unsigned mass)
{
	struct group group[2];
	double now = 0;

	begin(&group[0], forecast, mass, true);
	begin(&group[1], forecast, boards - mass, false);
	while (group[0].stage < DONE || group[1].stage < DONE) {
		double rates[2], step = INFINITY;

		for (unsigned i = 0; i < 2; i++) {
			rates[i] = rate(&group[i], &group[1 - i], wires);
			if (group[i].stage < DONE && rates[i] > 0)
				step = fmin(step, group[i].left / rates[i]);
		}
		now += step;
		for (unsigned i = 0; i < 2; i++) {
			if (group[i].stage == DONE)
				continue;
			group[i].left -= step * rates[i];
			if (group[i].left < 1e-6)
				next_stage(&group[i], group[i].stage + 1);
		}
	}
	return now;
}

unsigned forecast_mass(const struct forecast *forecast, unsigned boards, double wires)
{
	unsigned best = 0;
	double least = INFINITY;

	if (forecast->mass_ms < 0)
		return 0;
	for (unsigned mass = 0; mass <= boards; mass++) {
		double ms = forecast_ms(forecast, boards, wires, mass);

		if (ms <= least) {
			least = ms;
			best = mass;
		}
	}
	return best;
}
