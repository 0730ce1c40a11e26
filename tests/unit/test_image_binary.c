/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF, DfuSe and DFU suffix, made here byte by byte and damaged in every way. */
#include "h7gang/image/image.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct file {
	uint8_t bytes[4096];
	size_t length;
};

static void put(struct file *file, const void *bytes, size_t length)
{
	assert_true(length <= sizeof(file->bytes) - file->length);
	memcpy(file->bytes + file->length, bytes, length);
	file->length += length;
}

static void put_number(struct file *file, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i);

		put(file, &byte, 1);
	}
}

/* The plain bit by bit form of the CRC of DFU 1.1, to judge the table by. */
static uint32_t crc_of(const uint8_t *bytes, size_t length)
{
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
	}
	return crc;
}

static void put_suffix(struct file *file, unsigned version, unsigned length)
{
	for (unsigned i = 16; i < length; i++)
		put_number(file, 0, 1);
	put_number(file, 0x0200, 2);
	put_number(file, 0xdf11, 2);
	put_number(file, 0x0483, 2);
	put_number(file, version, 2);
	put(file, "UFD", 3);
	put_number(file, length, 1);
	put_number(file, crc_of(file->bytes, file->length), 4);
}

struct element {
	uint32_t address;
	const char *data;
};

static void put_target(struct file *file, unsigned alt, const struct element *element, unsigned n)
{
	static const char name[255] = "ST...";
	uint32_t size = 0;

	for (unsigned i = 0; i < n; i++)
		size += 8 + (uint32_t)strlen(element[i].data);
	put(file, "Target", 6);
	put_number(file, alt, 1);
	put_number(file, 1, 4);
	put(file, name, sizeof(name));
	put_number(file, size, 4);
	put_number(file, n, 4);
	for (unsigned i = 0; i < n; i++) {
		put_number(file, element[i].address, 4);
		put_number(file, (uint32_t)strlen(element[i].data), 4);
		put(file, element[i].data, strlen(element[i].data));
	}
}

static void begin_dfuse(struct file *file, unsigned targets)
{
	file->length = 0;
	put(file, "DfuSe\1", 6);
	put_number(file, 0, 4);
	put_number(file, targets, 1);
}

static void end_dfuse(struct file *file, size_t counted)
{
	for (unsigned i = 0; i < 4; i++)
		file->bytes[6 + i] = (uint8_t)((file->length + counted) >> 8 * i);
	put_suffix(file, 0x011A, 16);
}

/* Two targets of flash, three elements. */
static void sample_dfuse(struct file *file)
{
	static const struct element first[] = {{0x08000000, "abc"}, {0x08100001, "defgh"}};
	static const struct element second[] = {{0x08000003, "ij"}};

	begin_dfuse(file, 2);
	put_target(file, 0, first, 2);
	put_target(file, 0, second, 1);
	end_dfuse(file, 0);
}

static void assert_refused(const struct file *file, const char *word)
{
	struct image_error error = {0};
	struct image image;

	if (image_parse_dfuse(file->bytes, file->length, IMAGE_ANY_ALTERNATE, &image, &error))
		fail_msg("accepted, not %s", word);
	if (strstr(error.why, word) == NULL)
		fail_msg("%s, not %s", error.why, word);
	assert_null(image.store);
}

static void dfuse_elements_of_all_targets(void **state)
{
	struct image_error error = {0};
	struct image image;
	struct file file;

	(void)state;
	sample_dfuse(&file);
	assert_int_equal(image_detect(file.bytes, file.length), IMAGE_DFUSE);
	assert_true(
		image_parse_dfuse(file.bytes, file.length, IMAGE_ANY_ALTERNATE, &image, &error));
	assert_int_equal(image.count, 2);
	assert_int_equal(image.segment[0].address, 0x08000000);
	assert_int_equal(image.segment[0].length, 5);
	assert_memory_equal(image.segment[0].bytes, "abcij", 5);
	assert_int_equal(image.segment[1].address, 0x08100001);
	assert_memory_equal(image.segment[1].bytes, "defgh", 5);
	assert_true(image.has_ids);
	assert_int_equal(image.vid, 0x0483);
	assert_int_equal(image.pid, 0xdf11);
	image_free(&image);
}

