/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of bootloader versions against a second copy of its rows, written from the same
 * sources: a row that is changed or removed is an error. A version that is added needs no row here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/stm32/rom.h"

static const struct {
	enum stm32_series series;
	int id;
	const char *version;
	char bank1, bank2; /* n normal, w wedges, e early, c careful */
	char mass;         /* w works, e early, u untrusted */
	bool leaves, layout_right, stack_margin;
} expected[] = {
	{STM32_H74X, 0xd2, "V13.2", 'n', 'n', 'w', false, true, false},
	{STM32_H74X, 0xd3, "V13.3", 'n', 'n', 'u', true, true, false},
	{STM32_H74X, 0x90, "V9.0", 'n', 'w', 'w', true, true, true},
	{STM32_H74X, 0x91, "V9.1", 'n', 'e', 'e', true, true, true},
	{STM32_H74X, 0x92, "V9.2", 'n', 'n', 'w', true, true, true},
	{STM32_H74X, STM32_ROM_UNKNOWN, "", 'n', 'c', 'u', true, true, false},
	{STM32_H72X, 0x91, "V9.1", 'n', 'n', 'w', true, false, false},
	{STM32_H72X, 0x92, "V9.2", 'n', 'n', 'w', true, true, false},
	{STM32_H72X, 0x93, "V9.3", 'n', 'n', 'w', true, true, false},
	{STM32_H72X, STM32_ROM_UNKNOWN, "", 'n', 'c', 'u', true, false, false},
	{STM32_H7AX, 0x90, "V9.0", 'n', 'n', 'w', true, false, false},
	{STM32_H7AX, 0x91, "V9.1", 'n', 'n', 'w', true, true, false},
	{STM32_H7AX, 0x92, "V9.2", 'n', 'n', 'w', true, true, false},
	{STM32_H7AX, STM32_ROM_UNKNOWN, "", 'n', 'c', 'u', true, false, false},
};

#define ROWS (sizeof(expected) / sizeof(expected[0]))

static void every_row_is_as_the_sources_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const struct stm32_rom *rom = stm32_rom_find(expected[i].series, expected[i].id);

		assert_int_equal(rom->id, expected[i].id);
		assert_string_equal(rom->version, expected[i].version);
		assert_int_equal("nwec"[rom->sector[0]], expected[i].bank1);
		assert_int_equal("nwec"[rom->sector[1]], expected[i].bank2);
		assert_int_equal("weu"[rom->mass], expected[i].mass);
		assert_int_equal(rom->leaves, expected[i].leaves);
		assert_int_equal(rom->layout == STM32_LAYOUT_TRUSTED, expected[i].layout_right);
		assert_int_equal(rom->stack_margin, expected[i].stack_margin);
	}
}

static void no_version_has_two_rows(void **state)
{
	(void)state;
	for (unsigned i = 0; stm32_rom_at(i); i++)
		assert_ptr_equal(stm32_rom_find(stm32_rom_at(i)->series, stm32_rom_at(i)->id),
				 stm32_rom_at(i));
}

/* AN2606 4.2: the ID's digits are the version's. */
static void ids_spell_their_versions(void **state)
{
	(void)state;
	for (unsigned i = 0; stm32_rom_at(i); i++) {
		const struct stm32_rom *rom = stm32_rom_at(i);
		char version[32];

		if (rom->id == STM32_ROM_UNKNOWN)
			continue;
		snprintf(version, sizeof(version), "V%d.%d", rom->id >> 4, rom->id & 15);
		assert_string_equal(version, rom->version);
		assert_int_equal(stm32_rom_by_version(rom->series, rom->version), rom->id);
	}
	assert_int_equal(stm32_rom_by_version(STM32_H72X, "V9.0"), STM32_ROM_UNKNOWN);
	assert_int_equal(stm32_rom_by_version(STM32_H74X, ""), STM32_ROM_UNKNOWN);
}

static void an_id_without_a_row_gets_the_careful_one(void **state)
{
	(void)state;
	for (int id = 0; id < 256; id++) {
		const struct stm32_rom *rom = stm32_rom_find(STM32_H74X, id);

		if (rom->id == id)
			continue;
		assert_int_equal(rom->id, STM32_ROM_UNKNOWN);
		assert_int_equal(rom->sector[1], STM32_ERASE_CAREFUL);
		assert_int_equal(rom->mass, STM32_MASS_UNTRUSTED);
	}
}

static void waits_make_an_erase_dear(void **state)
{
	const struct stm32_rom *v90 = stm32_rom_find(STM32_H74X, 0x90);
	const struct stm32_rom *v92 = stm32_rom_find(STM32_H74X, 0x92);
	const struct stm32_rom *v133 = stm32_rom_find(STM32_H74X, 0xd3);

	(void)state;
	assert_int_equal(stm32_sector_erase_cost_ms(v92, 1), STM32_SECTOR_TYPICAL_MS);
	assert_int_equal(stm32_sector_erase_cost_ms(v90, 0), STM32_SECTOR_TYPICAL_MS);
	assert_int_equal(stm32_sector_erase_cost_ms(v90, 1), STM32_SECTOR_WORST_MS);
	assert_int_equal(stm32_mass_erase_cost_ms(v92), STM32_MASS_TYPICAL_MS);
	assert_int_equal(stm32_mass_erase_cost_ms(v133), UINT32_MAX);
	assert_true(stm32_mass_erase_cost_ms(stm32_rom_find(STM32_H74X, 0x91)) ==
		    STM32_MASS_WORST_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_as_the_sources_say),
		cmocka_unit_test(no_version_has_two_rows),
		cmocka_unit_test(ids_spell_their_versions),
		cmocka_unit_test(an_id_without_a_row_gets_the_careful_one),
		cmocka_unit_test(waits_make_an_erase_dear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
