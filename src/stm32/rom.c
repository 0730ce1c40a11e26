/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/stm32/rom.h"

#include <stddef.h>
#include <string.h>

/* AN2606 r70 names versions V<major>.<minor>; the ID byte is those two as hex digits (AN2606 4.2).
 * To add a bootloader version, add a row; if it announces something of its own, it is
 * STM32_LAYOUT_WRONG_SIZE and has a row in listing.c, too. `stack_margin` is AN2606 t.136, "jump
 * issue on some applications": to be sure that Go works, the initial stack pointer must be lower
 * than the end of its RAM minus 16. Many applications start all the same. */
/* clang-format off */
static const struct stm32_rom roms[] = {
	/* AN2606 t. "STM32H74xxx/75xxx bootloader versions": "Go" does not work; one user saw a DFU
	 * leave work, so it is tried and its absence reported. */
	{STM32_H74X, 0xd2, "V13.2", {STM32_ERASE_NORMAL, STM32_ERASE_NORMAL},
	 STM32_MASS_WORKS, .leaves = false, STM32_LAYOUT_TRUSTED},
	/* AN2606, same table: mass erase by DFU does not work; it does not say how it fails. */
	{STM32_H74X, 0xd3, "V13.3", {STM32_ERASE_NORMAL, STM32_ERASE_NORMAL},
	 STM32_MASS_UNTRUSTED, .leaves = true, STM32_LAYOUT_TRUSTED},
	/* Bench reports, not in AN2606: ST community 244731, dfu-util #88, betaflight-configurator
	 * #1861. A sector erase in bank 2 stays dfuDNBUSY; mass erase worked for the reporter. */
	{STM32_H74X, 0x90, "V9.0", {STM32_ERASE_NORMAL, STM32_ERASE_WEDGES},
	 STM32_MASS_WORKS, .leaves = true, STM32_LAYOUT_TRUSTED, .stack_margin = true},
	/* AN2606, same table: the erase of bank 2 is answered before it is over; the next flash
	 * command can hang the part. A mass erase includes bank 2. */
	{STM32_H74X, 0x91, "V9.1", {STM32_ERASE_NORMAL, STM32_ERASE_RETURNS_EARLY},
	 STM32_MASS_RETURNS_EARLY, .leaves = true, STM32_LAYOUT_TRUSTED, .stack_margin = true},
	/* AN2606, same table: nothing known against DFU. */
	{STM32_H74X, 0x92, "V9.2", {STM32_ERASE_NORMAL, STM32_ERASE_NORMAL},
	 STM32_MASS_WORKS, .leaves = true, STM32_LAYOUT_TRUSTED, .stack_margin = true},
	/* No ID: bank 2 may wedge and may return early, mass erase may do nothing. */
	{STM32_H74X, STM32_ROM_UNKNOWN, "", {STM32_ERASE_NORMAL, STM32_ERASE_CAREFUL},
	 STM32_MASS_UNTRUSTED, .leaves = true, STM32_LAYOUT_TRUSTED},

	/* AN2606 t.134: V9.1 reports a wrong flash size in its layout string. */
	{STM32_H72X, 0x91, "V9.1", {STM32_ERASE_NORMAL, STM32_ERASE_NORMAL},
	 STM32_MASS_WORKS, .leaves = true, STM32_LAYOUT_WRONG_SIZE},
	{STM32_H72X, 0x92, "V9.2", {STM32_ERASE_NORMAL, STM32_ERASE_NORMAL},
	 STM32_MASS_WORKS, .leaves = true, STM32_LAYOUT_TRUSTED},
	{STM32_H72X, 0x93, "V9.3", {STM32_ERASE_NORMAL, STM32_ERASE_NORMAL},
	 STM32_MASS_WORKS, .leaves = true, STM32_LAYOUT_TRUSTED},
	{STM32_H72X, STM32_ROM_UNKNOWN, "", {STM32_ERASE_NORMAL, STM32_ERASE_CAREFUL},
	 STM32_MASS_UNTRUSTED, .leaves = true, STM32_LAYOUT_WRONG_SIZE},

	/* AN2606 t.138: V9.0 reports 2 KiB sectors where there are 8 KiB ones. */
	{STM32_H7AX, 0x90, "V9.0", {STM32_ERASE_NORMAL, STM32_ERASE_NORMAL},
	 STM32_MASS_WORKS, .leaves = true, STM32_LAYOUT_WRONG_SIZE},
	{STM32_H7AX, 0x91, "V9.1", {STM32_ERASE_NORMAL, STM32_ERASE_NORMAL},
	 STM32_MASS_WORKS, .leaves = true, STM32_LAYOUT_TRUSTED},
	{STM32_H7AX, 0x92, "V9.2", {STM32_ERASE_NORMAL, STM32_ERASE_NORMAL},
	 STM32_MASS_WORKS, .leaves = true, STM32_LAYOUT_TRUSTED},
	{STM32_H7AX, STM32_ROM_UNKNOWN, "", {STM32_ERASE_NORMAL, STM32_ERASE_CAREFUL},
	 STM32_MASS_UNTRUSTED, .leaves = true, STM32_LAYOUT_WRONG_SIZE},
};
/* clang-format on */

#define ROMS (sizeof(roms) / sizeof(roms[0]))

const struct stm32_rom *stm32_rom_at(unsigned index)
{
	return index < ROMS ? &roms[index] : NULL;
}

const struct stm32_rom *stm32_rom_find(enum stm32_series series, int id)
{
	const struct stm32_rom *careful = NULL;

	for (size_t i = 0; i < ROMS; i++) {
		if (roms[i].series != series)
			continue;
		if (roms[i].id == id)
			return &roms[i];
		if (roms[i].id == STM32_ROM_UNKNOWN)
			careful = &roms[i];
	}
	return careful;
}

int stm32_rom_by_version(enum stm32_series series, const char *version)
{
	for (size_t i = 0; i < ROMS; i++) {
		if (roms[i].series == series && roms[i].id != STM32_ROM_UNKNOWN &&
		    strcmp(roms[i].version, version) == 0)
			return roms[i].id;
	}
	return STM32_ROM_UNKNOWN;
}

static bool lingers(const struct stm32_rom *rom)
{
	return rom->sector[0] != STM32_ERASE_NORMAL || rom->sector[1] != STM32_ERASE_NORMAL ||
	       rom->mass == STM32_MASS_RETURNS_EARLY;
}

bool stm32_rom_erases_inside(const struct stm32_rom *rom)
{
	return rom->id != STM32_ROM_UNKNOWN && !lingers(rom);
}

bool stm32_series_lingers(enum stm32_series series)
{
	for (size_t i = 0; i < ROMS; i++) {
		if (roms[i].series == series && roms[i].id != STM32_ROM_UNKNOWN &&
		    lingers(&roms[i]))
			return true;
	}
	return false;
}

uint32_t stm32_sector_erase_cost_ms(const struct stm32_rom *rom, unsigned bank)
{
	return rom->sector[bank] == STM32_ERASE_NORMAL ? STM32_SECTOR_TYPICAL_MS
						       : STM32_SECTOR_WORST_MS;
}

uint32_t stm32_mass_erase_cost_ms(const struct stm32_rom *rom)
{
	switch (rom->mass) {
	case STM32_MASS_WORKS:
		return STM32_MASS_TYPICAL_MS;
	case STM32_MASS_RETURNS_EARLY:
		return STM32_MASS_WORST_MS;
	case STM32_MASS_UNTRUSTED:
		break;
	}
	return UINT32_MAX;
}
