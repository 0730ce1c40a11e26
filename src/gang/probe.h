/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what identifies a target. A refusal is an answer ("unknown"), not a failure. */
#ifndef GANG_PROBE_H
#define GANG_PROBE_H

#include "h7gang/dfu/layout.h"
#include "link.h"

struct probe {
	char layout_text[256]; /* string of alternate setting 0, "" unknown */
	struct dfu_layout layout;
	char serial[128];
	int bootloader_id;     /* STM32_ROM_UNKNOWN */
	char uid[25];          /* 24 lower-case hex digits in memory order, "" unknown */
	int64_t flash_kib;     /* -1 unknown */
	bool option_known;
	uint32_t option_status; /* FLASH_OPTSR_CUR */
	int rdp;               /* 0, 1, 2; -1 unknown */
	bool swapped;
	bool flash_refused;    /* only looked at where rdp is unknown: errVENDOR at the first read of flash */
};

/* DFU_OK when every question was asked, whatever the answers; else what ended it: gone, stuck, time. The
 * link is in dfuIDLE with alternate setting 0 afterwards. */
enum dfu_result probe_target(struct link *link, const struct stm32_part *part, struct probe *probe);

/* The UID alone, "" unknown. */
enum dfu_result probe_uid(struct link *link, const struct stm32_part *part, char uid[25]);

#endif
