/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option bytes of STM32H74x/75x and H72x/73x (RM0433 4.9, RM0399, RM0468): the block that the ROM's
 * second alternate setting announces, and the fields in it. */
#ifndef H7GANG_STM32_OPTION_H
#define H7GANG_STM32_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/stm32/part.h"

#define STM32_OPTION_ADDRESS 0x5200201Cu /* FLASH_OPTSR_CUR */
#define STM32_OPTION_BYTES                                                                         \
	308u /* as far as bank 2's registers; ROMs announce 128 or 88 of them                      \
	      */
#define STM32_OPTION_FIELDS_MAX 24

struct stm32_option_block {
	uint32_t length;    /* bytes that were read; 0: unknown */
	uint32_t announced; /* bytes that the target says it has; 0: unknown */
	uint8_t bytes[STM32_OPTION_BYTES];
};

/* One field. The register that is in force stands at `at`, the one to be programmed 4 bytes behind
 * it. */
struct stm32_option_field {
	const char *name; /* as in a profile */
	uint16_t at;
	uint8_t shift, width;
	bool dual; /* parts with two cores only (RM0399) */
	bool two_banks;
};

/* In order; NULL past the end. And by name; NULL: the part has no such field. */
const struct stm32_option_field *stm32_option_at(unsigned index);
const struct stm32_option_field *stm32_option_find(const struct stm32_part *part, const char *name);

/* Whether the block reaches that far. */
bool stm32_option_known(const struct stm32_option_block *block,
			const struct stm32_option_field *field);

/* The field's bits, in force. The block must reach that far. */
uint32_t stm32_option_get(const struct stm32_option_block *block,
			  const struct stm32_option_field *field);

/* Writes the bits into both registers of the field. */
void stm32_option_put(struct stm32_option_block *block, const struct stm32_option_field *field,
		      uint32_t value);

/* A register of the block by its offset, as in stm32_option_field. */
uint32_t stm32_option_register(const struct stm32_option_block *block, uint32_t at);

/* Whether the field is the write protection of a bank, 0 or 1. */
bool stm32_option_is_wrp(const struct stm32_option_field *field, unsigned *bank);

/* Whether the block tells which sectors of bank 0 or 1 are write-protected, and whether the
 * hardware starts the watchdog (IWDG1_SW is 0). */
bool stm32_wrp_known(const struct stm32_option_block *block, unsigned bank);
bool stm32_watchdog_runs(const struct stm32_option_block *block);

/* Whether sector `sector`, counted over all banks by physical number, is write-protected. False
 * where the block does not tell. */
bool stm32_wrp_get(const struct stm32_part *part, const struct stm32_option_block *block,
		   unsigned sector);

/* Takes the protection off the sector, and off those that share its bit. The block must tell. */
void stm32_wrp_clear(const struct stm32_part *part, struct stm32_option_block *block,
		     unsigned sector);

/* "sector 3", "sectors 0, 3 to 5", "no sector"; the set is counted over all banks. */
void stm32_sectors_text(const bool *set, unsigned count, char *text, size_t size);

/* The RDP level (0, 1 or 2) of a field value, and the field value for a level. */
int stm32_rdp_level(uint32_t rdp);
uint32_t stm32_rdp_value(int level);

#endif
