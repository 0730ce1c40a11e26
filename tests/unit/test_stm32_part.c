/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/stm32/part.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void every_part_is_sound(void **state)
{
	const struct stm32_part *part;
	unsigned count = 0;

	(void)state;
	for (; (part = stm32_part_at(count)) != NULL; count++) {
		assert_ptr_equal(stm32_part_find(part->name), part);
		assert_in_range(part->banks, 1, STM32_BANKS_MAX);
		assert_in_range(stm32_part_sectors(part), 1, STM32_SECTORS_MAX);
		assert_int_equal(stm32_part_bytes(part), part->flash_kib * 1024u);
		assert_int_equal(part->sector_bytes % part->flash_word, 0);
		assert_int_equal(part->bank[0].base, 0x08000000);
		if (part->banks == 2) {
			assert_int_equal(part->bank[1].base, 0x08100000);
			assert_true(stm32_bank_bytes(part, 0) <= 0x100000);
		}
	}
	assert_int_equal(count, 19);
}

static void names_of_the_contract(void **state)
{
	static const char *const names[] = {
		"stm32h742xi", "stm32h742xg", "stm32h743xi", "stm32h743xg", "stm32h745xi",
		"stm32h745xg", "stm32h747xi", "stm32h747xg", "stm32h753xi", "stm32h753xg",
		"stm32h755xi", "stm32h755xg", "stm32h757xi", "stm32h757xg", "stm32h750xb",
		"stm32h723xg", "stm32h733xg", "stm32h7a3xi", "stm32h7b3xi",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(stm32_part_find(names[i]));
	assert_null(stm32_part_find("STM32H743XI"));
	assert_null(stm32_part_find("stm32h743"));
	assert_null(stm32_part_find(""));
}

static void identity_follows_the_series(void **state)
{
	const struct stm32_part *part;

	(void)state;
	for (unsigned i = 0; (part = stm32_part_at(i)) != NULL; i++) {
		bool h7a = part->series == STM32_H7AX;

		assert_int_equal(part->uid_address, h7a ? 0x08FFF800 : 0x1FF1E800);
		assert_int_equal(part->size_address, h7a ? 0x08FFF80C : 0x1FF1E880);
		assert_int_equal(part->bootloader_address, h7a ? 0x1FF13FFE : 0x1FF1E7FE);
		assert_int_equal(part->flash_word, h7a ? 16 : 32);
		assert_int_equal(part->sector_bytes, h7a ? 8192 : 131072);
	}
}

static void offsets_and_addresses_are_inverse(void **state)
{
	const struct stm32_part *part;

	(void)state;
	for (unsigned i = 0; (part = stm32_part_at(i)) != NULL; i++) {
		uint32_t last = stm32_part_bytes(part) - 1, offset = 0;

		for (uint32_t o = 0; o <= last; o += 4093) {
			assert_true(stm32_offset(part, stm32_address(part, o), &offset));
			assert_int_equal(offset, o);
		}
		assert_true(stm32_offset(part, stm32_address(part, last), &offset));
		assert_int_equal(offset, last);
		assert_false(stm32_offset(part, 0x07FFFFFF, &offset));
		assert_false(stm32_offset(part, stm32_address(part, last) + 1, &offset));
		assert_false(stm32_offset(part, 0, &offset));
		assert_false(stm32_offset(part, 0xFFFFFFFF, &offset));
	}
}

static void smaller_parts_have_a_hole(void **state)
{
	const struct stm32_part *xg = stm32_part_find("stm32h743xg");
	uint32_t offset = 0;

	(void)state;
	assert_true(stm32_offset(xg, 0x0807FFFF, &offset));
	assert_int_equal(offset, 0x7FFFF);
	assert_int_equal(stm32_bank_of(xg, offset), 0);
	assert_false(stm32_offset(xg, 0x08080000, &offset));
	assert_false(stm32_offset(xg, 0x080FFFFF, &offset));
	assert_true(stm32_offset(xg, 0x08100000, &offset));
	assert_int_equal(offset, 0x80000);
	assert_int_equal(stm32_bank_of(xg, offset), 1);
	assert_int_equal(stm32_address(xg, 0x80000), 0x08100000);
	assert_true(stm32_offset(xg, 0x0817FFFF, &offset));
	assert_false(stm32_offset(xg, 0x08180000, &offset));
}

static void h750_has_one_sector(void **state)
{
	const struct stm32_part *part = stm32_part_find("stm32h750xb");
	uint32_t offset = 0;

	(void)state;
	assert_int_equal(stm32_part_sectors(part), 1);
	assert_int_equal(stm32_bank_bytes(part, 0), 128 * 1024);
	assert_int_equal(stm32_bank_bytes(part, 1), 0);
	assert_true(stm32_offset(part, 0x0801FFFF, &offset));
	assert_false(stm32_offset(part, 0x08020000, &offset));
	assert_false(stm32_offset(part, 0x08100000, &offset));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_is_sound),
		cmocka_unit_test(names_of_the_contract),
		cmocka_unit_test(identity_follows_the_series),
		cmocka_unit_test(offsets_and_addresses_are_inverse),
		cmocka_unit_test(smaller_parts_have_a_hole),
		cmocka_unit_test(h750_has_one_sector),
	};

	return cmocka_run_group_tests_name("stm32/part", tests, NULL, NULL);
}
