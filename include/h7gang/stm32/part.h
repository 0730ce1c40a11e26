/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts: geometry of flash and RAM. The addresses that identify a part are its series'
 * (series.h). */
#ifndef H7GANG_STM32_PART_H
#define H7GANG_STM32_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STM32_BANKS_MAX 2
#define STM32_UID_BYTES 12
#define STM32_SECTORS_MAX 256 /* H7A3: 2 banks of 128 */

enum stm32_series {
	STM32_H74X, /* H742/743/745/747/750/753/755/757: RM0433, RM0399 */
	STM32_H72X, /* H723/725/730/733/735: RM0468 */
	STM32_H7AX, /* H7A3/7B3/7B0: RM0455 */
	STM32_SERIES_COUNT
};

struct stm32_bank {
	uint32_t base;    /* address of the first byte */
	uint32_t sectors; /* of part.sector_bytes each */
};

/* One RAM of a part. `base + bytes` may be 2^32 at most. */
struct stm32_ram {
	const char *name; /* "DTCM"; NULL ends a list */
	uint32_t base, bytes;
};

struct stm32_part {
	const char *name; /* as in a profile: "stm32h743xi" */
	enum stm32_series series;
	bool two_cores;  /* a Cortex-M4 beside the Cortex-M7 */
	bool value_line; /* sold with one bank of 128 KiB; the silicon may hold more, untested */
	/* RAMs that an initial stack pointer of the Cortex-M7 may point into, in ascending order.
	 */
	const struct stm32_ram *ram;
	unsigned banks; /* 1 or 2 */
	struct stm32_bank bank[STM32_BANKS_MAX];
	uint32_t sector_bytes;
	uint32_t flash_word; /* programming unit with its own ECC, bytes */
	uint16_t flash_kib;  /* as in the flash size register */
};

/* By profile name or ordering code, in any case ("stm32h743xi", "STM32H743ZIT6"). NULL if there is
 * no such part. */
const struct stm32_part *stm32_part_find(const char *name);

/* How far a name of a part can be understood. */
enum stm32_code {
	STM32_CODE_PART,    /* a part */
	STM32_CODE_NO_SIZE, /* a known line; its flash size is missing, or no part has that size */
	STM32_CODE_NO_LINE, /* an STM32H7, but no such line */
	STM32_CODE_NOT_YET, /* STM32H7R or STM32H7S: not supported */
	STM32_CODE_TAIL,    /* a part, followed by text that no ordering code has */
	STM32_CODE_FOREIGN  /* not an STM32H7 */
};

/* Takes a profile name or an ordering code apart, in any case: "stm32", the line ("h743"), the pin
 * count (a letter), the flash size (a letter), then optionally package (a letter), temperature
 * range (a digit or x) and up to four letters of options. `*part` is set with STM32_CODE_PART only.
 */
enum stm32_code stm32_code_read(const char *text, const struct stm32_part **part);

/* Whether the name begins with the line of `part` ("stm32h743"), or with its series, in any case.
 */
bool stm32_code_of_line(const char *text, const struct stm32_part *part);
bool stm32_code_of_series(const char *text, const struct stm32_part *part);

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

/* The memory of an STM32H7 at an address outside the part's flash, as a phrase for messages ("the
 * SDRAM of the FMC"). Static. */
const char *stm32_memory_name(const struct stm32_part *part, uint32_t address);

/* Whether it is as erased flash reads: every byte 0xFF. */
bool stm32_is_blank(const uint8_t *bytes, size_t length);

/* Bank 0 or 1 of an offset below stm32_part_bytes. */
unsigned stm32_bank_of(const struct stm32_part *part, uint32_t offset);

#endif
