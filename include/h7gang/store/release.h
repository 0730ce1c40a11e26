/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and places of a station that never runs again, or that was put back from a backup. No
 * number of it is ever given to another: the store cannot know whether a board has it. */
#ifndef H7GANG_STORE_RELEASE_H
#define H7GANG_STORE_RELEASE_H

#include "h7gang/store/db.h"

/* A lease that the station holds. */
struct release_lease {
	char id[40], pool[65];
	uint64_t first, last;
	uint64_t unknown; /* the first number that no row mentions; last + 1: all are mentioned */
	bool list; /* which row of a list is which number only the stations know: nothing of it is
		      unknown */
};

struct release {
	const char *station;         /* as the store has it */
	struct release_lease *lease; /* owned: release_free */
	size_t leases;
	bool adopt;              /* release_station: the station goes on, with new leases */
	uint64_t burned, claims; /* release_station: numbers, places */
};

/* The leases, in order of pool and number. */
enum db_error release_look(struct db *db, struct release *release);

/* In one transaction: looks, marks unknown numbers as burned, and ends all claims of the station.
 * Work for db_transaction, on a struct release. */
enum db_error release_station(struct db *db, void *release);

void release_free(struct release *release);

#endif
