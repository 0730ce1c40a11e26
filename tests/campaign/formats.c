/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of several segments, as linkers and packers write them: ELF, DfuSe, and HEX and S-records
 * whose records come in any order. What a format leaves open is drawn. */
#include "campaign.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	RECORDS_MAX = FLASH_MAX / 4,
	ELF_HEADER = 52, /* gABI 4.1, 32 bits */
	ELF_PROGRAM = 32,
	ELF_EXTRA = 3,
	DFUSE_NAME = 255,
	DFU_SUFFIX = 16
};

/* A file that is put together in memory. */
struct bytes {
	uint8_t *at;
	size_t length, room;
	bool short_of_memory;
};

static void put(struct bytes *file, const void *bytes, size_t length)
{
	if (file->length + length > file->room) {
		size_t room = 2 * (file->length + length);
		uint8_t *more = realloc(file->at, room);

		if (!more) {
			file->short_of_memory = true;
			return;
		}
		file->at = more;
		file->room = room;
	}
	memcpy(file->at + file->length, bytes, length);
	file->length += length;
}

static void put_le(struct bytes *file, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i);

		put(file, &byte, 1);
	}
}

static void put_zeros(struct bytes *file, size_t count)
{
	static const uint8_t zeros[64];

	for (; count > sizeof(zeros); count -= sizeof(zeros))
		put(file, zeros, sizeof(zeros));
	put(file, zeros, count);
}

static void patch_le32(struct bytes *file, size_t at, uint32_t value)
{
	for (unsigned i = 0; i < 4 && at + i < file->length; i++)
		file->at[at + i] = (uint8_t)(value >> 8 * i);
}

static bool finish(struct bytes *file, const char *path)
{
	bool good = !file->short_of_memory && write_file(path, file->at, file->length);

	free(file->at);
	return good;
}

static void shuffle(uint64_t *dice, uint32_t *order, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	for (uint32_t i = count; i > 1; i--) {
		uint32_t k = below(dice, i), kept = order[i - 1];

		order[i - 1] = order[k];
		order[k] = kept;
	}
}

static void put_program(struct bytes *table, uint32_t type, uint32_t offset, uint32_t virtual,
			uint32_t physical, uint32_t file_bytes, uint32_t memory_bytes,
			uint32_t flags)
{
	const uint32_t fields[] = {type,       offset,       virtual, physical,
				   file_bytes, memory_bytes, flags,   4};

	for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		put_le(table, fields[i], 4);
}

/* A header that loads nothing: .bss in RAM or behind the firmware, a note, the unwind index. */
static void put_no_load(uint64_t *dice, struct bytes *table, uint32_t address)
{
	switch (below(dice, 4)) {
	case 0:
		put_program(table, 1, below(dice, 4096), 0x20000000, 0x20000000, 0,
			    any_size(dice, 60000), 6);
		break;
	case 1:
		put_program(table, 1, below(dice, 4096), 0x24000000, address, 0,
			    any_size(dice, 60000), 6);
		break;
	case 2:
		put_program(table, 4, 0, address, address, 16, 16, 4);
		break;
	default:
		put_program(table, 0x70000001, 0, address, address, 8, 8, 4);
		break;
	}
}

static void put_elf_header(struct bytes *file, uint32_t entry, uint32_t programs)
{
	static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 1, 1, 1};

	put(file, ident, sizeof(ident));
	put_le(file, 2, 2);  /* ET_EXEC */
	put_le(file, 40, 2); /* EM_ARM */
	put_le(file, 1, 4);
	put_le(file, entry, 4);
	put_le(file, 0, 4); /* e_phoff, later */
	put_le(file, 0, 4); /* no sections */
	put_le(file, 0x05000200, 4);
	put_le(file, ELF_HEADER, 2);
	put_le(file, ELF_PROGRAM, 2);
	put_le(file, programs, 2);
	put_le(file, 40, 2);
	put_le(file, 0, 4); /* none of them, no names */
}

