/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ROM bootloader versions and what has to be done differently on each: rows of a table, keyed by
 * series and ID byte. Nothing else in the program asks for an ID. */
#ifndef H7GANG_STM32_ROM_H
#define H7GANG_STM32_ROM_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/stm32/part.h"

#define STM32_ROM_UNKNOWN (-1) /* the ROM refused to tell its ID */

enum stm32_sector_erase {
	STM32_ERASE_NORMAL, /* the answer means what it says */
	STM32_ERASE_WEDGES, /* stays dfuDNBUSY for ever: wait the worst case, CLRSTATUS pair, prove
			     */
	STM32_ERASE_RETURNS_EARLY, /* says done while it runs: wait the worst case before touching
				      flash */
	STM32_ERASE_CAREFUL        /* unknown ROM: may do either */
};

enum stm32_mass_erase {
	STM32_MASS_WORKS,
	STM32_MASS_RETURNS_EARLY,
	STM32_MASS_UNTRUSTED /* never to be sent */
};

enum stm32_layout_trust {
	STM32_LAYOUT_TRUSTED,   /* announces what its series does */
	STM32_LAYOUT_WRONG_SIZE /* announces something of its own: a row of listing.c */
};

struct stm32_rom {
	enum stm32_series series;
	int id;              /* 0..255 or STM32_ROM_UNKNOWN */
	const char *version; /* "V9.0"; "" for unknown */
	enum stm32_sector_erase sector[STM32_BANKS_MAX];
	enum stm32_mass_erase mass;
	bool leaves; /* AN2606: "Go" works */
	enum stm32_layout_trust layout;
	/* Whether it may not start an application whose stack pointer lies in the last 16 bytes of
	 * a RAM or at its end. */
	bool stack_margin;
};

/* The row for (series, id); never NULL: an ID without a row gets the series' most careful one. */
const struct stm32_rom *stm32_rom_find(enum stm32_series series, int id);

/* The ID byte of a version written as in AN2606 ("V9.0" is 0x90, "V13.2" is 0xD2) if the series has
 * such a row, else STM32_ROM_UNKNOWN. */
int stm32_rom_by_version(enum stm32_series series, const char *version);

/* Rows in order, NULL past the end. */
const struct stm32_rom *stm32_rom_at(unsigned index);

/* Whether every erase that this program sends to it is over when it answers again: a version that
 * is known, and neither wedges nor returns early. */
bool stm32_rom_erases_inside(const struct stm32_rom *rom);

/* Whether some version of the series is known to wedge or to return early. */
bool stm32_series_lingers(enum stm32_series series);

/* What an erase of one sector of `bank` (0 or 1), or a mass erase, costs in ms on that ROM, waits
 * included: for choosing the cheaper. UINT32_MAX: never. */
uint32_t stm32_sector_erase_cost_ms(const struct stm32_rom *rom, unsigned bank);
uint32_t stm32_mass_erase_cost_ms(const struct stm32_rom *rom);

/* DS12110 flash times in ms, the worst cases being what every wait is bounded by. */
#define STM32_SECTOR_TYPICAL_MS 1000u
#define STM32_SECTOR_WORST_MS 4000u
#define STM32_MASS_TYPICAL_MS 10000u
#define STM32_MASS_WORST_MS 26000u
#define STM32_WORD_WORST_US 600u

#endif
