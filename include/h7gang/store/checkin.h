/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run tells the store that it begins. Before that it writes a random name into its number file,
 * and the store keeps the name of the last run: a file that does not know that name is an old
 * state, or a copy, of one that went on. A kill between the two steps leaves a name that the store
 * does not have, which does no harm. All of these are work for station_do: repeating them has no
 * further effect. */
#ifndef H7GANG_STORE_CHECKIN_H
#define H7GANG_STORE_CHECKIN_H

#include "h7gang/store/station.h"

/* A lease that was returned to the store: no process may draw from it from `first` on. */
struct checkin_back {
	char lease[STATION_ID_SIZE];
	uint64_t first;
};

enum checkin_answer {
	CHECKIN_TAKEN,
	CHECKIN_OLD,    /* a later run checked in, which the file does not have */
	CHECKIN_ADOPTED /* likewise, but the station is to go on: with a new owner and new leases */
};

struct checkin {
	const struct station *station;
	const char *owner;                    /* the number file's own name */
	const char *name;                     /* of this run, on disk in that file */
	const char (*known)[STATION_ID_SIZE]; /* names of its runs, this one among them */
	size_t count;

	enum checkin_answer answer;
	int64_t runs;              /* CHECKIN_TAKEN: of this owner, with this one */
	char at[32];               /* CHECKIN_OLD: when the later run checked in */
	struct checkin_back *back; /* owned: checkin_free */
	size_t backs;
};
enum db_error checkin_run(struct db *db, void *checkin);
void checkin_free(struct checkin *checkin);

#define CHECKIN_NUMBERS 100 /* at a time */

/* Which numbers are in rows of the store: `seen` is set for each. */
struct checkin_seen {
	const char *pool;
	const char *number[CHECKIN_NUMBERS]; /* as the profile writes them */
	bool seen[CHECKIN_NUMBERS];
	size_t count;
};
enum db_error checkin_seen(struct db *db, void *seen);

#endif
