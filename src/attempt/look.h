/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking at a sector before and after an erase: blank, as wanted, dirty, or not readable. */
#ifndef ATTEMPT_LOOK_H
#define ATTEMPT_LOOK_H

#include "h7gang/attempt/job.h"

enum look_state {
	LOOK_UNSEEN,
	LOOK_BLANK,
	LOOK_SAME,    /* holds the wanted bytes already; only looked for on request */
	LOOK_DIRTY,   /* `at` is the first byte that is not 0xFF */
	LOOK_BROKEN,  /* cannot be read: a word left half programmed faults (RM0433 4.7) */
	LOOK_IN_DOUBT /* reads as blank, but see job_memory; only the erase step sets it */
};

struct look {
	enum look_state state;
	uint32_t at;   /* DIRTY: address */
	uint8_t found; /* DIRTY: the byte there */
	char why[72];  /* BROKEN: the target's answer */
};

/* Reads sector `sector` until its state is clear. `same_too`: also compare with the wanted bytes.
 * False: the attempt ends (job_fail was called). A sector that cannot be read is LOOK_BROKEN and
 * true: the target is back in dfuIDLE then. */
bool look_at(struct job *job, unsigned sector, bool same_too, struct look *look);

/* Reads `length` bytes at `address`, which must be blank: LOOK_BLANK, LOOK_DIRTY or LOOK_BROKEN. */
bool look_blank(struct job *job, uint32_t address, size_t length, struct look *look);

#endif
