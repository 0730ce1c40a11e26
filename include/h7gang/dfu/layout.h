/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DfuSe layout strings (UM0424, dfu-util):
 *   @NAME /0xADDR/COUNT*SIZE{ ,B,K,M}TYPE[,COUNT*SIZE..][/0xADDR/..]
 * They come from the target and are hostile until parsed. */
#ifndef H7GANG_DFU_LAYOUT_H
#define H7GANG_DFU_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DFU_LAYOUT_REGIONS 32 /* more is refused */

struct dfu_region {
	uint32_t address;
	uint32_t sector_bytes;
	uint32_t sectors;                  /* 0: a memory that is announced, but has no sectors */
	bool readable, erasable, writable; /* low three bits of TYPE: 1, 2, 4 */
};

struct dfu_layout {
	char name[64]; /* NAME with outer blanks removed */
	unsigned regions;
	struct dfu_region region[DFU_LAYOUT_REGIONS];
};

/* Parses `text` (NUL-terminated, any bytes). False if it is not a layout string, has a size of 0,
 * or runs past the end of the 32-bit address space; `layout` is then all zero. */
bool dfu_layout_parse(const char *text, struct dfu_layout *layout);

#endif
