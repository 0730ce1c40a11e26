/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What --save leaves behind: for each target its flash and what the ROM counted. */
#ifndef SIM_SAVE_H
#define SIM_SAVE_H

#include <stdbool.h>
#include <stddef.h>

struct fleet;
struct server_left;
struct tray;

/* Writes NAME.bin (bank 1, then bank 2) and NAME.json into `folder`, which is made if need be.
 * `pages`: instead of NAME.bin NAME.pages: for each page of 8 KiB a byte that says whether it is as
 * in the beginning (0), blank (1) or follows (2), then those that follow. The DFU state is asked
 * for only if the fleet has `ended`: asking is a request, and would change the behaviour that
 * follows. */
bool save_fleet(const struct fleet *fleet, struct tray *tray, const char *folder, bool pages,
		bool ended, char *why, size_t why_size);

/* LEFT: what programs never gave back. */
bool save_left(const struct server_left *left, const char *folder, char *why, size_t why_size);

#endif