static void dfuse_damage_is_found(void **state)
{
	struct image_error error;
	struct image image;
	struct file file;

	(void)state;
	sample_dfuse(&file);
	for (size_t i = 0; i < file.length; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			file.bytes[i] ^= (uint8_t)(1u << bit);
			assert_false(image_parse_dfuse(file.bytes, file.length, IMAGE_ANY_ALTERNATE,
						       &image, &error));
			file.bytes[i] ^= (uint8_t)(1u << bit);
		}
		assert_false(image_parse_dfuse(file.bytes, i, IMAGE_ANY_ALTERNATE, &image, &error));
	}
}

/* Lies under a right CRC. */
static void dfuse_lies_are_refused(void **state)
{
	static const struct element one[] = {{0x08000000, "abc"}}, none[] = {{0x08000000, ""}};
	static const struct element twice[] = {{0x08000000, "abc"}, {0x08000002, "d"}};
	static const struct element top[] = {{0xFFFFFFFE, "abc"}};
	struct file file;

	(void)state;
	begin_dfuse(&file, 1);
	put_target(&file, 1, one, 1);
	end_dfuse(&file, 0);
	assert_refused(&file, "holds target 1 for alternate setting 1 (ST...); only alternate");

	begin_dfuse(&file, 1);
	put_target(&file, 0, none, 1);
	end_dfuse(&file, 0);
	assert_refused(&file, "element 1 is empty");

	begin_dfuse(&file, 1);
	put_target(&file, 0, twice, 2);
	end_dfuse(&file, 0);
	assert_refused(&file, "0x08000002 is already stated by element 1: there it is 0x63, in "
			      "element 2 it is 0x64");

	begin_dfuse(&file, 1);
	put_target(&file, 0, top, 1);
	end_dfuse(&file, 0);
	assert_refused(&file, "past the end of the 32-bit");

	begin_dfuse(&file, 2);
	put_target(&file, 0, one, 1);
	end_dfuse(&file, 0);
	assert_refused(&file, "target 2: no target prefix");

	begin_dfuse(&file, 0);
	put_target(&file, 0, one, 1);
	end_dfuse(&file, 0);
	assert_refused(&file, "follow the last of 0 targets");

	begin_dfuse(&file, 1);
	put_target(&file, 0, one, 1);
	end_dfuse(&file, 7);
	assert_refused(&file, "announces");

	begin_dfuse(&file, 1);
	file.bytes[5] = 2;
	end_dfuse(&file, 0);
	assert_refused(&file, "version 2");

	begin_dfuse(&file, 1);
	put_target(&file, 0, one, 1);
	put_suffix(&file, 0x0100, 16);
	assert_refused(&file, "version 0x0100, not 0x011A");
}

static void dfuse_targets_are_selected(void **state)
{
	static const struct element flash[] = {{0x08000000, "abc"}};
	static const struct element option[] = {{0x5200201C, "xyz"}};
	struct image_error error = {0};
	struct image image;
	struct file file;

	(void)state;
	begin_dfuse(&file, 2);
	put_target(&file, 0, flash, 1);
	put_target(&file, 1, option, 1);
	end_dfuse(&file, 0);
	assert_refused(&file, "holds target 1 for alternate setting 0 (ST...), target 2 for "
			      "alternate setting 1 (ST...); only alternate setting 0 is flash");
	assert_true(image_parse_dfuse(file.bytes, file.length, 0, &image, &error));
	assert_int_equal(image_used(&image), 3);
	assert_int_equal(image_lowest(&image), 0x08000000);
	image_free(&image);
	assert_true(image_parse_dfuse(file.bytes, file.length, 1, &image, &error));
	assert_int_equal(image_lowest(&image), 0x5200201C);
	image_free(&image);
	assert_false(image_parse_dfuse(file.bytes, file.length, 2, &image, &error));
	assert_non_null(strstr(error.why, "no target for alternate setting 2"));
}

