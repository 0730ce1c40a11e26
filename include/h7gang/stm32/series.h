/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Series of STM32H7: where each keeps its identification, and the layouts of its ROM bootloader.
 * Two tables, one row each: a series, and a listing (the layout strings that a ROM bootloader or
 * another chip announces). */
#ifndef H7GANG_STM32_SERIES_H
#define H7GANG_STM32_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/stm32/part.h"

/* The source of the ROM bootloader's USB serial string. */
enum stm32_serial {
	STM32_SERIAL_DEVICE_ID, /* DBGMCU_IDCODE as 8 hex digits, then 0000: ST community 263112 */
	STM32_SERIAL_UID        /* the UID folded into 12 hex digits: commaai/panda python/dfu.py */
};

struct stm32_series_row {
	enum stm32_series series;
	const char *name;      /* "STM32H74x/75x" */
	const char *part;      /* the largest part of the series, a stand-in for an unknown one */
	uint16_t device_id;    /* DBGMCU_IDCODE, bits 11..0 (AN2606 t.226) */
	uint32_t uid_address;  /* 12 bytes */
	uint32_t size_address; /* 16 bits, KiB */
	uint32_t id_address;   /* bootloader ID, one byte (AN2606 t.3) */
	enum stm32_serial serial;
};

const struct stm32_series_row *stm32_series_row(enum stm32_series series);

/* Rows in order; NULL past the end. */
const struct stm32_series_row *stm32_series_at(unsigned index);

/* The layouts of a bootloader. Texts are layout strings; a count of 0 stands for any count. */
struct stm32_listing {
	const char *chip;   /* another chip or bootloader; NULL: the ROM bootloader of `series` */
	int series;         /* enum stm32_series; -1 for another chip */
	int id;             /* the bootloader ID that has it; STM32_LISTING_ANY: any */
	const char *flash;  /* alternate setting with the internal flash, "" none */
	const char *second; /* another alternate setting; NULL: not told, or there is none */
};

#define STM32_LISTING_ANY (-1)

/* Rows in order; NULL past the end. */
const struct stm32_listing *stm32_listing_at(unsigned index);

/* Whether another chip keeps its UID, or its flash size, at this address, too. */
bool stm32_register_shared(uint32_t address);

#endif
