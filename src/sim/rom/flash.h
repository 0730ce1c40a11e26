/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flash array with ECC words, and its operation in progress, one at a time. Offsets are physical:
 * bank 1, then bank 2. A blank page takes no memory; one with initial contents only once it is read
 * or half erased. */
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

/* A bit that has the wrong value when the operation ends. */
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
	struct rom_counters *counters; /* double_programs and words_programmed */
	uint32_t bytes, sector_bytes, sectors, word_bytes;
	uint32_t pages;
	struct flash_page **page;        /* NULL: blank, or not created yet */
	bool *pending;                   /* has initial contents that are not created yet */
	bool guarded[FLASH_SECTORS_MAX]; /* silently ignores erase and program */
	struct flash_operation op;
	uint64_t random;
};

/* Whether the sector is part of the secure area, which is never erased. */
bool flash_is_secure(const struct flash *flash, uint32_t sector);

bool flash_init(struct flash *flash, const struct rom_config *config,
		struct rom_counters *counters);
void flash_free(struct flash *flash);
void flash_wipe(struct flash *flash); /* blank, as of another board */

/* Start an operation; the last one must be over. Defects may be added to flash->op afterwards. */
struct flash_operation *flash_begin_erase(struct flash *flash, uint64_t start, uint64_t end,
					  const bool *sectors);
struct flash_operation *flash_begin_program(struct flash *flash, uint64_t start, uint64_t end,
					    uint32_t offset, const uint8_t *data, uint32_t length);
/* Completes the operation if it is over by `now`. */
void flash_settle(struct flash *flash, uint64_t now);
/* Power fails. True: this interrupted an operation, whose words are then undefined. */
bool flash_cut(struct flash *flash, uint64_t now);

/* Returns the number of broken words; these read as 0xEE. */
size_t flash_read(struct flash *flash, uint32_t offset, uint32_t length, uint8_t *out);
size_t flash_count_broken(const struct flash *flash);
/* As flash_read, without creating pages that were never used. */
void flash_peek_page(const struct flash *flash, uint32_t index, struct flash_page *page);

#endif
