/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which series a board's answers prove. Listings are public ones; see docs and listing.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "h7gang/stm32/evidence.h"
#include "h7gang/stm32/rom.h"
#include "h7gang/stm32/series.h"

#define H743 "@Internal Flash   /0x08000000/16*128Kg"
#define H723 "@Internal Flash   /0x08000000/8*128Kg"
#define H7A3 "@Internal Flash   /0x08000000/256*08Kg"
#define H7A3_FIRST "@Internal Flash   /0x08000000/256*02Kg"
#define OPTION_H743 "@Option Bytes   /0x5200201C/01*128 e"
#define OPTION_H723 "@Option Bytes   /0x5200201C/01*88 e"
#define OPTION_H7A3 "@Option Bytes   /0x5200201C/01*297 e"
#define OPTION_FIRST "@Option Bytes   /0x1FF8000/01*128 e"

static const uint8_t some_uid[12] = {0x3A, 0,    0x2B, 0,    0x11, 0x51,
				     0x34, 0x38, 0x33, 0x36, 0x30, 0x31};

static void put(struct stm32_answers *answers, unsigned i, const char *text)
{
	struct stm32_setting *setting = &answers->setting[i];

	setting->number = (uint8_t)i;
	snprintf(setting->text, sizeof(setting->text), "%s", text);
	setting->understood = dfu_layout_parse(text, &setting->layout);
}

/* Descriptors of a ROM bootloader; registers unknown. */
static struct stm32_answers rom(const char *flash, const char *second)
{
	struct stm32_answers answers = {.settings = 2,
					.release = 0x0200,
					.has_functional = true,
					.attributes = 0x0B,
					.transfer_size = 1024,
					.dfu_version = 0x011A,
					.id = -1,
					.flash_kib = -1};

	put(&answers, 0, flash);
	put(&answers, 1, second);
	snprintf(answers.manufacturer, sizeof(answers.manufacturer), "STMicroelectronics");
	snprintf(answers.product, sizeof(answers.product), "DFU in FS Mode");
	return answers;
}

static unsigned left(const struct stm32_answers *answers)
{
	struct stm32_evidence evidence;

	stm32_evidence(answers, NULL, &evidence);
	return evidence.left;
}

