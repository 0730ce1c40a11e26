/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number that came from outside (a label, a hook's answer), as all stations see it. */
#ifndef H7GANG_STORE_GIVEN_H
#define H7GANG_STORE_GIVEN_H

#include "h7gang/store/claim.h"

struct given_number {
	const struct station *station;
	const char *profile, *number;    /* borrowed; as they are, not escaped */
	struct claim_unit unit;          /* that is about to get it */
	const struct claim_units *ended; /* units without a pass, whose claims are over */

	bool known;     /* some board of that profile has it */
	bool passed;    /* and passed with it */
	char uid[25];   /* of the board that passed, else of the last; "" unknown */
	bool busy;      /* another unit is about to get it, or its row is on the way: not claimed */
	char where[64]; /* busy: the station of that unit */
};

/* Work for station_do: claims the number for the unit, so that no other station gives it to another
 * board meanwhile, and fills in the store's answer. A claim ends as that of claim_number. */
enum db_error given_number(struct db *db, void *given);

#endif
