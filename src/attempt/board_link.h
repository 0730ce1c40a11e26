/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks one target outside of a run, one transfer at a time. */
#ifndef ATTEMPT_BOARD_LINK_H
#define ATTEMPT_BOARD_LINK_H

#include "h7gang/attempt/link.h"
#include "probe.h"

/* A link to the device at `path`, with the given time for all of it. */
void board_link(struct link *link, struct usb_bus *bus, const char *path, int64_t deadline);

/* Asks the board for its identity: descriptors and strings, then the registers of each series that
 * it can be, until one is proved. `*part` becomes a part of the series that it can be, the first of
 * several; NULL: none. DFU_STUCK: it had to be reset each time. */
enum dfu_result board_probe(struct link *link, struct probe *probe, struct stm32_evidence *evidence,
			    const struct stm32_part **part);

/* Whether a download is under way; such a board is not touched. */
bool board_busy(uint8_t state);

#endif
