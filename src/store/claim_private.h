/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The common steps of all claims, inside one transaction. */
#ifndef STORE_CLAIM_PRIVATE_H
#define STORE_CLAIM_PRIVATE_H

#include "h7gang/store/claim.h"

#define CLAIM_NUMBER "number" /* the kind of claims for numbers */

/* Until the transaction ends, no other station decides about that scope. */
enum db_error claim_lock_scope(struct db *db, const char *kind, const char *scope);

/* Makes a claim for a unit of that run, unless it has one. `made` (may be NULL): 1 if it had none.
 */
enum db_error claim_make(struct db *db, const struct station *station, const char *run_id,
			 const char *kind, const char *scope, const struct claim_unit *unit,
			 bool ahead, int64_t *made);

/* Ends the claims of units of the station's run. */
enum db_error claim_end_all(struct db *db, const char *kind, const struct station *station,
			    const struct claim_units *ended);

#endif
