/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memories of an STM32H7 beside its flash, for messages (reference manuals, "Memory map"). */
#include <stddef.h>

#include "h7gang/stm32/part.h"

#define FLASH_START 0x08000000u
#define FLASH_END 0x08200000u /* of the largest part */

static const struct {
	uint32_t first, last;
	const char *name;
} memories[] = {
	{0x08FFF000, 0x08FFF7FF, "one-time programmable memory, which h7gang never writes"},
	{0x1FF00000, 0x1FF1FFFF, "system memory, where the ROM bootloader is"},
	{0x52002000, 0x520021FF, "option bytes: set them with the key option_bytes"},
	{0x60000000, 0x6FFFFFFF, "external memory at the FMC"},
	{0x70000000, 0x7FFFFFFF, "external memory at OCTOSPI2"},
	{0x80000000, 0x8FFFFFFF, "external memory at the FMC"},
	{0x90000000, 0x9FFFFFFF, "external memory at QUADSPI or OCTOSPI1"},
	{0xC0000000, 0xDFFFFFFF, "external SDRAM at the FMC"},
};

const char *stm32_memory_name(const struct stm32_part *part, uint32_t address)
{
	if (address >= FLASH_START && address < FLASH_END)
		return part->value_line
			       ? "flash beyond the 128 KiB of a value-line part, which ST neither "
				 "announces nor tests"
			       : "beyond the flash of this part";
	for (const struct stm32_ram *ram = part->ram; ram->name != NULL; ram++)
		if (address - ram->base < ram->bytes)
			return "RAM, which loses its contents at reset";
	for (size_t i = 0; i < sizeof(memories) / sizeof(memories[0]); i++)
		if (address >= memories[i].first && address <= memories[i].last)
			return memories[i].name;
	return "no memory of this part";
}
