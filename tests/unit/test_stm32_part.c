/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/stm32/option.h"
#include "h7gang/stm32/part.h"
#include "h7gang/stm32/series.h"

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
	assert_true(count > 0);
}

/* In alphabetical order, the largest of a line first: so help and messages name them. */
static void parts_are_in_order(void **state)
{
	const struct stm32_part *part, *before = stm32_part_at(0);

	(void)state;
	for (unsigned i = 1; (part = stm32_part_at(i)) != NULL; before = part, i++) {
		const bool same_line = stm32_code_of_line(part->name, before);

		if (same_line ? part->flash_kib >= before->flash_kib
			      : strcmp(part->name, before->name) <= 0)
			fail_msg("%s stands behind %s", part->name, before->name);
	}
}

/* A second copy of rows of the table, from embassy's stm32-data and modm-devices. A part that is
 * added to the table needs no row here. */
static const struct {
	const char *name;
	unsigned kib, banks, sectors, sector_kib;
	bool two_cores, value_line;
} expected[] = {
	{"stm32h723xe", 512, 1, 4, 128, false, false},
	{"stm32h723xg", 1024, 1, 8, 128, false, false},
	{"stm32h725xe", 512, 1, 4, 128, false, false},
	{"stm32h725xg", 1024, 1, 8, 128, false, false},
	{"stm32h730xb", 128, 1, 1, 128, false, true},
	{"stm32h733xg", 1024, 1, 8, 128, false, false},
	{"stm32h735xg", 1024, 1, 8, 128, false, false},
	{"stm32h742xg", 1024, 2, 4, 128, false, false},
	{"stm32h742xi", 2048, 2, 8, 128, false, false},
	{"stm32h743xg", 1024, 2, 4, 128, false, false},
	{"stm32h743xi", 2048, 2, 8, 128, false, false},
	{"stm32h745xg", 1024, 2, 4, 128, true, false},
	{"stm32h745xi", 2048, 2, 8, 128, true, false},
	{"stm32h747xg", 1024, 2, 4, 128, true, false},
	{"stm32h747xi", 2048, 2, 8, 128, true, false},
	{"stm32h750xb", 128, 1, 1, 128, false, true},
	{"stm32h753xi", 2048, 2, 8, 128, false, false},
	{"stm32h755xi", 2048, 2, 8, 128, true, false},
	{"stm32h757xi", 2048, 2, 8, 128, true, false},
	{"stm32h7a3xg", 1024, 2, 64, 8, false, false},
	{"stm32h7a3xi", 2048, 2, 128, 8, false, false},
	{"stm32h7b0xb", 128, 1, 16, 8, false, true},
	{"stm32h7b3xi", 2048, 2, 128, 8, false, false},
};

static void parts_of_the_market(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const struct stm32_part *part = stm32_part_find(expected[i].name);

		assert_non_null(part);
		assert_string_equal(part->name, expected[i].name);
		assert_int_equal(part->flash_kib, expected[i].kib);
		assert_int_equal(part->banks, expected[i].banks);
		assert_int_equal(part->bank[0].sectors, expected[i].sectors);
		assert_int_equal(part->sector_bytes, expected[i].sector_kib * 1024);
		assert_int_equal(part->two_cores, expected[i].two_cores);
		assert_int_equal(part->value_line, expected[i].value_line);
		if (part->banks == 2)
			assert_int_equal(part->bank[1].sectors, expected[i].sectors);
	}
}

static void rams_are_sound(void **state)
{
	const struct stm32_part *part;

	(void)state;
	for (unsigned i = 0; (part = stm32_part_at(i)) != NULL; i++) {
		uint64_t end = 0;
		unsigned count = 0;

		assert_non_null(part->ram);
		for (const struct stm32_ram *ram = part->ram; ram->name != NULL; ram++, count++) {
			assert_true(ram->base >= end);
			assert_true(ram->bytes > 0 && ram->bytes % 1024 == 0);
			end = (uint64_t)ram->base + ram->bytes;
		}
		assert_in_range(count, 6, 7);
	}
}

