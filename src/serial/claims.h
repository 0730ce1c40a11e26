/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The claims of a station's units in the store: one client for limits and numbers. Before the first
 * claim, those of runs that were cut off are put in order; what the store could not be told is told
 * with the next claim. */
#ifndef SERIAL_CLAIMS_H
#define SERIAL_CLAIMS_H

#include <pthread.h>

#include "h7gang/store/claim.h"
#include "h7gang/store/station.h"

struct claims {
	struct station *station;  /* borrowed */
	const char *log;          /* that says which units of earlier runs passed; borrowed */
	const char *lot;          /* this run's, as the store writes it; "" none; borrowed */
	bool recovered;           /* the claims of earlier runs are in order */
	struct claim_units ended; /* without a pass; the store does not know it yet */
};

/* Puts the claims of earlier runs in order. */
enum db_error claims_recover(struct claims *claims, char *why, size_t why_size);

/* Asks the store by `work` with `user`, whose list of ended units is at `*ended`. `lock`, which the
 * caller holds, is let go meanwhile. Waits until `deadline` (base/clock) for the questions of other
 * boards. Units whose end could not be told stay to be told. */
enum db_error claims_ask(struct claims *claims, pthread_mutex_t *lock, int64_t deadline,
			 enum db_error (*work)(struct db *db, void *user), void *user,
			 const struct claim_units **ended, char *why, size_t why_size);

void claims_free(struct claims *claims);

#endif
