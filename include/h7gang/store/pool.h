/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of all stations: a pool that gives out ranges of them, each once. All of these are work
 * for station_do: repeating them has no further effect. */
#ifndef H7GANG_STORE_POOL_H
#define H7GANG_STORE_POOL_H

#include "h7gang/store/db.h"
#include "h7gang/store/station.h"

/* A pool as a profile describes it. A list's numbers are its rows, from 1. Texts are borrowed. */
struct pool {
	const char *name, *profile;
	bool list;
	uint64_t first, last;
	const char *format; /* of a counter; of a list its SHA-256 */
	uint64_t leased; /* the end of this station's leases that the store has known in this run */
	uint64_t used; /* up to here the station used numbers before there was the pool; 0: none */
};

/* Makes the pool, or compares the profile with the pool as others made it: DB_REFUSED if it
 * differs. Only the end of a counter may: the pool keeps the highest end, and a profile takes no
 * number above its own. From then on the numbers in the profile's rows, also in existing ones,
 * count as the pool's. */
enum db_error pool_join(struct db *db, const struct pool *pool);

/* A lease: the station makes `id` and has it on its disk before it asks. */
struct pool_lease {
	const struct pool *pool;
	const struct station *station;
	const char *id;
	const char *owner;    /* the file of numbers that the lease goes into */
	uint64_t turn;        /* the lease's index in it, from 1 */
	uint64_t size;        /* wanted */
	uint64_t first, last; /* granted */
	bool got;             /* false: nothing is left for this profile */
	uint64_t pool_last;   /* then: where the pool ends */
};

/* Joins the pool and takes the next range of it, or finds the one that was taken under that id.
 * DB_REFUSED: as pool_join; or another lease was taken in that turn, by a copy of the owner's file.
 */
enum db_error pool_lease(struct db *db, void *lease);

/* Returns the rest of a lease, from `first` on. Only when no process can use it any longer. */
struct pool_return {
	const char *id;
	uint64_t first;
	bool reuse; /* false: they are discarded */
};
enum db_error pool_return(struct db *db, void *back);

/* The number that a board has from a row that passed (or, with `failed`, from its last row), of any
 * profile of the pool. */
struct pool_find {
	const char *pool, *uid;
	bool failed;
	char number[4 * 65]; /* found; "" none */
	bool passed;
};
enum db_error pool_find(struct db *db, void *find);

#endif
