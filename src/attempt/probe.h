/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the identity of a target. A refusal is an answer ("unknown"), not a failure. */
#ifndef ATTEMPT_PROBE_H
#define ATTEMPT_PROBE_H

#include "h7gang/attempt/link.h"
#include "h7gang/stm32/evidence.h"
#include "h7gang/stm32/option.h"

struct probe {
	struct stm32_answers answers;
	const char *layout; /* of the setting with the internal flash, else of the first one */
	char uid[25];       /* 24 lower-case hex digits in memory order, "" unknown */
	struct stm32_option_block option;
	int rdp; /* 0, 1, 2; -1 unknown */
	bool swapped;
	/* If rdp is unknown: the answer of flash to reads in two places, "errVENDOR"; NULL: it can
	 * be read in one of them. */
	const char *flash_refused;
};

/* Reads descriptors and strings; sends no DFU request, so that it can do no harm to any device.
 * Registers are unknown afterwards. DFU_OK once every question was asked, even if it was refused;
 * else the reason of the end: gone, stuck, time. */
enum dfu_result probe_announced(struct link *link, struct probe *probe);

/* Reads option bytes, UID, bootloader ID and flash size where `part` keeps them, and a few bytes of
 * flash. `far`: option bytes as for probe_option_bytes. Results as above; the link is in dfuIDLE
 * with its alternate setting selected afterwards. */
enum dfu_result probe_registers(struct link *link, const struct stm32_part *part, bool far,
				struct probe *probe);

/* The option bytes as the target announces them, or, `far`, as far as bank 2's, if it lets them be
 * read. The alternate setting that has them goes to `alt`; the link's own is selected afterwards.
 * An unknown block has length 0. */
enum dfu_result probe_option_bytes(struct link *link, bool far, struct stm32_option_block *block,
				   unsigned *alt);

enum probe_lock {
	PROBE_LOCKED, /* flash refuses every read, as a protected part does */
	PROBE_OPEN,   /* a read delivered bytes */
	PROBE_UNSURE  /* a read ended in another way */
};

/* Reads flash in two places, twice each: one disturbed transfer must not pass for a protection. */
enum dfu_result probe_lock(struct link *link, const struct stm32_part *part, enum probe_lock *lock);

/* The UID alone, "" unknown. */
enum dfu_result probe_uid(struct link *link, const struct stm32_part *part, char uid[25]);

/* Whether both UIDs are known and differ. */
bool probe_other_uid(const char *uid, const char *before);

/* Whether the target refuses, twice, to point there, as an address that it does not know. What is
 * broken or protected is refused otherwise. */
enum dfu_result probe_missing(struct link *link, uint32_t address, bool *missing);

/* The same of the part's last sector: then it has less flash. */
enum dfu_result probe_end(struct link *link, const struct stm32_part *part, bool *missing);

#endif