static void ordering_codes(void **state)
{
	static const struct {
		const char *code, *name;
	} good[] = {
		{"STM32H743XI", "stm32h743xi"},     {"STM32H743ZIT6", "stm32h743xi"},
		{"stm32h723ve", "stm32h723xe"},     {"STM32H743ZITx", "stm32h743xi"},
		{"STM32H7A3ZIT6Q", "stm32h7a3xi"},  {"stm32h7b0vbt6tr", "stm32h7b0xb"},
		{"Stm32H750VBT6", "stm32h750xb"},   {"STM32H735IGK6", "stm32h735xg"},
		{"STM32H745XIH3TR", "stm32h745xi"}, {"STM32H730IBK6QTR", "stm32h730xb"},
		{"STM32H747BGT", "stm32h747xg"},    {"STM32H7A3RGT6", "stm32h7a3xg"},
	};
	static const struct {
		const char *code;
		enum stm32_code fault;
	} bad[] = {
		{"", STM32_CODE_FOREIGN},
		{"stm32", STM32_CODE_FOREIGN},
		{"stm32f407vg", STM32_CODE_FOREIGN},
		{"h743xi", STM32_CODE_FOREIGN},
		{"stm32h7", STM32_CODE_NO_LINE},
		{"stm32h74", STM32_CODE_NO_LINE},
		{"stm32h74zxi", STM32_CODE_NO_LINE},
		{"stm32h743", STM32_CODE_NO_SIZE},
		{"stm32h743x", STM32_CODE_NO_SIZE},
		{"stm32h743xx", STM32_CODE_NO_SIZE},
		{"stm32h7431i", STM32_CODE_NO_SIZE},
		{"stm32h743xi-", STM32_CODE_TAIL},
		{"stm32h743xi ", STM32_CODE_TAIL},
		{"stm32h743zitt", STM32_CODE_TAIL},
		{"stm32h743zit6 tr", STM32_CODE_TAIL},
		{"stm32h743zit6abcdefgh", STM32_CODE_TAIL},
		{"STM32H7R3V8H6", STM32_CODE_NOT_YET},
		{"stm32h7s7l8", STM32_CODE_NOT_YET},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const struct stm32_part *part = stm32_part_find(good[i].code);

		assert_non_null(part);
		assert_string_equal(part->name, good[i].name);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct stm32_part *part = NULL;

		if (stm32_code_read(bad[i].code, &part) != bad[i].fault)
			fail_msg("%s", bad[i].code);
		assert_null(part);
	}
}

/* A line and a size are a part if the table has that row. */
static void sizes_of_each_line(void **state)
{
	const struct stm32_part *part, *row, *found;

	(void)state;
	for (unsigned i = 0; (part = stm32_part_at(i)) != NULL; i++) {
		for (char size = 'a'; size <= 'z'; size++) {
			char name[] = "stm32h7__xy";
			enum stm32_code code;

			memcpy(name, part->name, strlen(name));
			name[strlen(name) - 1] = size;
			row = found = NULL;
			for (unsigned r = 0; row == NULL && stm32_part_at(r) != NULL; r++)
				if (strcmp(stm32_part_at(r)->name, name) == 0)
					row = stm32_part_at(r);
			code = stm32_code_read(name, &found);
			assert_ptr_equal(found, row);
			assert_int_equal(code, row ? STM32_CODE_PART : STM32_CODE_NO_SIZE);
		}
	}
}

static void other_memories_have_names(void **state)
{
	const struct stm32_part *h750 = stm32_part_find("stm32h750xb");
	const struct stm32_part *h743 = stm32_part_find("stm32h743xi");

	(void)state;
	assert_non_null(strstr(stm32_memory_name(h750, 0x08020000), "value-line"));
	assert_null(strstr(stm32_memory_name(h743, 0x08200000), "value-line"));
	assert_non_null(strstr(stm32_memory_name(h743, 0x90000000), "QUADSPI"));
	assert_non_null(strstr(stm32_memory_name(h743, 0x5200201C), "option_bytes"));
	assert_non_null(strstr(stm32_memory_name(h743, 0x20000000), "RAM"));
	assert_non_null(strstr(stm32_memory_name(h743, 0xFFFFFFFF), "no memory"));
}

