/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of all stations: a pool that gives out ranges of them, each once. All of these are work
 * for station_do: done again, they do no more. */
#ifndef H7GANG_STORE_POOL_H
#define H7GANG_STORE_POOL_H

#include "h7gang/store/db.h"
#include "h7gang/store/station.h"

/* What a profile says of its pool. A list's numbers are its rows, from 1. Texts are borrowed. */
struct pool {
	const char *name, *profile;
	bool list;
	uint64_t first, last;
	const char *format; /* of a counter; of a list its SHA-256 */
	uint64_t leased; /* the end of this station's leases that the store has known in this run */
	uint64_t used; /* up to here the station used numbers before there was the pool; 0: none */
};

/* Makes the pool, or holds what the profile says against what others said before: DB_REFUSED if it
 * differs. Only the end of a counter may: the pool has the highest that it was ever told, and a
 * profile takes no number above its own. From then on the numbers in the profile's rows, also in
 * those that are there, count as the pool's. */
enum db_error pool_join(struct db *db, const struct pool *pool);

/* A lease: The station makes `id` and has it on its disk before it asks. */
struct pool_lease {
	const struct pool *pool;
	const struct station *station;
	const char *id;
	const char *owner;    /* the file of numbers that the lease goes into */
	uint64_t turn;        /* the lease's index in it, from 1 */
	uint64_t size;        /* wanted */
	uint64_t first, last; /* got */
	bool got;             /* false: nothing is left for this profile */
	uint64_t pool_last;   /* then: where the pool ends */
};

/* Joins the pool and takes the next range of it, or finds the one that was taken under that id.
 * DB_REFUSED: as pool_join; or another lease was taken in that turn, by a copy of the owner's file.
 */
enum db_error pool_lease(struct db *db, void *lease);

/* What is left of a lease, from `first` on, comes back. Only when no process can use it any more.
 */
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
