/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vector table where the application starts (ARMv7-M, B1.5.3: the first word is the initial
 * main stack pointer, the second the address of the reset handler with bit 0 set for Thumb). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/image/start.h"

#define TABLE_BYTES 8u     /* that decide */
#define STACK_ALIGNMENT 8u /* AAPCS at a public interface */
#define STACK_MARGIN 16u   /* AN2606 t.136 */

/* First words that reveal another kind of data in place of a vector table. */
static const struct {
	uint32_t word;
	const char *what;
} known_words[] = {
	{0xFFFFFFFF, "blank flash"},
	{0x00000000, "zeros"},
	{0x464C457F, "the header of an ELF file: take the file without address and format"},
	{0x96F3B83D, "the header of an image for MCUboot, whose vector table follows after it: "
		     "program the boot loader at the start address too, or program the unsigned "
		     "image"},
	{0x53757366, "the header of a DfuSe file"},
	{0x04034B50, "the header of a zip archive"},
	{0x0A324655, "the header of a UF2 file: take the file without address and format"},
};

static uint32_t word_at(const struct image_flash *flash, uint32_t address)
{
	uint32_t word = 0;

	for (uint32_t i = 0; i < 4; i++) {
		uint32_t offset;
		uint8_t byte = 0xFF;

		if (stm32_offset(flash->part, address + i, &offset))
			byte = flash->bytes[offset];
		word |= (uint32_t)byte << 8 * i;
	}
	return word;
}

static const struct stm32_ram *ram_of(const struct stm32_part *part, uint32_t stack)
{
	for (const struct stm32_ram *ram = part->ram; ram->name != NULL; ram++)
		if (stack > ram->base && stack - ram->base <= ram->bytes)
			return ram;
	return NULL;
}

void image_start_look(const struct image_flash *flash, uint32_t address, struct image_start *start)
{
	*start = (struct image_start){.address = address};
	for (uint32_t i = 0; i < TABLE_BYTES; i++)
		start->programmed = start->programmed || image_flash_states(flash, address + i);
	if (!start->programmed)
		return;
	start->stack = word_at(flash, address);
	start->reset = word_at(flash, address + 4);
	start->ram = ram_of(flash->part, start->stack);
	if (start->ram != NULL) {
		uint32_t end = start->ram->base + start->ram->bytes;

		start->stack_at_end = start->stack == end;
		start->stack_near_end = start->stack >= end - STACK_MARGIN;
		start->stack_misaligned = start->stack % STACK_ALIGNMENT != 0;
	}
	start->reset_odd = start->reset % 2 != 0;
	start->reset_programmed = image_flash_states(flash, start->reset & ~UINT32_C(1));
	start->reset_blank = start->reset_programmed &&
			     (word_at(flash, start->reset & ~UINT32_C(1)) & 0xFFFF) == 0xFFFF;
	start->plausible = start->ram != NULL && start->reset_odd && start->reset_programmed &&
			   !start->reset_blank;
}

static void add(char *text, size_t size, const char *what)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", used > 0 ? "; " : "", what);
}

static void list_rams(const struct stm32_part *part, char *text, size_t size)
{
	size_t used = 0;

	for (const struct stm32_ram *ram = part->ram; ram->name != NULL && used < size; ram++)
		used += (size_t)snprintf(
			text + used, size - used, "%s0x%08" PRIX32 " to 0x%08" PRIX32 " (%s)",
			used > 0 ? ", " : "", ram->base, ram->base + ram->bytes, ram->name);
}

void image_start_why(const struct image_start *start, const struct stm32_part *part, char *text,
		     size_t size)
{
	char one[560], rams[400];

	text[0] = '\0';
	if (start->ram == NULL) {
		list_rams(part, rams, sizeof(rams));
		snprintf(one, sizeof(one),
			 "the stack pointer 0x%08" PRIX32 " is not in RAM; the %s has RAM at %s",
			 start->stack, part->name, rams);
		add(text, size, one);
	}
	if (!start->reset_odd) {
		snprintf(one, sizeof(one),
			 "the reset handler 0x%08" PRIX32 " is even, but Thumb code has bit 0 set",
			 start->reset);
		add(text, size, one);
	}
	if (!start->reset_programmed) {
		snprintf(one, sizeof(one),
			 "the reset handler 0x%08" PRIX32 " is outside the bytes of the firmware",
			 start->reset);
		add(text, size, one);
	}
	if (start->reset_blank) {
		snprintf(one, sizeof(one),
			 "the reset handler 0x%08" PRIX32
			 " points at bytes of 0xFF, which are no code: the file may be cut off and "
			 "padded",
			 start->reset);
		add(text, size, one);
	}
	for (size_t i = 0; i < sizeof(known_words) / sizeof(known_words[0]); i++)
		if (!start->plausible && known_words[i].word == start->stack) {
			snprintf(one, sizeof(one), "it looks like %s", known_words[i].what);
			add(text, size, one);
		}
}
