/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of --save: for each target its flash and the ROM's counters. */
#ifndef SIM_SAVE_H
#define SIM_SAVE_H

#include <stdbool.h>
#include <stddef.h>

struct fleet;
struct server_left;
struct tray;

/* Writes NAME.bin (bank 1, then bank 2) and NAME.json into `folder`, which is made if necessary.
 * `pages`: NAME.pages instead of NAME.bin: for each page of 8 KiB a byte, 0 for unchanged, 1 for
 * blank, 2 for changed, then the changed pages. The DFU state is read only if the fleet has
 * `ended`: it takes a request, which would change the later behaviour. */
bool save_fleet(const struct fleet *fleet, struct tray *tray, const char *folder, bool pages,
		bool ended, char *why, size_t why_size);

/* Writes LEFT: the handles, claims and requests that programs never released. */
bool save_left(const struct server_left *left, const char *folder, char *why, size_t why_size);

#endif
