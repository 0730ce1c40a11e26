/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The initial contents of flash, made page by page from the configuration alone. */
#ifndef SIM_FLASH_CONTENTS_H
#define SIM_FLASH_CONTENTS_H

#include <stdbool.h>
#include <stdint.h>

struct flash_page;
struct rom_config;

/* The address of a physical offset while banks are not swapped. */
uint32_t flash_address(const struct rom_config *config, uint32_t offset);
/* Whether that page is not blank. */
bool flash_contents_any(const struct rom_config *config, uint32_t index);
/* Fills in the contents of a blank page. */
void flash_contents_make(const struct rom_config *config, uint32_t index, struct flash_page *page);

#endif