static void suffix_versions(void **state)
{
	static const struct element one[] = {{0x08000000, "abc"}};
	struct image_error error = {0};
	struct image image;
	struct file file;

	(void)state;
	begin_dfuse(&file, 1);
	put_target(&file, 0, one, 1);
	for (unsigned i = 0; i < 4; i++)
		file.bytes[6 + i] = (uint8_t)(file.length >> 8 * i);
	put_suffix(&file, 0x0110, 16);
	assert_true(
		image_parse_dfuse(file.bytes, file.length, IMAGE_ANY_ALTERNATE, &image, &error));
	image_free(&image);
	for (unsigned version = 0x0100; version <= 0x011A; version += version == 0x0100 ? 16 : 10) {
		file.length = 0;
		put(&file, "firmware", 8);
		put_suffix(&file, version, 16);
		assert_true(image_parse_dfu(file.bytes, file.length, 0x08000000, &image, &error));
		image_free(&image);
	}
	file.length = 0;
	put(&file, "firmware", 8);
	put_suffix(&file, 0x0200, 16);
	assert_false(image_parse_dfu(file.bytes, file.length, 0x08000000, &image, &error));
	assert_non_null(strstr(error.why, "0x0200"));
}

static void dfuse_counts_are_bounded(void **state)
{
	static const struct element one[] = {{0x08000000, "abc"}};
	static const size_t fields[] = {11 + 266, 11 + 270, 11 + 274 + 4};
	static const uint32_t lies[] = {0, 1, 2, 4, 10, 12, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFF8};

	(void)state;
	for (size_t f = 0; f < 3; f++) {
		for (size_t l = 0; l < sizeof(lies) / sizeof(lies[0]); l++) {
			struct image_error error;
			struct image image;
			struct file file;

			begin_dfuse(&file, 1);
			put_target(&file, 0, one, 1);
			if (f == 1 && lies[l] == 1)
				continue; /* the truth */
			for (unsigned i = 0; i < 4; i++)
				file.bytes[fields[f] + i] = (uint8_t)(lies[l] >> 8 * i);
			end_dfuse(&file, 0);
			assert_false(image_parse_dfuse(file.bytes, file.length, IMAGE_ANY_ALTERNATE,
						       &image, &error));
		}
	}
}

static void dfu_suffix_is_taken_off(void **state)
{
	struct image_error error = {0};
	struct image image;

	(void)state;
	for (unsigned length = 16; length < 40; length += 7) {
		struct file file = {.length = 0};

		put(&file, "firmware", 8);
		put_suffix(&file, 0x0100, length);
		assert_int_equal(image_detect(file.bytes, file.length), IMAGE_DFU);
		assert_true(image_parse_dfu(file.bytes, file.length, 0x08000000, &image, &error));
		assert_int_equal(image.count, 1);
		assert_int_equal(image.segment[0].length, 8);
		assert_memory_equal(image.segment[0].bytes, "firmware", 8);
		image_free(&image);
		file.bytes[0] ^= 1;
		assert_false(image_parse_dfu(file.bytes, file.length, 0x08000000, &image, &error));
		assert_non_null(strstr(error.why, "bad CRC"));
	}
	assert_false(image_parse_dfu((const uint8_t *)"UFD", 3, 0, &image, &error));
	assert_non_null(strstr(error.why, "no DFU suffix"));
}

struct sample_elf {
	Elf32_Ehdr header;
	Elf32_Phdr segment[4];
	uint8_t bytes[64];
};

