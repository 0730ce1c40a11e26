/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What numbers.c and numbers_store.c share. */
#ifndef SERIAL_NUMBERS_PRIVATE_H
#define SERIAL_NUMBERS_PRIVATE_H

#include <pthread.h>

#include "h7gang/serial/numbers.h"
#include "h7gang/store/claim.h"
#include "index.h"
#include "leases.h"
#include "state.h"

/* A number that is given out. */
struct holding {
	char *number;
	uint64_t counter;
	char uid[25]; /* "" unknown */
	bool passed;
	bool working;  /* a unit of this process has it now */
	size_t before; /* the holding that this UID had before, from 1; 0: none */
};

struct numbers {
	const struct profile *profile;
	const struct profile_serial *serial;
	pthread_mutex_t lock;
	struct state state;
	struct holding *holding;
	size_t count, room;
	struct index by_number, by_uid; /* place in holding, from 1 */
	uint64_t next;			/* counter: above all that are taken */
	size_t row;			/* list: no row before it is free */
	bool broken;			/* the state file is not to be trusted any more */

	struct leases leases;	 /* what the state file says of a store */
	struct station *station; /* NULL: numbers come from the profile's range alone */
	const struct profile_store *store;
	const char *log;
	struct pool pool;
	char list_sha256[SHA256_HEX_SIZE];
	bool recovered;		  /* the claims of earlier runs are in order */
	bool leasing;		  /* a thread is getting numbers */
	pthread_cond_t leased;	  /* it has done so, or not */
	int64_t lease_again;	  /* ahead of need, not before */
	struct claim_units open;  /* boards that are about to get a number, as the store knows */
	struct claim_units ended; /* without a pass; the store does not know it yet */
};

/* Notes that `number` was given to `uid`; a number keeps the UID it has. NULL: no memory. */
struct holding *numbers_note(struct numbers *numbers, const char *number, uint64_t counter,
			     const char *uid, bool passed);

/* The number `at` of the counter, or of that row of the list, as `unit`. False: it has no text. */
bool numbers_at(const struct numbers *numbers, uint64_t at, struct profile_unit *unit);

/* All of these with the lock held; it is let go while the store is asked. */

/* A board is about to be numbered: whether the store knows a number for it, which is noted, or it is being
 * numbered elsewhere. NUMBERS_OK: go on. */
enum numbers_result numbers_ask(struct numbers *numbers, const char *uid, const char *unit_id,
				char *why, size_t why_size);

/* Notes what number the store knows for that board, if it does. */
void numbers_look_up(struct numbers *numbers, const char *uid);

/* The state file's lock is held too: the next number that is leased. False: none, and `*left` is 0. */
bool numbers_draw(struct numbers *numbers, struct profile_unit *unit, uint64_t *left);

/* Numbers from the store, or the end of another thread's asking for them. */
enum numbers_result numbers_lease(struct numbers *numbers, char *why, size_t why_size);

/* Few are left: gets more, if that is possible now. */
void numbers_look_ahead(struct numbers *numbers, uint64_t left);

/* The unit with that UID has ended. */
void numbers_claim_over(struct numbers *numbers, const char *uid, bool passed);

/* What is not needed goes back, if the profile says so. */
void numbers_leave(struct numbers *numbers);

#endif
