/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of bootloader versions is written twice, in src/stm32/rom.c and in rom_config.c, so
 * that a mistake in one shows against the other: here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/dfu/layout.h"
#include "h7gang/stm32/rom.h"
#include "h7gang/stm32/series.h"
#include "../../src/sim/rom/rom_config.h"

static void put_part(struct rom_config *config, enum stm32_series series)
{
	const char *part = stm32_series_row(series)->part;

	rom_config_init(config);
	if (!rom_config_part(config, part))
		fail_msg("rom_config.c has no part %s", part);
}

static enum rom_sector_erase erase_of(enum stm32_sector_erase erase)
{
	return erase == STM32_ERASE_WEDGES          ? ROM_SECTOR_WEDGES
	       : erase == STM32_ERASE_RETURNS_EARLY ? ROM_SECTOR_EARLY
						    : ROM_SECTOR_NORMAL;
}

static enum rom_mass_erase mass_of(enum stm32_mass_erase mass)
{
	return mass == STM32_MASS_WORKS           ? ROM_MASS_WORKS
	       : mass == STM32_MASS_RETURNS_EARLY ? ROM_MASS_EARLY
						  : ROM_MASS_NOTHING;
}

/* The sectors that the virtual board announces are those that the series' bootloaders announce. */
static bool announces_its_series(const struct rom_config *config, enum stm32_series series)
{
	const struct stm32_listing *listing;
	struct dfu_layout wanted, found;

	for (unsigned i = 0; (listing = stm32_listing_at(i)); i++)
		if (!listing->chip && listing->series == (int)series &&
		    listing->id == STM32_LISTING_ANY)
			break;
	assert_non_null(listing);
	assert_true(dfu_layout_parse(listing->flash, &wanted));
	assert_true(dfu_layout_parse(config->layout[0], &found));
	return wanted.regions == found.regions &&
	       wanted.region[0].address == found.region[0].address &&
	       wanted.region[0].sectors == found.region[0].sectors &&
	       wanted.region[0].sector_bytes == found.region[0].sector_bytes;
}

static void every_version_of_the_program_is_modelled(void **state)
{
	const struct stm32_rom *rom;

	(void)state;
	for (unsigned i = 0; (rom = stm32_rom_at(i)); i++) {
		struct rom_config config;

		if (rom->id == STM32_ROM_UNKNOWN)
			continue;
		put_part(&config, rom->series);
		if (!rom_config_bootloader(&config, rom->version))
			fail_msg("rom_config.c has no %s of %s", rom->version,
				 stm32_series_row(rom->series)->name);
		print_message("%s %s\n", stm32_series_row(rom->series)->name, rom->version);
		assert_int_equal(config.id, rom->id);
		for (unsigned bank = 0; bank < 2; bank++)
			assert_int_equal(config.sector_erase[bank], erase_of(rom->sector[bank]));
		assert_int_equal(config.mass_erase, mass_of(rom->mass));
		assert_int_equal(config.leave == ROM_LEAVE_WORKS, rom->leaves);
		assert_int_equal(announces_its_series(&config, rom->series),
				 rom->layout == STM32_LAYOUT_TRUSTED);
	}
}

static void no_other_version_is(void **state)
{
	const struct stm32_series_row *row;

	(void)state;
	for (unsigned s = 0; (row = stm32_series_at(s)); s++) {
		for (int id = 0; id < 256; id++) {
			struct rom_config config;
			char version[16];

			put_part(&config, row->series);
			snprintf(version, sizeof(version), "V%d.%d", id >> 4, id & 15);
			if (rom_config_bootloader(&config, version))
				assert_int_equal(stm32_rom_by_version(row->series, version), id);
		}
	}
}

static void addresses_agree(void **state)
{
	const struct stm32_part *part;

	(void)state;
	for (unsigned i = 0; (part = stm32_part_at(i)); i++) {
		const struct stm32_series_row *row = stm32_series_row(part->series);
		struct rom_config config;

		rom_config_init(&config);
		if (!rom_config_part(&config, part->name))
			fail_msg("rom_config.c has no part %s", part->name);
		assert_int_equal(config.part.uid_address, row->uid_address);
		assert_int_equal(config.part.size_address, row->size_address);
		assert_int_equal(config.part.id_address, row->id_address);
		assert_int_equal(config.part.flash_kib, part->flash_kib);
		assert_int_equal(config.part.banks, part->banks);
		assert_int_equal(config.part.sectors, part->bank[0].sectors);
		assert_int_equal(config.part.sector_bytes, part->sector_bytes);
		assert_int_equal(config.part.word_bytes, part->flash_word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_version_of_the_program_is_modelled),
		cmocka_unit_test(no_other_version_is),
		cmocka_unit_test(addresses_agree),
	};

	return cmocka_run_group_tests_name("sim/rom agrees", tests, NULL, NULL);
}