static struct sample_elf sample_elf(void)
{
	struct sample_elf elf = {
		.header =
			{
				.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32,
					    ELFDATA2LSB, EV_CURRENT},
				.e_type = ET_EXEC,
				.e_machine = EM_ARM,
				.e_version = EV_CURRENT,
				.e_phoff = offsetof(struct sample_elf, segment),
				.e_ehsize = sizeof(Elf32_Ehdr),
				.e_phentsize = sizeof(Elf32_Phdr),
				.e_phnum = 4,
			},
	};
	const uint32_t at = offsetof(struct sample_elf, bytes);

	for (unsigned i = 0; i < sizeof(elf.bytes); i++)
		elf.bytes[i] = (uint8_t)(i + 1);
	/* Code, initialised data that runs elsewhere, something to skip, and memory without bytes.
	 */
	elf.segment[0] = (Elf32_Phdr){PT_LOAD, at, 0x08000000, 0x08000000, 16, 16, PF_R | PF_X, 4};
	elf.segment[1] = (Elf32_Phdr){PT_LOAD, at + 16, 0x20000000, 0x08100000, 8, 32, PF_R, 4};
	elf.segment[2] = (Elf32_Phdr){PT_NOTE, at + 24, 0x09000000, 0x09000000, 8, 8, PF_R, 4};
	elf.segment[3] = (Elf32_Phdr){PT_LOAD, at + 24, 0x24000000, 0x24000000, 0, 64, PF_W, 4};
	return elf;
}

static void elf_loads_at_load_addresses(void **state)
{
	struct sample_elf elf = sample_elf();
	struct image_error error = {0};
	struct image image;

	(void)state;
	assert_int_equal(image_detect((uint8_t *)&elf, sizeof(elf)), IMAGE_ELF);
	if (!image_parse_elf((uint8_t *)&elf, sizeof(elf), &image, &error))
		fail_msg("%s", error.why);
	assert_int_equal(image.count, 2);
	assert_int_equal(image.segment[0].address, 0x08000000);
	assert_int_equal(image.segment[0].length, 16);
	assert_memory_equal(image.segment[0].bytes, elf.bytes, 16);
	assert_int_equal(image.segment[1].address, 0x08100000);
	assert_int_equal(image.segment[1].length, 8);
	assert_memory_equal(image.segment[1].bytes, elf.bytes + 16, 8);
	image_free(&image);
}

/* All physical addresses are 0: virtual ones count. */
static void elf_without_physical_addresses(void **state)
{
	struct sample_elf elf = sample_elf();
	struct image_error error = {0};
	struct image image;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		elf.segment[i].p_paddr = 0;
	elf.segment[1].p_vaddr = 0x08100000;
	assert_true(image_parse_elf((uint8_t *)&elf, sizeof(elf), &image, &error));
	assert_int_equal(image.count, 2);
	assert_int_equal(image.segment[0].address, 0x08000000);
	assert_int_equal(image.segment[1].address, 0x08100000);
	image_free(&image);
}

static void elf_refused(const struct sample_elf *elf, size_t length, const char *word)
{
	struct image_error error = {0};
	struct image image;

	if (image_parse_elf((const uint8_t *)elf, length, &image, &error))
		fail_msg("accepted, not %s", word);
	if (strstr(error.why, word) == NULL)
		fail_msg("%s, not %s", error.why, word);
}

