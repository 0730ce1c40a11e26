/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what identifies a target. A refusal is an answer ("unknown"), not a failure. */
#ifndef GANG_PROBE_H
#define GANG_PROBE_H

#include "h7gang/dfu/layout.h"
#include "h7gang/stm32/option.h"
#include "link.h"

struct probe {
	char layout_text[256]; /* string of alternate setting 0, "" unknown */
	struct dfu_layout layout;
	char serial[128];
	int bootloader_id;     /* STM32_ROM_UNKNOWN */
	char uid[25];          /* 24 lower-case hex digits in memory order, "" unknown */
	int64_t flash_kib;     /* -1 unknown */
	struct stm32_option_block option;
	int rdp;               /* 0, 1, 2; -1 unknown */
	bool swapped;
	bool flash_refused;    /* only looked at where rdp is unknown: errVENDOR at the first read of flash */
};

/* `far`: option bytes as for probe_option_bytes. DFU_OK when every question was asked, whatever the answers; else what ended it: gone, stuck, time. The
 * link is in dfuIDLE with alternate setting 0 afterwards. */
enum dfu_result probe_target(struct link *link, const struct stm32_part *part, bool far,
                             struct probe *probe);

/* The option bytes as the target announces them, or, `far`, as far as bank 2's, if it lets them be read. The
 * alternate setting that has them goes to `alt`; 0 is selected afterwards. An unknown block has length 0. */
enum dfu_result probe_option_bytes(struct link *link, bool far, struct stm32_option_block *block,
                                   unsigned *alt);

/* The UID alone, "" unknown. */
enum dfu_result probe_uid(struct link *link, const struct stm32_part *part, char uid[25]);

/* Whether both UIDs are known and not of one board. */
bool probe_other_uid(const char *uid, const char *before);

#endif
