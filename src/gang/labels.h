/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The chosen slot, and the one label that waits for its board. Only the supervisor's thread; no I/O
 * and no clock. */
#ifndef GANG_LABELS_H
#define GANG_LABELS_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/profile/profile.h"

#define LABEL_WAIT_MS 60000 /* contract: one scan may wait, for at most 60 s */

struct label {
	char raw[PROFILE_SCAN_SIZE]; /* as scanned */
	char number[PROFILE_SERIAL_SIZE];
};

struct labels {
	char chosen[PROFILE_NAME_SIZE]; /* "": no slot is */
	int64_t chosen_until;
	char slot[PROFILE_NAME_SIZE]; /* that the label waits for; "": none waits */
	int64_t until;
	struct label label;
};

/* For LABEL_WAIT_MS. */
void labels_choose(struct labels *labels, const char *slot, int64_t now);

/* False: another one waits. The choice is used up. */
bool labels_put(struct labels *labels, const char *slot, const struct label *label, int64_t now);

/* Hands out the label of that slot's board. False: none waits for it. */
bool labels_take(struct labels *labels, const char *slot, struct label *label);

/* Whether one waits for that slot. */
bool labels_wait(const struct labels *labels, const char *slot);

/* Drops a label that waited too long. True: one was dropped; `slot` is its slot. */
bool labels_expire(struct labels *labels, int64_t now, char slot[PROFILE_NAME_SIZE]);

/* When labels_expire has something to do; CLOCK_NEVER: not. */
int64_t labels_next(const struct labels *labels);

#endif
