/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The erase of one sector, by the way that is safe on this ROM, and its proof. Sectors are numbered
 * over all banks. */
#ifndef ATTEMPT_SECTOR_H
#define ATTEMPT_SECTOR_H

#include "h7gang/attempt/job.h"
#include "look.h"

unsigned sector_bank(const struct job *job, unsigned sector); /* 0 or 1 */
uint32_t sector_address(const struct job *job, unsigned sector);

/* Fails the attempt with `error`: `look` has the sector's contents instead of 0xFF. */
bool sector_not_blank(struct job *job, enum h7_error error, const struct look *look,
		      unsigned sector, const char *when);

/* After the answer to an erase: waits while it may still run, `worst_ms` if the ROM answers
 * `early`. `*odd` becomes true when the answer was not the ordinary one, so that only reading
 * everything proves the erase. */
bool sector_after_erase(struct job *job, enum dfu_result result, bool early, uint32_t worst_ms,
			bool *odd);

/* Whether the profile has the sector read back whole. */
bool sector_is_verified(const struct job *job, unsigned sector);

/* How its erase answers. With swapped banks it is not known whether a defect goes by the address or
 * by the bank: the more careful way of the two. */
enum stm32_sector_erase sector_way(const struct job *job, unsigned sector);

/* One erase of a sector, asked twice only if the first one was disturbed. `dirty_at`, where
 * `known`: a place known to have been dirty, reading which is proof enough after an ordinary
 * answer, if the sector is read back later. */
bool sector_erase(struct job *job, unsigned sector, bool known, uint32_t dirty_at);

#endif