/* A second copy of series.c, from the reference manuals. */
static const struct {
	uint32_t uid, size, id, word, sector;
} identity[] = {
	[STM32_H74X] = {0x1FF1E800, 0x1FF1E880, 0x1FF1E7FE, 32, 131072},
	[STM32_H72X] = {0x1FF1E800, 0x1FF1E880, 0x1FF1E7FE, 32, 131072},
	[STM32_H7AX] = {0x08FFF800, 0x08FFF80C, 0x1FF13FFE, 16, 8192},
};
_Static_assert(sizeof(identity) / sizeof(identity[0]) == STM32_SERIES_COUNT, "one a series");

static void identity_follows_the_series(void **state)
{
	const struct stm32_part *part;

	(void)state;
	for (unsigned i = 0; (part = stm32_part_at(i)) != NULL; i++) {
		const struct stm32_series_row *row = stm32_series_row(part->series);

		assert_int_equal(row->series, part->series);
		assert_int_equal(row->uid_address, identity[part->series].uid);
		assert_int_equal(row->size_address, identity[part->series].size);
		assert_int_equal(row->id_address, identity[part->series].id);
		assert_int_equal(part->flash_word, identity[part->series].word);
		assert_int_equal(part->sector_bytes, identity[part->series].sector);
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

static void protected_sectors(void **state)
{
	static const struct {
		const char *part;
		uint32_t at, bits; /* of WPSN */
		unsigned sector;
		const char *text;
	} rows[] = {
		{"stm32h743xi", 0x1C, 0xFE, 0, "sector 0"},
		{"stm32h743xi", 0x1C, 0xF8, 2, "sectors 0 to 2"},
		{"stm32h743xi", 0x11C, 0x7E, 15, "sectors 8, 15"},
		{"stm32h743xg", 0x11C, 0xF7, 7, "sector 7"},
		{"stm32h7a3xi", 0x1C, 0xFFFFFFFE, 3, "sectors 0 to 3"},
		{"stm32h7a3xi", 0x11C, 0x7FFFFFFF, 255, "sectors 252 to 255"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct stm32_part *part = stm32_part_find(rows[i].part);
		struct stm32_option_block block = {.length = STM32_OPTION_BYTES};
		bool set[STM32_SECTORS_MAX] = {false};
		char text[80];

		memset(block.bytes, 0xFF, sizeof(block.bytes));
		for (unsigned b = 0; b < 4; b++)
			block.bytes[rows[i].at + b] = (uint8_t)(rows[i].bits >> 8 * b);
		for (unsigned s = 0; s < stm32_part_sectors(part); s++)
			set[s] = stm32_wrp_get(part, &block, s);
		stm32_sectors_text(set, stm32_part_sectors(part), text, sizeof(text));
		assert_string_equal(text, rows[i].text);
		stm32_wrp_clear(part, &block, rows[i].sector);
		assert_false(stm32_wrp_get(part, &block, rows[i].sector));
		/* A block that ends before the register tells nothing. */
		block.length = rows[i].at + 4;
		block.bytes[rows[i].at] = 0;
		assert_false(stm32_wrp_known(&block, rows[i].at > 0x100));
		assert_false(stm32_wrp_get(part, &block, rows[i].sector));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_is_sound),
		cmocka_unit_test(parts_are_in_order),
		cmocka_unit_test(parts_of_the_market),
		cmocka_unit_test(rams_are_sound),
		cmocka_unit_test(ordering_codes),
		cmocka_unit_test(sizes_of_each_line),
		cmocka_unit_test(other_memories_have_names),
		cmocka_unit_test(identity_follows_the_series),
		cmocka_unit_test(offsets_and_addresses_are_inverse),
		cmocka_unit_test(smaller_parts_have_a_hole),
		cmocka_unit_test(h750_has_one_sector),
		cmocka_unit_test(protected_sectors),
	};

	return cmocka_run_group_tests_name("stm32/part", tests, NULL, NULL);
}