/* Where a segment is loaded to is p_paddr; p_vaddr may be RAM, as that of .data is. */
bool write_elf(const char *path, uint64_t *dice, const uint8_t *flash,
	       const struct segment *segment, unsigned count)
{
	uint32_t order[SEGMENTS_MAX], offset[SEGMENTS_MAX], extra = below(dice, ELF_EXTRA + 1);
	bool table_last = percent(dice, 30);
	struct bytes file = {0}, table = {0};
	size_t table_at = ELF_HEADER;

	put_elf_header(&file, segment[0].address | 1, count + extra);
	if (!table_last)
		put_zeros(&file, ELF_PROGRAM * (count + extra));
	shuffle(dice, order, count);
	for (unsigned i = 0; i < count; i++) {
		const struct segment *one = &segment[order[i]];

		put_zeros(&file, below(dice, 40));
		offset[order[i]] = (uint32_t)file.length;
		put(&file, flash + one->offset, one->length);
	}
	put_zeros(&file, 1 + below(dice, 40));
	shuffle(dice, order, count);
	for (unsigned i = 0; i < count; i++) {
		const struct segment *one = &segment[order[i]];
		bool data = percent(dice, 30);

		for (; extra > 0 && percent(dice, 40); extra--)
			put_no_load(dice, &table, one->address);
		put_program(&table, 1, offset[order[i]],
			    data ? 0x24000000 + 4 * below(dice, 9999) : one->address, one->address,
			    one->length, one->length + (data ? below(dice, 999) : 0), data ? 6 : 5);
	}
	for (; extra > 0; extra--)
		put_no_load(dice, &table, segment[0].address);
	if (table_last) {
		table_at = file.length;
		put(&file, table.at, table.length);
	} else if (table.length <= file.length - table_at) {
		memcpy(file.at + table_at, table.at, table.length);
	}
	patch_le32(&file, 28, (uint32_t)table_at);
	file.short_of_memory = file.short_of_memory || table.short_of_memory;
	free(table.at);
	return finish(&file, path);
}

/* As in the DFU 1.1 suffix: all ones at first, not inverted at the end. */
static uint32_t crc32_of(const uint8_t *bytes, size_t length)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
	}
	return crc;
}

static void put_target(struct bytes *file, uint64_t *dice, const uint8_t *flash,
		       const struct segment *segment, const uint32_t *order, unsigned count)
{
	bool named = percent(dice, 70);
	char name[DFUSE_NAME] = "";
	size_t head = file->length;

	if (named)
		memcpy(name, "ST...", 5);
	put(file, "Target", 7); /* its end is alternate setting 0 */
	put_le(file, named, 4);
	put(file, name, sizeof(name));
	put_le(file, 0, 4); /* bytes of the elements, later */
	put_le(file, count, 4);
	for (unsigned i = 0; i < count; i++) {
		const struct segment *one = &segment[order[i]];

		put_le(file, one->address, 4);
		put_le(file, one->length, 4);
		put(file, flash + one->offset, one->length);
	}
	patch_le32(file, head + 266, (uint32_t)(file->length - head - 274));
}

/* UM0391; all targets are the flash's alternate setting. */
bool write_dfuse(const char *path, uint64_t *dice, const uint8_t *flash,
		 const struct segment *segment, unsigned count)
{
	uint32_t order[SEGMENTS_MAX],
		targets = 1 + (count > 1 && percent(dice, 30) ? below(dice, count) : 0);
	bool anyones = percent(dice, 30), whole = percent(dice, 30);
	struct bytes file = {0};
	unsigned done = 0;

	shuffle(dice, order, count);
	put(&file, "DfuSe\1", 6);
	put_le(&file, 0, 4); /* bytes of the file, later */
	put_le(&file, targets, 1);
	for (uint32_t t = 0; t < targets; t++) {
		unsigned here = t + 1 == targets ? count - done : 1;

		put_target(&file, dice, flash, segment, order + done, here);
		done += here;
	}
	/* UM0391 counts without the suffix, a packer of dfu-util's with it. */
	patch_le32(&file, 6, (uint32_t)(file.length + (whole ? DFU_SUFFIX : 0)));
	put_le(&file, below(dice, 0x10000), 2);
	put_le(&file, anyones ? 0xffff : 0xdf11, 2);
	put_le(&file, anyones ? 0xffff : 0x0483, 2);
	put_le(&file, 0x011a, 2);
	put(&file, "UFD", 3);
	put_le(&file, DFU_SUFFIX, 1);
	put_le(&file, file.short_of_memory ? 0 : crc32_of(file.at, file.length), 4);
	return finish(&file, path);
}

