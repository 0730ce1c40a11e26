/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading files, cutting and moving images, and laying them out as flash. */
#include "h7gang/image/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static struct image raw(uint32_t address, const char *bytes)
{
	struct image_error error;
	struct image image;

	assert_true(
		image_parse_raw((const uint8_t *)bytes, strlen(bytes), address, &image, &error));
	return image;
}

static bool add(struct image_flash *flash, uint32_t address, const char *bytes,
		struct image_error *error)
{
	struct image image = raw(address, bytes);
	bool ok = image_flash_add(flash, &image, error);

	image_free(&image);
	return ok;
}

static struct image_flash flash_of(const char *part)
{
	struct image_flash flash;

	assert_true(image_flash_init(&flash, stm32_part_find(part)));
	return flash;
}

static void empty_flash_is_all_ones(void **state)
{
	struct image_flash flash = flash_of("stm32h750xb");
	char expected[SHA256_HEX_SIZE];

	(void)state;
	assert_int_equal(flash.length, 128 * 1024);
	for (uint32_t i = 0; i < flash.length; i++)
		assert_int_equal(flash.bytes[i], 0xFF);
	assert_true(image_flash_seal(&flash));
	assert_int_equal(sha256_hex(flash.bytes, flash.length, expected), 0);
	assert_string_equal(flash.sha256, expected);
	image_flash_free(&flash);
}

static void bank_2_follows_bank_1(void **state)
{
	struct image_flash flash = flash_of("stm32h743xg");
	struct image_error error = {0};

	(void)state;
	assert_true(add(&flash, 0x08100000, "two", &error));
	assert_true(add(&flash, 0x0807FFFE, "ab", &error));
	assert_true(add(&flash, 0x0801FFFF, "xy", &error));
	assert_int_equal(flash.length, 0x100000);
	assert_memory_equal(flash.bytes + 0x7FFFE, "abtwo", 5);
	assert_int_equal(flash.bytes[0x80003], 0xFF);
	assert_int_equal(flash.used, 7);
	assert_int_equal(flash.lowest, 0x0801FFFF);
	assert_int_equal(flash.highest, 0x08100002);
	for (unsigned s = 0; s < STM32_SECTORS_MAX; s++) {
		unsigned used = s <= 1 ? 1 : s == 3 ? 2 : s == 4 ? 3 : 0;

		assert_int_equal(flash.sector_used[s], used);
		assert_int_equal(flash.touched[s], used > 0);
	}
	image_flash_free(&flash);
}

