/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/stm32/part.h"

#include <string.h>

#define BANK1 0x08000000u
#define BANK2 0x08100000u /* also on parts with less than 1 MiB a bank: RM0433 t.14 */

/* RAMs by line (reference manuals' memory maps; CMSIS device headers of ST). On STM32H72x/73x the
 * option bits TCM_AXI_SHARED move up to 192 KiB of AXI SRAM to the ITCM. */
static const struct stm32_ram h72x_ram[] = {
	{"ITCM", 0x00000000, 256u << 10},
	{"DTCM", 0x20000000, 128u << 10},
	{"AXI SRAM", 0x24000000, 320u << 10},
	{"AHB SRAM", 0x30000000, 32u << 10},
	{"SRAM4", 0x38000000, 16u << 10},
	{"backup SRAM", 0x38800000, 4u << 10},
	{NULL, 0, 0},
};
/* Sources disagree where the 16 KiB of SRAM2 lie on STM32H742: both places count. */
static const struct stm32_ram h742_ram[] = {
	{"ITCM", 0x00000000, 64u << 10},       {"DTCM", 0x20000000, 128u << 10},
	{"AXI SRAM", 0x24000000, 384u << 10},  {"AHB SRAM", 0x30000000, 48u << 10},
	{"SRAM2", 0x30020000, 16u << 10},      {"SRAM4", 0x38000000, 64u << 10},
	{"backup SRAM", 0x38800000, 4u << 10}, {NULL, 0, 0},
};
static const struct stm32_ram h74x_ram[] = {
	{"ITCM", 0x00000000, 64u << 10},
	{"DTCM", 0x20000000, 128u << 10},
	{"AXI SRAM", 0x24000000, 512u << 10},
	{"AHB SRAM", 0x30000000, 288u << 10},
	{"SRAM4", 0x38000000, 64u << 10},
	{"backup SRAM", 0x38800000, 4u << 10},
	{NULL, 0, 0},
};
static const struct stm32_ram h7ax_ram[] = {
	{"ITCM", 0x00000000, 64u << 10},
	{"DTCM", 0x20000000, 128u << 10},
	{"AXI SRAM", 0x24000000, 1024u << 10},
	{"AHB SRAM", 0x30000000, 128u << 10},
	{"SRD SRAM", 0x38000000, 32u << 10},
	{"backup SRAM", 0x38800000, 4u << 10},
	{NULL, 0, 0},
};

/* Common to the parts of a series. RM0433/RM0399, RM0468: sectors of 128 KiB, flash words of 256
 * bits; RM0455: sectors of 8 KiB, flash words of 128 bits. The lines of H74X differ in RAM. */
#define H74X(lines_ram)                                                                            \
	.series = STM32_H74X, .ram = (lines_ram), .sector_bytes = 128u << 10, .flash_word = 32
#define H72X .series = STM32_H72X, .ram = h72x_ram, .sector_bytes = 128u << 10, .flash_word = 32
#define H7AX .series = STM32_H7AX, .ram = h7ax_ram, .sector_bytes = 8u << 10, .flash_word = 16

#define TWO_BANKS(kib, n) .flash_kib = (kib), .banks = 2, .bank = {{BANK1, (n)}, {BANK2, (n)}}
#define ONE_BANK(kib, n) .flash_kib = (kib), .banks = 1, .bank = {{BANK1, (n)}}

/* Every STM32H7 part by line and flash size, in alphabetical order, the largest of a line first.
 * Sizes and geometry: CMSIS device headers, modm-devices and embassy's stm32-data agree on them. To
 * add a part, add a row. */
static const struct stm32_part parts[] = {
	{"stm32h723xg", H72X, ONE_BANK(1024, 8)},
	{"stm32h723xe", H72X, ONE_BANK(512, 4)},
	{"stm32h725xg", H72X, ONE_BANK(1024, 8)},
	{"stm32h725xe", H72X, ONE_BANK(512, 4)},
	{"stm32h730xb", H72X, ONE_BANK(128, 1), .value_line = true},
	{"stm32h733xg", H72X, ONE_BANK(1024, 8)},
	{"stm32h735xg", H72X, ONE_BANK(1024, 8)},
	{"stm32h742xi", H74X(h742_ram), TWO_BANKS(2048, 8)},
	{"stm32h742xg", H74X(h742_ram), TWO_BANKS(1024, 4)},
	{"stm32h743xi", H74X(h74x_ram), TWO_BANKS(2048, 8)},
	{"stm32h743xg", H74X(h74x_ram), TWO_BANKS(1024, 4)},
	{"stm32h745xi", H74X(h74x_ram), TWO_BANKS(2048, 8), .two_cores = true},
	{"stm32h745xg", H74X(h74x_ram), TWO_BANKS(1024, 4), .two_cores = true},
	{"stm32h747xi", H74X(h74x_ram), TWO_BANKS(2048, 8), .two_cores = true},
	{"stm32h747xg", H74X(h74x_ram), TWO_BANKS(1024, 4), .two_cores = true},
	/* One sector, though its ROM announces sixteen. */
	{"stm32h750xb", H74X(h74x_ram), ONE_BANK(128, 1), .value_line = true},
	{"stm32h753xi", H74X(h74x_ram), TWO_BANKS(2048, 8)},
	{"stm32h755xi", H74X(h74x_ram), TWO_BANKS(2048, 8), .two_cores = true},
	{"stm32h757xi", H74X(h74x_ram), TWO_BANKS(2048, 8), .two_cores = true},
	{"stm32h7a3xi", H7AX, TWO_BANKS(2048, 128)},
	{"stm32h7a3xg", H7AX, TWO_BANKS(1024, 64)},
	{"stm32h7b0xb", H7AX, ONE_BANK(128, 16), .value_line = true},
	{"stm32h7b3xi", H7AX, TWO_BANKS(2048, 128)},
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

const struct stm32_part *stm32_part_at(unsigned index)
{
	return index < PARTS ? &parts[index] : NULL;
}

uint32_t stm32_bank_bytes(const struct stm32_part *part, unsigned bank)
{
	return bank < part->banks ? part->bank[bank].sectors * part->sector_bytes : 0;
}

uint32_t stm32_part_bytes(const struct stm32_part *part)
{
	return stm32_part_sectors(part) * part->sector_bytes;
}

unsigned stm32_part_sectors(const struct stm32_part *part)
{
	unsigned sectors = 0;

	for (unsigned b = 0; b < part->banks; b++)
		sectors += part->bank[b].sectors;
	return sectors;
}

bool stm32_offset(const struct stm32_part *part, uint32_t address, uint32_t *offset)
{
	uint32_t before = 0;

	for (unsigned b = 0; b < part->banks; b++) {
		uint32_t bytes = stm32_bank_bytes(part, b);

		if (address >= part->bank[b].base && address - part->bank[b].base < bytes) {
			*offset = before + (address - part->bank[b].base);
			return true;
		}
		before += bytes;
	}
	return false;
}

uint32_t stm32_address(const struct stm32_part *part, uint32_t offset)
{
	unsigned b = stm32_bank_of(part, offset);

	return part->bank[b].base + (b == 0 ? offset : offset - stm32_bank_bytes(part, 0));
}

unsigned stm32_bank_of(const struct stm32_part *part, uint32_t offset)
{
	return part->banks == 2 && offset >= stm32_bank_bytes(part, 0) ? 1 : 0;
}

bool stm32_is_blank(const uint8_t *bytes, size_t length)
{
	/* Equal to itself shifted by one byte: every byte equals the first. */
	return length == 0 || (bytes[0] == 0xff && memcmp(bytes, bytes + 1, length - 1) == 0);
}