static void listings_of_our_bootloaders_prove_their_series(void **state)
{
	static const struct {
		const char *flash, *second;
		int id;
		unsigned left;
	} rows[] = {
		{H743, OPTION_H743, -1, 1 << STM32_H74X},
		{"@Internal Flash /0x08000000/8*128Kg,8*128Kg", OPTION_H743, -1, 1 << STM32_H74X},
		{H723, OPTION_H723, -1, 1 << STM32_H72X},
		{H7A3, OPTION_H7A3, -1, 1 << STM32_H7AX},
		{H7A3_FIRST, OPTION_FIRST, -1, 1 << STM32_H7AX},
		{H7A3_FIRST, OPTION_FIRST, 0x90, 1 << STM32_H7AX},
		/* V9.1 of H72x: any size. */
		{H743, OPTION_H723, 0x91, 1 << STM32_H72X},
		{H743, OPTION_H723, -1, 1 << STM32_H72X},
		/* Strings that were refused. */
		{"", OPTION_H743, -1, 1 << STM32_H74X},
		{H743, "", -1, STM32_OTHER_CHIP | 1 << STM32_H74X | 1 << STM32_H72X},
		{H7A3, "", -1, STM32_OTHER_CHIP | 1 << STM32_H7AX},
		{"", "", -1, STM32_ANY_CHIP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stm32_answers answers = rom(rows[i].flash, rows[i].second);

		answers.asked = rows[i].left & 1 << STM32_H7AX ? STM32_H7AX : STM32_H74X;
		answers.id = rows[i].id;
		assert_int_equal(left(&answers), rows[i].left);
	}
}

/* One string of another chip is enough, though its flash is not told. */
static void one_foreign_memory_is_against(void **state)
{
	struct stm32_answers answers = rom("", "@Option Bytes  /0x1FFFC000/01*016 e");

	(void)state;
	assert_int_equal(left(&answers), STM32_OTHER_CHIP);
}

/* No known version announces the first of each pair. */
static void a_wrong_layout_belongs_to_its_version(void **state)
{
	struct stm32_answers answers = rom(H743, OPTION_H723);

	(void)state;
	answers.asked = STM32_H72X;
	answers.id = 0x92;
	assert_int_equal(left(&answers), 0);
	answers = rom(H7A3_FIRST, OPTION_FIRST);
	answers.asked = STM32_H7AX;
	answers.id = 0x91;
	assert_int_equal(left(&answers), 0);
	answers.id = 0x94; /* no version that we know */
	assert_int_equal(left(&answers), 1 << STM32_H7AX);
}

static void other_chips_are_none_of_ours(void **state)
{
	const struct stm32_listing *listing;

	(void)state;
	for (unsigned i = 0; (listing = stm32_listing_at(i)); i++) {
		struct stm32_answers answers;
		struct stm32_evidence evidence;

		if (!listing->chip)
			continue;
		answers = rom(listing->flash, listing->second ? listing->second : "");
		/* A board with one setting has no second string that is merely unknown. */
		if (!listing->second || !listing->flash[0])
			answers.settings = 1;
		if (!listing->flash[0])
			put(&answers, 0, listing->second);
		stm32_evidence(&answers, NULL, &evidence);
		assert_int_equal(evidence.left, STM32_OTHER_CHIP);
		assert_non_null(evidence.chip);
	}
}

static void registers_and_serial_prove_where_layouts_are_refused(void **state)
{
	struct stm32_answers answers = rom("", "");

	(void)state;
	answers.uid_known = true;
	memcpy(answers.uid, some_uid, sizeof(some_uid));
	answers.flash_kib = 2048;
	assert_int_equal(left(&answers), 1 << STM32_H74X);
	answers.flash_kib = 1024;
	assert_int_equal(left(&answers), 1 << STM32_H74X | 1 << STM32_H72X);
	snprintf(answers.serial, sizeof(answers.serial), "200364500000");
	assert_int_equal(left(&answers), 1 << STM32_H74X);
	stm32_fold_uid(answers.uid, true, answers.serial);
	assert_int_equal(left(&answers), 1 << STM32_H72X);
	answers.serial[3] ^= 1;
	assert_int_equal(left(&answers), 1 << STM32_H74X | 1 << STM32_H72X);
	/* Where an H7A3 has them, an H5 has them, too; but no ID. */
	answers.asked = STM32_H7AX;
	answers.flash_kib = 2048;
	stm32_fold_uid(answers.uid, true, answers.serial);
	assert_int_equal(left(&answers), STM32_OTHER_CHIP | 1 << STM32_H7AX);
	answers.id = 0x92;
	assert_int_equal(left(&answers), 1 << STM32_H7AX);
}

static void what_cannot_be_true_is_against(void **state)
{
	struct stm32_answers answers = rom(H743, OPTION_H743);
	struct stm32_evidence evidence;

	(void)state;
	snprintf(answers.serial, sizeof(answers.serial), "100164830000"); /* of no H74x */
	assert_int_equal(left(&answers), 1 << STM32_H74X);
	answers.flash_kib = 700; /* of no part */
	stm32_evidence(&answers, NULL, &evidence);
	assert_true(stm32_evidence_against(&evidence, STM32_H74X));
	assert_false(stm32_evidence_proves(&evidence, STM32_H74X));
}

static void a_string_that_is_no_layout_is_noticed(void **state)
{
	struct stm32_answers answers = rom("sdcard_rootfs", OPTION_H743);
	struct stm32_evidence evidence;

	(void)state;
	stm32_evidence(&answers, NULL, &evidence);
	assert_ptr_equal(evidence.odd, &answers.setting[0]);
	answers = rom("@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x904", "");
	stm32_evidence(&answers, NULL, &evidence);
	assert_ptr_equal(evidence.odd, &answers.setting[0]);
	/* A healthy board whose strings are shifted by one. */
	answers = rom("200364500000", H743);
	answers.manufacturer[0] = '\0';
	snprintf(answers.product, sizeof(answers.product), "STMicroelectronics");
	stm32_evidence(&answers, NULL, &evidence);
	assert_null(evidence.odd);
	assert_false(evidence.resident);
}

static void programs_in_flash_are_not_the_rom(void **state)
{
	struct stm32_answers answers = rom(H743, OPTION_H743);
	struct stm32_evidence evidence;

	(void)state;
	stm32_evidence(&answers, NULL, &evidence);
	assert_false(evidence.resident);
	answers.release = 0x0300;
	stm32_evidence(&answers, NULL, &evidence);
	assert_false(evidence.resident); /* one deviation */
	answers.transfer_size = 2048;
	stm32_evidence(&answers, NULL, &evidence);
	assert_true(evidence.resident);
	answers = rom(H743, OPTION_H743);
	answers.settings = 1;
	stm32_evidence(&answers, NULL, &evidence);
	assert_true(evidence.resident);
	answers = rom("@Internal Flash   /0x08000000/01*128Ka,15*128Kg", OPTION_H743);
	snprintf(answers.product, sizeof(answers.product), "My bootloader");
	stm32_evidence(&answers, NULL, &evidence);
	assert_true(evidence.resident);
	assert_non_null(strstr(evidence.resident_why, "My bootloader"));
	/* A product string alone may be a version that is not known yet. */
	answers = rom(H743, OPTION_H743);
	snprintf(answers.product, sizeof(answers.product), "My bootloader");
	stm32_evidence(&answers, NULL, &evidence);
	assert_false(evidence.resident);
	snprintf(answers.manufacturer, sizeof(answers.manufacturer), "ACME");
	stm32_evidence(&answers, NULL, &evidence);
	assert_true(evidence.resident);
}

static void flash_that_is_announced_twice_is_another_chips(void **state)
{
	struct stm32_answers answers = rom(H743, OPTION_H743);
	struct stm32_evidence evidence;

	(void)state;
	answers.setting[2] = (struct stm32_setting){.number = 2, .understood = true};
	assert_true(dfu_layout_parse("@Internal Flash   /0x08000000/16*128Ka",
				     &answers.setting[2].layout));
	answers.settings = 3;
	stm32_evidence(&answers, NULL, &evidence);
	assert_true(stm32_evidence_against(&evidence, STM32_H74X));
}

static void plain_dfu_gets_no_command(void **state)
{
	struct stm32_answers answers = rom("", "");
	struct stm32_evidence evidence;

	(void)state;
	answers.dfu_version = 0x0110;
	stm32_evidence(&answers, NULL, &evidence);
	assert_true(evidence.not_dfuse);
	answers.dfu_version = 0; /* DFU 1.0 has no such field, */
	stm32_evidence(&answers, NULL, &evidence);
	assert_true(evidence.not_dfuse);
	put(&answers, 0, H743); /* but this speaks for itself */
	stm32_evidence(&answers, NULL, &evidence);
	assert_false(evidence.not_dfuse);
}

static void letters_decide_what_may_be_changed(void **state)
{
	const struct stm32_part *h743 = stm32_part_find("stm32h743xi");
	const struct stm32_part *h7a3 = stm32_part_find("stm32h7a3xi");
	struct stm32_answers answers =
		rom("@Internal Flash   /0x08000000/01*128Ka,14*128Kg,1*128Ke", OPTION_H743);
	struct stm32_evidence evidence;

	(void)state;
	stm32_evidence(&answers, NULL, &evidence);
	assert_int_equal(evidence.left, 1 << STM32_H74X);
	assert_false(stm32_sector_open(h743, &evidence, 0));
	assert_true(stm32_sector_open(h743, &evidence, 1));
	assert_false(stm32_sector_open(h743, &evidence, 15));
	answers = rom("@Internal Flash   /0x08000000/255*02Kg,1*02Ka", OPTION_FIRST);
	stm32_evidence(&answers, NULL, &evidence);
	assert_int_equal(evidence.left, 1 << STM32_H7AX);
	assert_true(stm32_sector_open(h7a3, &evidence, 254));
	assert_false(stm32_sector_open(h7a3, &evidence, 255));
}

/* Where a program in flash is welcome, its layout may tell less than all of flash, */
static void a_welcome_program_may_announce_part_of_flash(void **state)
{
	const struct stm32_part *h743 = stm32_part_find("stm32h743xi");
	struct stm32_answers answers = rom("@Internal Flash   /0x08020000/7*128Kg", "");
	struct stm32_evidence evidence;

	(void)state;
	answers.settings = 1;
	stm32_evidence(&answers, h743, &evidence);
	assert_int_equal(evidence.can_be[STM32_ITEM_LAYOUT], STM32_ANY_CHIP);
	assert_false(stm32_sector_open(h743, &evidence, 0));
	assert_true(stm32_sector_open(h743, &evidence, 7));
	assert_false(stm32_sector_open(h743, &evidence, 8));
	/* but not other sectors. */
	put(&answers, 0, "@Internal Flash   /0x08000000/04*016Kg,01*064Kg,07*128Kg");
	stm32_evidence(&answers, h743, &evidence);
	assert_int_equal(evidence.can_be[STM32_ITEM_LAYOUT], STM32_OTHER_CHIP);
}

/* Else a chip that no series has would prove one, and be erased. */
static void another_chip_is_no_series(void **state)
{
	const struct stm32_series_row *row;
	unsigned count = 0;

	(void)state;
	for (; (row = stm32_series_at(count)); count++) {
		struct stm32_evidence evidence = {.left = STM32_OTHER_CHIP};

		assert_false(stm32_evidence_proves(&evidence, row->series));
		evidence.left = 1u << row->series;
		assert_true(stm32_evidence_proves(&evidence, row->series));
		assert_true(STM32_ANY_CHIP & evidence.left);
	}
	assert_int_equal(count, STM32_SERIES_COUNT);
	assert_true(STM32_ANY_CHIP & STM32_OTHER_CHIP);
}

static bool has_listing(enum stm32_series series)
{
	const struct stm32_listing *listing;

	for (unsigned i = 0; (listing = stm32_listing_at(i)); i++)
		if (!listing->chip && listing->series == (int)series &&
		    listing->id == STM32_LISTING_ANY)
			return true;
	return false;
}

static void every_series_is_in_every_table(void **state)
{
	const struct stm32_series_row *row;

	(void)state;
	for (unsigned i = 0; (row = stm32_series_at(i)); i++) {
		const struct stm32_rom *rom = stm32_rom_find(row->series, STM32_ROM_UNKNOWN);
		const struct stm32_part *part;

		assert_int_equal(row->series, i);
		assert_non_null(row->name);
		assert_non_null(row->part);
		part = stm32_part_find(row->part);
		assert_non_null(part);
		assert_int_equal(part->series, row->series);
		assert_true(stm32_code_of_series(row->part, part)); /* series_of of code.c */
		assert_non_null(rom);
		assert_int_equal(rom->id, STM32_ROM_UNKNOWN);
		assert_true(has_listing(row->series));
	}
}

static void tables_agree(void **state)
{
	const struct stm32_listing *listing;

	(void)state;
	for (unsigned i = 0; (listing = stm32_listing_at(i)); i++) {
		struct dfu_layout layout;

		assert_true(listing->flash[0] == '\0' || dfu_layout_parse(listing->flash, &layout));
		assert_true(!listing->second || dfu_layout_parse(listing->second, &layout));
		if (listing->chip || listing->id == STM32_LISTING_ANY)
			continue;
		assert_int_equal(
			stm32_rom_find((enum stm32_series)listing->series, listing->id)->layout,
			STM32_LAYOUT_WRONG_SIZE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listings_of_our_bootloaders_prove_their_series),
		cmocka_unit_test(one_foreign_memory_is_against),
		cmocka_unit_test(a_wrong_layout_belongs_to_its_version),
		cmocka_unit_test(other_chips_are_none_of_ours),
		cmocka_unit_test(registers_and_serial_prove_where_layouts_are_refused),
		cmocka_unit_test(what_cannot_be_true_is_against),
		cmocka_unit_test(a_string_that_is_no_layout_is_noticed),
		cmocka_unit_test(programs_in_flash_are_not_the_rom),
		cmocka_unit_test(flash_that_is_announced_twice_is_another_chips),
		cmocka_unit_test(plain_dfu_gets_no_command),
		cmocka_unit_test(letters_decide_what_may_be_changed),
		cmocka_unit_test(a_welcome_program_may_announce_part_of_flash),
		cmocka_unit_test(another_chip_is_no_series),
		cmocka_unit_test(every_series_is_in_every_table),
		cmocka_unit_test(tables_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
