/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/stm32/part.h"

#include <string.h>

#define BANK1 0x08000000u
#define BANK2 0x08100000u /* also on parts with less than 1 MiB a bank: RM0433 t.14 */

/* What the parts of a series have in common. RM0433/RM0399, RM0468: sectors of 128 KiB, flash words
 * of 256 bits; RM0455: sectors of 8 KiB, flash words of 128 bits. Identity: the RMs' "Device
 * electronic signature"; the bootloader ID: AN2606 t.3. */
#define H74X_COMMON                                                                                \
	.series = STM32_H74X, .sector_bytes = 128u << 10, .flash_word = 32,                        \
	.uid_address = 0x1FF1E800u, .size_address = 0x1FF1E880u, .bootloader_address = 0x1FF1E7FEu
#define H72X_COMMON                                                                                \
	.series = STM32_H72X, .sector_bytes = 128u << 10, .flash_word = 32,                        \
	.uid_address = 0x1FF1E800u, .size_address = 0x1FF1E880u, .bootloader_address = 0x1FF1E7FEu
#define H7AX_COMMON                                                                                \
	.series = STM32_H7AX, .sector_bytes = 8u << 10, .flash_word = 16,                          \
	.uid_address = 0x08FFF800u, .size_address = 0x08FFF80Cu, .bootloader_address = 0x1FF13FFEu

#define TWO_BANKS(n) .banks = 2, .bank = {{BANK1, (n)}, {BANK2, (n)}}
#define ONE_BANK(n) .banks = 1, .bank = {{BANK1, (n)}}

#define H74X_XI(line)                                                                              \
	{                                                                                          \
		.name = "stm32" line "xi", H74X_COMMON, TWO_BANKS(8), .flash_kib = 2048            \
	}
#define H74X_XG(line)                                                                              \
	{                                                                                          \
		.name = "stm32" line "xg", H74X_COMMON, TWO_BANKS(4), .flash_kib = 1024            \
	}

static const struct stm32_part parts[] = {
	H74X_XI("h742"),
	H74X_XG("h742"),
	H74X_XI("h743"),
	H74X_XG("h743"),
	H74X_XI("h745"),
	H74X_XG("h745"),
	H74X_XI("h747"),
	H74X_XG("h747"),
	/* One sector, though its ROM announces sixteen. */
	{.name = "stm32h750xb", H74X_COMMON, ONE_BANK(1), .flash_kib = 128},
	H74X_XI("h753"),
	H74X_XG("h753"),
	H74X_XI("h755"),
	H74X_XG("h755"),
	H74X_XI("h757"),
	H74X_XG("h757"),
	{.name = "stm32h723xg", H72X_COMMON, ONE_BANK(8), .flash_kib = 1024},
	{.name = "stm32h733xg", H72X_COMMON, ONE_BANK(8), .flash_kib = 1024},
	{.name = "stm32h7a3xi", H7AX_COMMON, TWO_BANKS(128), .flash_kib = 2048},
	{.name = "stm32h7b3xi", H7AX_COMMON, TWO_BANKS(128), .flash_kib = 2048},
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

const struct stm32_part *stm32_part_find(const char *name)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	return NULL;
}

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
