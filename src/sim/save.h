/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --save leaves behind: for each target its flash and what the ROM counted. */
#ifndef SIM_SAVE_H
#define SIM_SAVE_H

#include <stdbool.h>
#include <stddef.h>

struct fleet;
struct tray;

/* Writes NAME.bin (bank 1, then bank 2) and NAME.json into `folder`, which is made if need be. */
bool save_fleet(const struct fleet *fleet, struct tray *tray, const char *folder, char *why,
		size_t why_size);

#endif