static void other_elf_is_refused(void **state)
{
	struct sample_elf elf = sample_elf();

	(void)state;
	elf.header.e_machine = EM_X86_64;
	elf_refused(&elf, sizeof(elf), "for ARM");
	elf = sample_elf();
	elf.header.e_ident[EI_DATA] = ELFDATA2MSB;
	elf_refused(&elf, sizeof(elf), "little-endian");
	elf = sample_elf();
	elf.header.e_ident[EI_CLASS] = ELFCLASS64;
	elf_refused(&elf, sizeof(elf), "ARM");
	elf = sample_elf();
	elf.header.e_type = ET_REL;
	elf_refused(&elf, sizeof(elf), "not a linked ELF executable");
	elf = sample_elf();
	elf.header.e_phnum = 0;
	elf_refused(&elf, sizeof(elf), "no program headers");
	elf = sample_elf();
	elf.header.e_phentsize = sizeof(Elf32_Phdr) + 8;
	elf_refused(&elf, sizeof(elf), "not of 32 bytes");
	elf = sample_elf();
	elf.segment[0].p_memsz = 15;
	elf_refused(&elf, sizeof(elf), "program header 0 has more bytes in the file");
	elf = sample_elf();
	elf.segment[0].p_filesz = elf.segment[0].p_memsz = 0x7FFFFFFF;
	elf_refused(&elf, sizeof(elf), "program header 0 reaches past the end");
	elf = sample_elf();
	elf.segment[1].p_offset = 0xFFFFFFF0;
	elf_refused(&elf, sizeof(elf), "program header 1 reaches past the end");
	elf = sample_elf();
	elf.segment[1].p_paddr = 0x0800000F;
	elf_refused(&elf, sizeof(elf), "0x0800000F is already stated by program header 0");
	elf = sample_elf();
	elf.segment[1].p_paddr = 0xFFFFFFFC;
	elf_refused(&elf, sizeof(elf), "past the end of the 32-bit");
	/* Bytes 0 to 63 are the file's own header. */
	elf = sample_elf();
	elf.segment[0].p_offset = 0;
	elf_refused(&elf, sizeof(elf), "program header 0 loads the ELF file's own headers");
	elf = sample_elf();
	elf.segment[0].p_offset = offsetof(struct sample_elf, segment) + 32;
	elf_refused(&elf, sizeof(elf), "own headers");
	elf = sample_elf();
	elf.header.e_shoff = 0x7FFFFFF0;
	elf_refused(&elf, sizeof(elf), "section headers");
	elf = sample_elf();
	for (size_t cut = 0; cut < offsetof(struct sample_elf, bytes) + 24; cut++)
		elf_refused(&elf, cut, "");
}

/* Every file of data that begins like zlib's, with bytes behind that do not unpack. */
static void data_that_begins_like_zlib_is_data(void **state)
{
	static const uint8_t second[] = {0x01, 0x5E, 0x9C, 0xDA};
	uint8_t bytes[1519];
	uint32_t dice = 1;
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct image_foreign foreign;

		for (size_t b = 0; b < sizeof(bytes); b++) {
			dice = dice * 1664525 + 1013904223;
			bytes[b] = (uint8_t)(dice >> 24);
		}
		bytes[0] = 0x78;
		bytes[1] = second[i % 4];
		taken += image_foreign(bytes, sizeof(bytes), &foreign);
	}
	assert_int_equal(taken, 0);
}

/* Keys of 8 and 16 random bytes: hardly one is all ASCII. */
static void short_data_is_no_text(void **state)
{
	uint32_t dice = 1;
	unsigned taken = 0;

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		struct image_foreign foreign;
		uint8_t key[16];

		for (size_t b = 0; b < sizeof(key); b++) {
			dice = dice * 1664525 + 1013904223;
			key[b] = (uint8_t)(dice >> 24);
		}
		taken += image_foreign(key, i % 2 ? 8 : sizeof(key), &foreign);
	}
	assert_in_range(taken, 0, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dfuse_elements_of_all_targets),
		cmocka_unit_test(dfuse_damage_is_found),
		cmocka_unit_test(dfuse_lies_are_refused),
		cmocka_unit_test(dfuse_targets_are_selected),
		cmocka_unit_test(suffix_versions),
		cmocka_unit_test(dfuse_counts_are_bounded),
		cmocka_unit_test(dfu_suffix_is_taken_off),
		cmocka_unit_test(elf_loads_at_load_addresses),
		cmocka_unit_test(elf_without_physical_addresses),
		cmocka_unit_test(other_elf_is_refused),
		cmocka_unit_test(data_that_begins_like_zlib_is_data),
		cmocka_unit_test(short_data_is_no_text),
	};

	return cmocka_run_group_tests_name("image/binary", tests, NULL, NULL);
}
