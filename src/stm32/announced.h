/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The geometry of flash that a layout string announces. */
#ifndef STM32_ANNOUNCED_H
#define STM32_ANNOUNCED_H

#include "h7gang/dfu/layout.h"
#include "h7gang/stm32/part.h"

/* Whether any region lies in the address range of internal flash. */
bool announced_has_flash(const struct dfu_layout *layout);

/* Whether both announce the same sectors. Letters and the split into regions do not matter. A count
 * of 0 in `pattern` matches any count. */
bool announced_equal(const struct dfu_layout *pattern, const struct dfu_layout *layout);

/* Whether the layout announces exactly the part's sectors. */
bool announced_is_part(const struct stm32_part *part, const struct dfu_layout *layout);

/* Whether every region in the range of internal flash lies on the part's sectors. */
bool announced_fits(const struct stm32_part *part, const struct dfu_layout *layout);

/* Whether all of `bytes` bytes from `address` on are announced as erasable and writable. */
bool announced_open(const struct dfu_layout *layout, uint32_t address, uint32_t bytes);

/* The same for the sector with that number, counted over all regions; a sector behind the last has
 * the letters of the last. */
bool announced_open_number(const struct dfu_layout *layout, unsigned number);

#endif