static void what_is_no_flash_is_refused(void **state)
{
	static const struct {
		const char *part;
		uint32_t address;
		const char *bytes, *word;
	} cases[] = {
		{"stm32h743xi", 0x07FFFFFF, "ab", "0x07FFFFFF is not flash of the stm32h743xi"},
		{"stm32h743xi", 0x08200000, "a", "0x08200000 is not"},
		{"stm32h743xi", 0x081FFFFF, "ab", "0x08200000 is not"},
		{"stm32h743xg", 0x0807FFFF, "ab", "0x08080000 is not"},
		{"stm32h743xg", 0x080FFFFF, "ab", "0x080FFFFF is not"},
		{"stm32h743xg", 0x0817FFFF, "ab", "0x08180000 is not"},
		{"stm32h750xb", 0x0801FFFF, "ab", "0x08020000 is not"},
		{"stm32h750xb", 0x08100000, "a", "0x08100000 is not"},
		{"stm32h723xg", 0x080FFFFF, "ab", "0x08100000 is not"},
		{"stm32h743xi", 0xFFFFFFFF, "a", "0xFFFFFFFF is not"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct image_flash flash = flash_of(cases[i].part);
		struct image_error error = {0};

		assert_false(add(&flash, cases[i].address, cases[i].bytes, &error));
		if (strstr(error.why, cases[i].word) == NULL)
			fail_msg("case %zu: %s", i, error.why);
		/* Nothing of it is laid. */
		assert_int_equal(flash.used, 0);
		for (uint32_t o = 0; o < flash.length; o++)
			assert_int_equal(flash.bytes[o], 0xFF);
		image_flash_free(&flash);
	}
}

static void both_banks_of_an_xi_run_on(void **state)
{
	struct image_flash flash = flash_of("stm32h743xi");
	struct image_error error = {0};

	(void)state;
	assert_true(add(&flash, 0x080FFFFE, "abcd", &error));
	assert_memory_equal(flash.bytes + 0xFFFFE, "abcd", 4);
	image_flash_free(&flash);
}

static void overlap_names_the_earlier_image(void **state)
{
	struct image_flash flash = flash_of("stm32h743xi");
	struct image_error error = {0};
	struct image empty = {0};

	(void)state;
	assert_true(add(&flash, 0x08000000, "abcd", &error));
	assert_false(image_flash_add(&flash, &empty, &error));
	assert_non_null(strstr(error.why, "states no bytes"));
	assert_true(add(&flash, 0x08000010, "efgh", &error));
	/* The same bytes again are an overlap all the same. */
	assert_false(add(&flash, 0x0800000F, "xe", &error));
	assert_non_null(strstr(error.why, "0x08000010 is already stated"));
	assert_int_equal(error.earlier, 3);
	assert_int_equal(flash.bytes[15], 0xFF);
	assert_false(add(&flash, 0x08000003, "y", &error));
	assert_int_equal(error.earlier, 1);
	assert_true(image_flash_seal(&flash));
	assert_false(add(&flash, 0x08000100, "late", &error));
	image_flash_free(&flash);
}

/* Wherever in a long run of bytes an earlier one lies. */
static void overlap_is_found_at_each_place(void **state)
{
	char run[201];

	(void)state;
	memset(run, 'r', sizeof(run) - 1);
	run[sizeof(run) - 1] = 0;
	for (uint32_t at = 0; at < sizeof(run) - 1; at++) {
		struct image_flash flash = flash_of("stm32h743xi");
		struct image_error error = {0};
		char place[32];

		snprintf(place, sizeof(place), "0x%08X is already", (unsigned)(0x08001000 + at));
		assert_true(add(&flash, 0x08001000 + at, "e", &error));
		assert_false(add(&flash, 0x08001000, run, &error));
		assert_non_null(strstr(error.why, place));
		assert_int_equal(error.earlier, 1);
		assert_true(add(&flash, 0x080FFF00 + at, run, &error));
		assert_true(image_flash_seal(&flash));
		/* One that crosses the border of the banks is two. */
		assert_int_equal(flash.ranges, at + sizeof(run) - 1 > 0x100 ? 3 : 2);
		assert_int_equal(flash.range[0].length, 1);
		assert_int_equal(flash.range[1].offset, 0xFFF00 + at);
		assert_int_equal(flash.range[1].length,
				 at + sizeof(run) - 1 > 0x100 ? 0x100 - at : sizeof(run) - 1);
		image_flash_free(&flash);
	}
}

static void crop_and_move(void **state)
{
	const char *text = ":020000040800F2\n:04000200626364656C\n:04001000666768694E\n"
			   ":020000001122CB\n:00000001FF\n";
	struct image_error error = {0};
	struct image image;

	(void)state;
	assert_true(image_parse_ihex((const uint8_t *)text, strlen(text), &image, &error));
	assert_int_equal(image.count, 2);
	assert_int_equal(image_line(&image, 0x08000001), 4);
	assert_int_equal(image_line(&image, 0x08000002), 2);
	assert_false(image_crop(&image, 0x08000006, 0x0800000F, &error));
	assert_int_equal(image_used(&image), 10);
	assert_true(image_crop(&image, 0x08000003, 0x08000011, &error));
	assert_int_equal(image.count, 2);
	assert_int_equal(image.segment[0].address, 0x08000003);
	assert_int_equal(image.segment[0].line, 2);
	assert_memory_equal(image.segment[0].bytes, "cde", 3);
	assert_int_equal(image.segment[1].length, 2);
	assert_false(image_move(&image, 0xF8000000, &error));
	assert_false(image_move(&image, -0x08000004, &error));
	assert_true(image_move(&image, -0x08000003, &error));
	assert_int_equal(image_lowest(&image), 0);
	assert_int_equal(image_highest(&image), 0x0E);
	assert_int_equal(image_line(&image, 0), 2);
	assert_int_equal(image_line(&image, 0x0E), 3);
	assert_true(image_move(&image, 0xFFFFFFF1 - 1, &error));
	assert_int_equal(image_highest(&image), 0xFFFFFFFE);
	image_free(&image);
}

static void kinds_of_files(void **state)
{
	static const struct {
		const char *bytes;
		enum image_format format;
	} cases[] = {
		{":00000001FF", IMAGE_IHEX},
		{":00000001F", IMAGE_IHEX},
		{":0000000", IMAGE_RAW},
		{":hello, world", IMAGE_RAW},
		{"S00600004844521B", IMAGE_SREC},
		{"S30500", IMAGE_RAW},
		{"S3hello, world", IMAGE_RAW},
		{"\177ELF", IMAGE_ELF},
		{"DfuSe", IMAGE_DFUSE},
		{"DfuS", IMAGE_RAW},
		{"UF2\n\x57\x51\x5D\x9E", IMAGE_UF2},
		{"\xEF\xBB\xBF:00000001FF", IMAGE_IHEX},
		{"\r\n \n  :00000001FF", IMAGE_IHEX},
		{"\n\nS00600004844521B", IMAGE_SREC},
		{"x", IMAGE_RAW},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			image_detect((const uint8_t *)cases[i].bytes, strlen(cases[i].bytes)),
			cases[i].format);
	assert_string_equal(image_format_name(IMAGE_AUTO), "auto");
	assert_string_equal(image_format_name(IMAGE_DFU), "dfu");
	assert_null(image_format_name(IMAGE_FORMATS));
}

static char folder[] = "/tmp/test_image_XXXXXX";

static const char *write_file(const char *name, const char *text)
{
	static char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return path;
}

static bool read_file(const char *path, enum image_format format, bool has_address,
		      const char *sha256, struct image_error *error)
{
	char actual[SHA256_HEX_SIZE];
	struct image image;

	const struct image_ask ask = {format, has_address, 0x08000000, IMAGE_ANY_ALTERNATE};

	if (!image_read(path, &ask, sha256, &image, actual, error))
		return false;
	assert_int_equal(strlen(actual), 64);
	image_free(&image);
	return true;
}

static void reading_files(void **state)
{
	/* echo -n abc | sha256sum */
	const char *abc = "BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	struct image_error error = {0};
	const char *path = write_file("a.hex", ":00000001FF\n");

	(void)state;
	assert_true(read_file(path, IMAGE_AUTO, false, NULL, &error));
	assert_false(read_file(path, IMAGE_AUTO, true, NULL, &error));
	assert_int_equal(error.fault, IMAGE_HAS_ADDRESS);
	assert_true(read_file(path, IMAGE_RAW, true, NULL, &error));
	assert_false(read_file(path, IMAGE_SREC, false, NULL, &error));
	assert_int_equal(error.fault, IMAGE_BAD_CONTENT);
	assert_int_equal(error.line, 1);
	path = write_file("a.hex", "\xef\xbb\xbf:00000001FF\n");
	assert_true(read_file(path, IMAGE_AUTO, false, NULL, &error));
	path = write_file("a.hex", "; made by hand\n:00000001FF\n");
	assert_false(read_file(path, IMAGE_AUTO, false, NULL, &error));
	assert_int_equal(error.fault, IMAGE_BAD_CONTENT);
	assert_int_equal(error.line, 2);
	assert_non_null(strstr(error.why, "Remove the lines"));
	assert_null(strstr(error.why, "format: raw"));
	assert_false(read_file(path, IMAGE_SREC, false, NULL, &error));
	assert_true(read_file(path, IMAGE_RAW, true, NULL, &error));
	path = write_file("a.hex", ":0000000\n:00000001FF\n");
	assert_false(read_file(path, IMAGE_AUTO, false, NULL, &error));
	assert_int_equal(error.line, 1);
	assert_non_null(strstr(error.why, "odd number"));
	path = write_file("a.hex", "\x01\x02\x03");
	assert_false(read_file(path, IMAGE_AUTO, true, NULL, &error));
	assert_non_null(strstr(error.why, "format ihex"));
	assert_true(read_file(path, IMAGE_RAW, true, NULL, &error));
	path = write_file("a.bin", "abc");
	assert_true(read_file(path, IMAGE_AUTO, true, abc, &error));
	assert_false(read_file(path, IMAGE_AUTO, false, NULL, &error));
	assert_int_equal(error.fault, IMAGE_NO_ADDRESS);
	write_file("a.bin", "abd");
	assert_false(read_file(path, IMAGE_AUTO, true, abc, &error));
	assert_non_null(strstr(error.why, "SHA-256"));
	write_file("a.bin", "");
	assert_false(read_file(path, IMAGE_AUTO, true, NULL, &error));
	assert_non_null(strstr(error.why, "empty"));
	assert_int_equal(truncate(path, (64 << 20) + 1), 0);
	assert_false(read_file(path, IMAGE_AUTO, true, NULL, &error));
	assert_non_null(strstr(error.why, "larger than 65536 KiB"));
	assert_int_equal(unlink(path), 0);
	assert_false(read_file(path, IMAGE_AUTO, true, NULL, &error));
	assert_int_equal(error.fault, IMAGE_BAD_FILE);
	assert_non_null(strstr(error.why, "No such file"));
	/* It has no writer: opening must not wait. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_false(read_file(path, IMAGE_AUTO, true, NULL, &error));
	assert_non_null(strstr(error.why, "not a regular file"));
	assert_int_equal(unlink(path), 0);
	unlink(write_file("a.hex", ""));
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_flash_is_all_ones),
		cmocka_unit_test(bank_2_follows_bank_1),
		cmocka_unit_test(what_is_no_flash_is_refused),
		cmocka_unit_test(both_banks_of_an_xi_run_on),
		cmocka_unit_test(overlap_names_the_earlier_image),
		cmocka_unit_test(overlap_is_found_at_each_place),
		cmocka_unit_test(crop_and_move),
		cmocka_unit_test(kinds_of_files),
		cmocka_unit_test(reading_files),
	};

	return cmocka_run_group_tests_name("image/flash", tests, make_folder, remove_folder);
}
