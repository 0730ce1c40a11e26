/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which series a board can be, judged by its answers. Each answer leaves a set of series, "another
 * chip" among them; an uninformative answer leaves all. The board is of a series if all sets
 * together leave that series alone. */
#ifndef H7GANG_STM32_EVIDENCE_H
#define H7GANG_STM32_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/dfu/layout.h"
#include "h7gang/stm32/part.h"

#define STM32_SETTINGS_MAX 8 /* alternate settings looked at */

/* Sets: 1 << enum stm32_series, and above the last series */
#define STM32_OTHER_CHIP (1u << STM32_SERIES_COUNT)
#define STM32_ANY_CHIP ((STM32_OTHER_CHIP << 1) - 1)

struct stm32_setting {
	uint8_t number;  /* bAlternateSetting */
	char text[256];  /* its string, "" refused or empty */
	bool understood; /* the string is a layout */
	struct dfu_layout layout;
};

/* The answers of a board. */
struct stm32_answers {
	unsigned settings; /* of the DFU interface */
	struct stm32_setting setting[STM32_SETTINGS_MAX];
	char manufacturer[128], product[128], serial[128]; /* "" refused or empty */
	uint16_t release;                                  /* bcdDevice */
	bool has_functional;                               /* DFU functional descriptor */
	uint8_t attributes;                                /* bmAttributes */
	uint16_t transfer_size, dfu_version;               /* wTransferSize, bcdDFUVersion */
	/* Registers, read where `asked` keeps them. */
	enum stm32_series asked;
	int id; /* bootloader ID, -1 unknown */
	bool uid_known;
	uint8_t uid[STM32_UID_BYTES];
	int64_t flash_kib; /* -1 unknown */
};

enum stm32_item {
	STM32_ITEM_LAYOUT,
	STM32_ITEM_ID,
	STM32_ITEM_UID,
	STM32_ITEM_SIZE,
	STM32_ITEM_SERIAL,
	STM32_ITEMS
};

struct stm32_evidence {
	unsigned can_be[STM32_ITEMS];    /* set of series that the item leaves */
	unsigned left;                   /* left by all items together */
	unsigned of_flash;               /* left by the sectors of flash alone; 0: not announced */
	const struct stm32_setting *odd; /* a string that is no layout; NULL: none */
	const struct stm32_setting *flash; /* the setting with the internal flash; NULL */
	bool by_number;   /* its sizes are wrong in a known way: letters count by sector number */
	const char *chip; /* another chip that announces this; NULL */
	bool not_dfuse;   /* plain DFU: no command may be sent to it */
	bool resident;    /* a program in flash, not the ROM bootloader */
	char resident_why[160]; /* the reason */
};

/* Judges. `allowed`, not NULL: a program in flash is allowed on this part; its layout then counts
 * neither for nor against the part's series as long as it fits the part's sectors. */
void stm32_evidence(const struct stm32_answers *answers, const struct stm32_part *allowed,
		    struct stm32_evidence *evidence);

/* Whether the evidence proves the series; whether some of it speaks against the series. */
bool stm32_evidence_proves(const struct stm32_evidence *evidence, enum stm32_series series);
bool stm32_evidence_against(const struct stm32_evidence *evidence, enum stm32_series series);

/* Items that speak for `series`, "layout+id+uid+size"; "" none. */
void stm32_evidence_text(const struct stm32_evidence *evidence, enum stm32_series series,
			 char *text, size_t size);

/* The names of the series in a set, " or " between them, "another chip" among them; that alone for
 * the empty set, if answers contradict each other. */
void stm32_set_text(unsigned set, char *text, size_t size);

/* "layout", "id", "uid", "size", "serial". */
const char *stm32_item_name(enum stm32_item item);

/* Whether the board's layout says that the sector at `address` may be erased and written. Where the
 * layout is wrong in a known way, its letters count by the sector's number. */
bool stm32_sector_open(const struct stm32_part *part, const struct stm32_evidence *evidence,
		       unsigned sector);

/* Whether a setting announces the option bytes of an STM32H7: where they are, or where a bootloader
 * version wrongly says that they are. */
bool stm32_announces_options(const struct dfu_layout *layout);

/* Some healthy boards return each string in the place of the next one: the product string is the
 * manufacturer's, and layouts stand for nothing (ST community 863049). */
bool stm32_strings_shifted(const struct stm32_answers *answers);

/* The serial string that a ROM bootloader makes from a UID, with the carry between its halves or
 * without. */
void stm32_fold_uid(const uint8_t uid[STM32_UID_BYTES], bool carry, char serial[13]);

#endif
