/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ROM bootloader versions and their peculiarities: rows of a table, keyed by series and ID byte.
 * Nothing else in the program asks for an ID. */
#ifndef H7GANG_STM32_ROM_H
#define H7GANG_STM32_ROM_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/stm32/part.h"

#define STM32_ROM_UNKNOWN (-1) /* the ROM refused to tell its ID */

enum stm32_sector_erase {
	STM32_ERASE_NORMAL, /* done when it answers */
	STM32_ERASE_WEDGES, /* stays dfuDNBUSY for ever: wait the worst case, CLRSTATUS pair, read
			       back */
	STM32_ERASE_RETURNS_EARLY, /* answers before it is done: wait the worst case before touching
				      flash */
	STM32_ERASE_CAREFUL        /* unknown ROM: may do either */
};

enum stm32_mass_erase {
	STM32_MASS_WORKS,
	STM32_MASS_RETURNS_EARLY,
	STM32_MASS_UNTRUSTED /* never to be sent */
};

enum stm32_layout_trust {
	STM32_LAYOUT_TRUSTED,   /* announces its series' layout */
	STM32_LAYOUT_WRONG_SIZE /* announces its own: a row of listing.c */
};

struct stm32_rom {
	enum stm32_series series;
	int id;              /* 0..255 or STM32_ROM_UNKNOWN */
	const char *version; /* "V9.0"; "" for unknown */
	enum stm32_sector_erase sector[STM32_BANKS_MAX];
	enum stm32_mass_erase mass;
	bool leaves; /* AN2606: "Go" works */
	enum stm32_layout_trust layout;
	/* It may not start an application whose stack pointer lies in the last 16 bytes of a RAM or
	 * at its end. */
	bool stack_margin;
};

/* The row for (series, id); never NULL: an ID without a row gets the series' most careful one. */
const struct stm32_rom *stm32_rom_find(enum stm32_series series, int id);

/* The ID byte of a version written as in AN2606 ("V9.0" is 0x90, "V13.2" is 0xD2) if the series has
 * such a row, else STM32_ROM_UNKNOWN. */
int stm32_rom_by_version(enum stm32_series series, const char *version);

/* Rows in order, NULL past the end. */
const struct stm32_rom *stm32_rom_at(unsigned index);

/* Whether the ROM answers only after an erase is over: a known version that neither wedges nor
 * returns early. */
bool stm32_rom_erases_inside(const struct stm32_rom *rom);

/* Whether some version of the series is known to wedge or to return early. */
bool stm32_series_lingers(enum stm32_series series);

/* The cost in ms of erasing one sector of `bank` (0 or 1), or of a mass erase, on that ROM, waits
 * included: for choosing the cheaper. UINT32_MAX: never. */
uint32_t stm32_sector_erase_cost_ms(const struct stm32_rom *rom, unsigned bank);
uint32_t stm32_mass_erase_cost_ms(const struct stm32_rom *rom);

/* DS12110 flash times in ms. The worst cases bound every wait. */
#define STM32_SECTOR_TYPICAL_MS 1000u
#define STM32_SECTOR_WORST_MS 4000u
#define STM32_MASS_TYPICAL_MS 10000u
#define STM32_MASS_WORST_MS 26000u
#define STM32_WORD_WORST_US 600u

#endif
