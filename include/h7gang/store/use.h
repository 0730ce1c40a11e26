/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that go to boards: the store knows each before its board has it. Both are work for
 * station_do or db_transaction: repeating them has no further effect. */
#ifndef H7GANG_STORE_USE_H
#define H7GANG_STORE_USE_H

#include "h7gang/store/station.h"

/* A unit is about to get that number of the pool. Texts as the profile has them; borrowed. */
struct store_use {
	const struct station *station;
	const char *pool, *number;
	const char *unit_id, *uid; /* "" unknown */

	bool taken; /* another unit has it, of another board */
};
enum db_error store_use(struct db *db, void *use);

#endif
