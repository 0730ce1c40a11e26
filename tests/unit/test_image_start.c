/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vector table where the application starts, by part. */
#include "h7gang/image/start.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* The flash of a part with a table, 24 bytes of zeros and 32 of 0xFF behind it at `address`. */
static struct image_start look(const char *part, uint32_t address, uint32_t stack, uint32_t reset,
			       char why[IMAGE_START_WHY_SIZE])
{
	uint8_t bytes[64] = {0};
	struct image_error error = {0};
	struct image_start start;
	struct image_flash flash;
	struct image image;

	memset(bytes + 32, 0xFF, 32);
	for (unsigned i = 0; i < 4; i++) {
		bytes[i] = (uint8_t)(stack >> 8 * i);
		bytes[4 + i] = (uint8_t)(reset >> 8 * i);
	}
	assert_true(image_parse_raw(bytes, sizeof(bytes), address, &image, &error));
	assert_true(image_flash_init(&flash, stm32_part_find(part)));
	assert_true(image_flash_add(&flash, &image, &error));
	assert_true(image_flash_seal(&flash));
	image_start_look(&flash, address, &start);
	image_start_why(&start, flash.part, why, IMAGE_START_WHY_SIZE);
	image_free(&image);
	image_flash_free(&flash);
	return start;
}

static void plausible_tables(void **state)
{
	static const struct {
		const char *part;
		uint32_t stack;
	} cases[] = {
		{"stm32h743xi", 0x20020000}, {"stm32h743xi", 0x24080000},
		{"stm32h743xi", 0x00010000}, {"stm32h743xi", 0x30048000},
		{"stm32h743xi", 0x38010000}, {"stm32h743xi", 0x38801000},
		{"stm32h743xi", 0x2001FFF8}, {"stm32h743xi", 0x20000400},
		{"stm32h742xi", 0x24060000}, {"stm32h742xi", 0x30024000},
		{"stm32h723xg", 0x24050000}, {"stm32h723xe", 0x00040000},
		{"stm32h730xb", 0x38004000}, {"stm32h735xg", 0x20020000},
		{"stm32h7a3xi", 0x24100000}, {"stm32h7b0xb", 0x24100000},
		{"stm32h7b3xi", 0x38008000}, {"stm32h750xb", 0x24080000},
		{"stm32h757xi", 0x24080000},
	};
	char why[IMAGE_START_WHY_SIZE];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct image_start start =
			look(cases[i].part, 0x08000000, cases[i].stack, 0x08000009, why);

		if (!start.plausible)
			fail_msg("%s 0x%08x: %s", cases[i].part, cases[i].stack, why);
		assert_string_equal(why, "");
		assert_true(start.programmed);
	}
}

static void implausible_tables(void **state)
{
	static const struct {
		const char *part;
		uint32_t stack, reset;
		const char *why;
	} cases[] = {
		{"stm32h743xi", 0x20020008, 0x08000009,
		 "0x20020008 is not in RAM; the stm32h743xi has RAM at"},
		{"stm32h743xi", 0x24080001, 0x08000009, "not in RAM"},
		{"stm32h743xi", 0x24100000, 0x08000009, "0x24080000 (AXI SRAM)"},
		{"stm32h723xg", 0x24080000, 0x08000009, "0x24050000 (AXI SRAM)"},
		{"stm32h742xi", 0x24080000, 0x08000009, "0x24060000 (AXI SRAM)"},
		{"stm32h7a3xi", 0x30048000, 0x08000009, "0x30020000 (AHB SRAM)"},
		{"stm32h743xi", 0x00000000, 0x08000009, "zeros"},
		{"stm32h743xi", 0xFFFFFFFF, 0xFFFFFFFF, "blank flash"},
		{"stm32h743xi", 0x08000100, 0x08000009, "not in RAM"},
		{"stm32h747xi", 0x10048000, 0x08000009, "not in RAM"},
		{"stm32h743xi", 0x20020000, 0x08000008, "is even"},
		{"stm32h743xi", 0x20020000, 0x08000041, "outside the bytes"},
		{"stm32h743xi", 0x20020000, 0x08200001, "outside the bytes"},
		{"stm32h743xi", 0x20020000, 0x08000021, "0x08000021 points at bytes of 0xFF"},
		{"stm32h743xi", 0x20020000, 0x00000001, "outside the bytes"},
		{"stm32h743xi", 0x96F3B83D, 0x00000000, "MCUboot"},
	};
	char why[IMAGE_START_WHY_SIZE];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct image_start start =
			look(cases[i].part, 0x08000000, cases[i].stack, cases[i].reset, why);

		if (start.plausible || strstr(why, cases[i].why) == NULL)
			fail_msg("case %zu: %s", i, why);
	}
}

static void what_is_worth_telling(void **state)
{
	static const struct {
		uint32_t stack;
		bool at_end, near_end, misaligned;
	} cases[] = {
		{0x20020000, true, true, false},  {0x2001FFF8, false, true, false},
		{0x2001FFF0, false, true, false}, {0x2001FFE8, false, false, false},
		{0x2001FFEC, false, false, true}, {0x20010001, false, false, true},
	};
	char why[IMAGE_START_WHY_SIZE];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct image_start start =
			look("stm32h743xi", 0x08040000, cases[i].stack, 0x08040009, why);

		assert_true(start.plausible);
		assert_int_equal(start.stack_at_end, cases[i].at_end);
		assert_int_equal(start.stack_near_end, cases[i].near_end);
		assert_int_equal(start.stack_misaligned, cases[i].misaligned);
	}
}

/* Any of the first 8 bytes makes it a table; bytes outside all images are 0xFF. */
static void tables_that_are_stated_in_part(void **state)
{
	struct image_error error = {0};
	struct image_start start;
	struct image_flash flash;
	struct image image;

	(void)state;
	assert_true(image_parse_raw((const uint8_t *)"x", 1, 0x08000007, &image, &error));
	assert_true(image_flash_init(&flash, stm32_part_find("stm32h743xi")));
	assert_true(image_flash_add(&flash, &image, &error));
	assert_true(image_flash_seal(&flash));
	image_start_look(&flash, 0x08000000, &start);
	assert_true(start.programmed);
	assert_false(start.plausible);
	assert_int_equal(start.stack, 0xFFFFFFFF);
	assert_int_equal(start.reset, 0x78FFFFFF);
	image_start_look(&flash, 0x08000008, &start);
	assert_false(start.programmed);
	image_start_look(&flash, 0x24000000, &start);
	assert_false(start.programmed);
	assert_true(image_flash_states(&flash, 0x08000007));
	assert_false(image_flash_states(&flash, 0x08000006));
	assert_false(image_flash_states(&flash, 0x08000008));
	assert_int_equal(flash.ranges, 1);
	image_free(&image);
	image_flash_free(&flash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plausible_tables),
		cmocka_unit_test(implausible_tables),
		cmocka_unit_test(what_is_worth_telling),
		cmocka_unit_test(tables_that_are_stated_in_part),
	};

	return cmocka_run_group_tests_name("image/start", tests, NULL, NULL);
}
