/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts: geometry of flash, and where a part keeps what identifies it. */
#ifndef H7GANG_STM32_PART_H
#define H7GANG_STM32_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/dfu/layout.h"

#define STM32_BANKS_MAX 2
#define STM32_UID_BYTES 12
#define STM32_SECTORS_MAX 256 /* H7A3: 2 banks of 128 */

enum stm32_series {
	STM32_H74X, /* H742/743/745/747/750/753/755/757: RM0433, RM0399 */
	STM32_H72X, /* H723/725/730/733/735: RM0468 */
	STM32_H7AX  /* H7A3/7B3/7B0: RM0455 */
};

struct stm32_bank {
	uint32_t base;    /* address of the first byte */
	uint32_t sectors; /* of part.sector_bytes each */
};

struct stm32_part {
	const char *name; /* as in a profile: "stm32h743xi" */
	enum stm32_series series;
	unsigned banks; /* 1 or 2 */
	struct stm32_bank bank[STM32_BANKS_MAX];
	uint32_t sector_bytes;
	uint32_t flash_word;    /* programming unit with its own ECC, bytes */
	uint16_t flash_kib;     /* what the flash size register of that part says */
	uint32_t uid_address;   /* 12 bytes */
	uint32_t size_address;  /* 16-bit KiB */
	uint32_t bootloader_address; /* one byte, AN2606 t.3 */
};

/* By profile name (lower case). NULL if there is no such part. */
const struct stm32_part *stm32_part_find(const char *name);

/* All parts in order, for messages and completion; NULL past the end. */
const struct stm32_part *stm32_part_at(unsigned index);

/* Bytes of all banks together: bank 1 then bank 2, without the hole between them. */
uint32_t stm32_part_bytes(const struct stm32_part *part);
uint32_t stm32_bank_bytes(const struct stm32_part *part, unsigned bank);
unsigned stm32_part_sectors(const struct stm32_part *part); /* of all banks together */

/* Offset of `address` in "bank 1 then bank 2" order. False outside flash. */
bool stm32_offset(const struct stm32_part *part, uint32_t address, uint32_t *offset);

/* The other way. `offset` must be below stm32_part_bytes. */
uint32_t stm32_address(const struct stm32_part *part, uint32_t offset);

/* Bank 0 or 1 of an offset below stm32_part_bytes. */
unsigned stm32_bank_of(const struct stm32_part *part, uint32_t offset);

#endif
