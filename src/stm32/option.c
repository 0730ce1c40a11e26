/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/stm32/option.h"

#include <stdio.h>
#include <string.h>

#define OPTSR 0x00                  /* FLASH_OPTSR_CUR  0x5200201C */
#define WPSN1 0x1C                  /* FLASH_WPSN_CUR1R 0x52002038 */
#define BOOT 0x24                   /* FLASH_BOOT_CUR   0x52002040 */
#define WPSN2 0x11C                 /* FLASH_WPSN_CUR2R 0x52002138 */
#define IWDG1_SW (UINT32_C(1) << 4) /* of OPTSR; 1: by software */
#define TO_PRG 4                    /* each _PRG register follows its _CUR */

/* RM0433 4.9.8 to 4.9.21; two cores: RM0399. */
static const struct stm32_option_field fields[] = {
	{"rdp", OPTSR, 8, 8, false, false},           {"bor", OPTSR, 2, 2, false, false},
	{"iwdg1_sw", OPTSR, 4, 1, false, false},      {"iwdg2_sw", OPTSR, 5, 1, true, false},
	{"nrst_stop_d1", OPTSR, 6, 1, false, false},  {"nrst_stby_d1", OPTSR, 7, 1, false, false},
	{"fz_iwdg_stop", OPTSR, 17, 1, false, false}, {"fz_iwdg_sdby", OPTSR, 18, 1, false, false},
	{"st_ram_size", OPTSR, 19, 2, false, false},  {"security", OPTSR, 21, 1, false, false},
	{"boot_cm4", OPTSR, 22, 1, true, false},      {"boot_cm7", OPTSR, 23, 1, true, false},
	{"io_hslv", OPTSR, 29, 1, false, false},      {"swap_bank", OPTSR, 31, 1, false, true},
	{"boot_add0", BOOT, 0, 16, false, false},     {"boot_add1", BOOT, 16, 16, false, false},
	{"wrpsn1", WPSN1, 0, 8, false, false},        {"wrpsn2", WPSN2, 0, 8, false, true},
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

const struct stm32_option_field *stm32_option_at(unsigned index)
{
	return index < FIELDS ? &fields[index] : NULL;
}

const struct stm32_option_field *stm32_option_find(const struct stm32_part *part, const char *name)
{
	if (part->series == STM32_H7AX) /* RM0455: other registers, behind another address */
		return NULL;
	for (size_t i = 0; i < FIELDS; i++)
		if (strcmp(fields[i].name, name) == 0 && (!fields[i].dual || part->two_cores) &&
		    (!fields[i].two_banks || part->banks == 2))
			return &fields[i];
	return NULL;
}

bool stm32_option_known(const struct stm32_option_block *block,
			const struct stm32_option_field *field)
{
	return field->at + TO_PRG + 4u <= block->length;
}

uint32_t stm32_option_register(const struct stm32_option_block *block, uint32_t at)
{
	return block->bytes[at] | (uint32_t)block->bytes[at + 1] << 8 |
	       (uint32_t)block->bytes[at + 2] << 16 | (uint32_t)block->bytes[at + 3] << 24;
}

static uint32_t mask_of(const struct stm32_option_field *field)
{
	return ((UINT32_C(1) << field->width) - 1) << field->shift;
}

uint32_t stm32_option_get(const struct stm32_option_block *block,
			  const struct stm32_option_field *field)
{
	return (stm32_option_register(block, field->at) & mask_of(field)) >> field->shift;
}

void stm32_option_put(struct stm32_option_block *block, const struct stm32_option_field *field,
		      uint32_t value)
{
	for (uint32_t at = field->at; at <= field->at + (uint32_t)TO_PRG; at += TO_PRG) {
		uint32_t word = stm32_option_register(block, at) & ~mask_of(field);

		word |= value << field->shift & mask_of(field);
		for (unsigned i = 0; i < 4; i++)
			block->bytes[at + i] = (uint8_t)(word >> 8 * i);
	}
}

static uint32_t wpsn_at(unsigned bank)
{
	return bank ? WPSN2 : WPSN1;
}

bool stm32_option_is_wrp(const struct stm32_option_field *field, unsigned *bank)
{
	*bank = field->at == WPSN2;
	return field->at == WPSN1 || field->at == WPSN2;
}

bool stm32_wrp_known(const struct stm32_option_block *block, unsigned bank)
{
	return wpsn_at(bank) + TO_PRG + 4u <= block->length;
}

bool stm32_watchdog_runs(const struct stm32_option_block *block)
{
	return block->length >= 4 && !(stm32_option_register(block, OPTSR) & IWDG1_SW);
}

/* A bit of WPSN, 0 where it protects: for one sector, or for four of H7A3's (RM0455 4.9.12). */
static uint32_t wpsn_bit(const struct stm32_part *part, unsigned sector, unsigned *bank)
{
	*bank = sector >= part->bank[0].sectors;
	if (*bank)
		sector -= part->bank[0].sectors;
	return UINT32_C(1) << (part->series == STM32_H7AX ? sector / 4 : sector);
}

bool stm32_wrp_get(const struct stm32_part *part, const struct stm32_option_block *block,
		   unsigned sector)
{
	unsigned bank;
	uint32_t bit = wpsn_bit(part, sector, &bank);

	return stm32_wrp_known(block, bank) && !(stm32_option_register(block, wpsn_at(bank)) & bit);
}

static void set_bits(struct stm32_option_block *block, uint32_t at, uint32_t bits)
{
	for (unsigned i = 0; i < 4; i++)
		block->bytes[at + i] |= (uint8_t)(bits >> 8 * i);
}

void stm32_wrp_clear(const struct stm32_part *part, struct stm32_option_block *block,
		     unsigned sector)
{
	unsigned bank;
	uint32_t bit = wpsn_bit(part, sector, &bank);

	set_bits(block, wpsn_at(bank), bit);
	set_bits(block, wpsn_at(bank) + TO_PRG, bit);
}

void stm32_sectors_text(const bool *set, unsigned count, char *text, size_t size)
{
	unsigned many = 0;
	size_t used;

	for (unsigned s = 0; s < count; s++)
		many += set[s];
	used = (size_t)snprintf(text, size, "%s",
				many == 0   ? "no sector"
				: many == 1 ? "sector"
					    : "sectors");
	for (unsigned s = 0, told = 0; s < count && used < size; s++) {
		unsigned last = s;

		if (!set[s])
			continue;
		while (last + 1 < count && set[last + 1])
			last++;
		if (last == s + 1) /* two are no range */
			last = s;
		used += (size_t)snprintf(text + used, size - used, "%s %u", told++ ? "," : "", s);
		if (last > s && used < size)
			used += (size_t)snprintf(text + used, size - used, " to %u", last);
		s = last;
	}
}

int stm32_rdp_level(uint32_t rdp)
{
	return rdp == 0xAA ? 0 : rdp == 0xCC ? 2 : 1;
}

uint32_t stm32_rdp_value(int level)
{
	return level == 0 ? 0xAA : level == 2 ? 0xCC : 0x55;
}
