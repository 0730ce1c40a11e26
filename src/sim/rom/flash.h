/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flash array with ECC words, and the one operation that may be under way in it. Offsets are
 * physical: bank 1, then bank 2. A page that is blank takes no memory; one with initial contents
 * only once it is read or half erased. */
#ifndef SIM_FLASH_H
#define SIM_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rom.h"
#include "rom_config.h"

enum {
	FLASH_PAGE = 8192, /* divides every sector size of the family */
	FLASH_WORD_MIN = 16,
	FLASH_WORDS_MAX = FLASH_PAGE / FLASH_WORD_MIN,
	FLASH_SECTORS_MAX = 256,
	FLASH_PROGRAM_MAX = 4096
};

enum flash_word { FLASH_BLANK, FLASH_PROGRAMMED, FLASH_BROKEN };

struct flash_page {
	uint8_t byte[FLASH_PAGE];
	uint8_t word[FLASH_WORDS_MAX]; /* enum flash_word */
};

/* A bit that comes out otherwise when the operation ends. */
struct flash_defect {
	uint32_t offset;
	uint8_t bit;
	enum { FLASH_FLIP, FLASH_STUCK_0, FLASH_STUCK_1 } how;
};

struct flash_operation {
	enum { FLASH_IDLE, FLASH_ERASE, FLASH_PROGRAM } kind;
	uint64_t start, end;
	bool erase[FLASH_SECTORS_MAX];
	uint32_t offset, length;
	uint8_t data[FLASH_PROGRAM_MAX];
	unsigned defects;
	struct flash_defect defect[ROM_FAULTS_MAX];
};

struct flash {
	const struct rom_config *config;
	struct rom_counters *counters; /* double_programs and words_programmed are counted there */
	uint32_t bytes, sector_bytes, sectors, word_bytes;
	uint32_t pages;
	struct flash_page **page;        /* NULL: blank, or not made yet */
	bool *pending;                   /* has initial contents that are not made yet */
	bool guarded[FLASH_SECTORS_MAX]; /* takes neither erase nor program, and says nothing */
	struct flash_operation op;
	uint64_t random;
};

/* Whether the sector is part of the secure area, which nothing erases. */
bool flash_is_secure(const struct flash *flash, uint32_t sector);

bool flash_init(struct flash *flash, const struct rom_config *config,
		struct rom_counters *counters);
void flash_free(struct flash *flash);
void flash_wipe(struct flash *flash); /* another board's: blank */

/* Start an operation; the one before must be over. Defects may be added to flash->op afterwards. */
struct flash_operation *flash_begin_erase(struct flash *flash, uint64_t start, uint64_t end,
					  const bool *sectors);
struct flash_operation *flash_begin_program(struct flash *flash, uint64_t start, uint64_t end,
					    uint32_t offset, const uint8_t *data, uint32_t length);
/* Completes what is over by `now`. */
void flash_settle(struct flash *flash, uint64_t now);
/* Power fails: true if that cut an operation off, whose words are then undefined. */
bool flash_cut(struct flash *flash, uint64_t now);

/* The number of broken words met; these read as 0xEE. */
size_t flash_read(struct flash *flash, uint32_t offset, uint32_t length, uint8_t *out);
size_t flash_count_broken(const struct flash *flash);
/* As flash_read, without making pages of what was never touched. */
void flash_peek_page(const struct flash *flash, uint32_t index, struct flash_page *page);

#endif
