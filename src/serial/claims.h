/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The claims of a station's units in the store: one client for limits and numbers. Before its first
 * claim, it settles the claims of runs that were killed. Ended units that the store could not be
 * told of are sent with the next claim. */
#ifndef SERIAL_CLAIMS_H
#define SERIAL_CLAIMS_H

#include <pthread.h>

#include "h7gang/store/claim.h"
#include "h7gang/store/station.h"

struct claims {
	struct station *station;  /* borrowed */
	const char *log;          /* names the units of earlier runs that passed; borrowed */
	const char *lot;          /* this run's, as the store writes it; "" none; borrowed */
	bool recovered;           /* the claims of earlier runs are settled */
	struct claim_units ended; /* without a pass; the store does not know it yet */
};

/* Settles the claims of earlier runs. */
enum db_error claims_recover(struct claims *claims, char *why, size_t why_size);

/* Asks the store by `work` with `user`; `*ended` is the list of ended units in `user`. Releases
 * `lock`, which the caller holds, meanwhile. Waits until `deadline` (base/clock) for the questions
 * of other boards. Ended units that the store was not told of stay in the list. */
enum db_error claims_ask(struct claims *claims, pthread_mutex_t *lock, int64_t deadline,
			 enum db_error (*work)(struct db *db, void *user), void *user,
			 const struct claim_units **ended, char *why, size_t why_size);

void claims_free(struct claims *claims);

#endif