/* Cuts all segments into records of a drawn width, none over an address that 64 KiB divides. */
static uint32_t cut(uint64_t *dice, const struct segment *segment, unsigned count,
		    struct segment *record, uint8_t most)
{
	bool ragged = percent(dice, 20);
	uint32_t records = 0;

	for (unsigned s = 0; s < count; s++) {
		struct segment left = segment[s];

		while (left.length > 0 && records < RECORDS_MAX) {
			uint32_t page = 0x10000 - (left.address & 0xffff);
			uint32_t step = ragged ? 4 + below(dice, most - 3u) : most;

			if (step > page)
				step = page;
			if (step > left.length)
				step = left.length;
			record[records] = left;
			record[records++].length = step;
			left.address += step;
			left.offset += step;
			left.length -= step;
		}
	}
	return records;
}

static const char *line_end(uint64_t *dice)
{
	return percent(dice, 30) ? "\r\n" : "\n";
}

static void put_hex_records(FILE *file, uint64_t *dice, const uint8_t *flash,
			    const struct segment *record, const uint32_t *order, uint32_t records)
{
	const char *end = line_end(dice);
	uint32_t start_at = below(dice, 2 * records), upper = 0;
	bool repeats = percent(dice, 10);

	for (uint32_t i = 0; i < records; i++) {
		const struct segment *one = &record[order ? order[i] : i];
		const uint8_t high[] = {(uint8_t)(one->address >> 24),
					(uint8_t)(one->address >> 16)};
		const uint8_t start[] = {high[0], high[1], (uint8_t)(one->address >> 8),
					 (uint8_t)one->address};

		if (upper != one->address >> 16 || repeats)
			put_hex(file, end, 4, 0, high, 2);
		upper = one->address >> 16;
		if (i == start_at)
			put_hex(file, end, percent(dice, 50) ? 5 : 3, 0, start, 4);
		put_hex(file, end, 0, (uint16_t)one->address, flash + one->offset,
			(uint8_t)one->length);
	}
	put_hex(file, end, 1, 0, NULL, 0);
}

static void put_srec_records(FILE *file, uint64_t *dice, const uint8_t *flash,
			     const struct segment *record, const uint32_t *order, uint32_t records)
{
	const char *end = line_end(dice);

	if (percent(dice, 70))
		put_srec(file, end, '0', 2, 0, (const uint8_t *)"wide", 4);
	for (uint32_t i = 0; i < records; i++) {
		const struct segment *one = &record[order ? order[i] : i];

		put_srec(file, end, '3', 4, one->address, flash + one->offset,
			 (uint8_t)one->length);
	}
	if (percent(dice, 50))
		put_srec(file, end, records > 0xffff ? '6' : '5', records > 0xffff ? 3 : 2, records,
			 NULL, 0);
	put_srec(file, end, '7', 4, record[0].address | 1, NULL, 0);
}

bool write_records(const char *path, uint64_t *dice, bool hex, const uint8_t *flash,
		   const struct segment *segment, unsigned count)
{
	static const uint8_t widths[] = {16, 16, 32, 8, 64, 250};
	static struct segment record[RECORDS_MAX];
	static uint32_t order[RECORDS_MAX];
	uint8_t most = widths[below(dice, sizeof(widths))];
	uint32_t records = cut(dice, segment, count, record, most);
	bool mixed = percent(dice, 70), good;
	FILE *file = fopen(path, "w");

	if (!file)
		return false;
	if (mixed)
		shuffle(dice, order, records);
	(hex ? put_hex_records : put_srec_records)(file, dice, flash, record, mixed ? order : NULL,
						   records);
	good = !ferror(file);
	return fclose(file) == 0 && good;
}
