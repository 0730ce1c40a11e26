/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers for boards, one for each and none for two. A number is on disk as taken before anybody gets it; the
 * file it is written to may be shared by processes of one machine. */
#ifndef H7GANG_SERIAL_NUMBERS_H
#define H7GANG_SERIAL_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "h7gang/profile/profile.h"
#include "h7gang/store/station.h"

struct numbers; /* thread-safe */

enum numbers_result {
	NUMBERS_OK,
	NUMBERS_EXHAUSTED,
	NUMBERS_UNKNOWN, /* none can be found for that UID */
	NUMBERS_NO_UID,  /* the profile needs one */
	NUMBERS_BUSY,    /* a board with that UID is on another slot, with the number that is this one's too */
	NUMBERS_AWAY,    /* the store gives no answer, or says no, and there is none without it */
	NUMBERS_BROKEN   /* the state file cannot be read, written or locked */
};

/* Opens the state file (made if it is to be written) and looks up in `log` what numbers boards have.
 * `takes` false: only for numbers_find, nothing is written. NULL: `why`. */
struct numbers *numbers_open(const struct profile *profile, const char *log, bool takes, char *why,
			     size_t why_size);
void numbers_close(struct numbers *numbers);

/* Whether the numbers are this machine's own to give. False: they are a store's, and `why`. */
bool numbers_alone(const struct numbers *numbers, char *why, size_t why_size);

/* From now on numbers come from the store. All are borrowed; `log` as in numbers_open. False, with `why`: the
 * store or the state file says no. That it is away is found out once there are no more numbers. */
bool numbers_join(struct numbers *numbers, struct station *station,
		  const struct profile_store *store, const char *log, bool takes, char *why,
		  size_t why_size);

/* The number of a unit that is about to be written; `unit_id` for people who read the state file. `unit` is
 * filled in; it borrows `uid`. Ended by numbers_done. Anything but NUMBERS_OK: `why`. */
enum numbers_result numbers_take(struct numbers *numbers, const char *uid, const char *unit_id,
				 struct profile_unit *unit, char *why, size_t why_size);

/* The number that a board already has. */
enum numbers_result numbers_find(struct numbers *numbers, const char *uid,
				 struct profile_unit *unit, char *why, size_t why_size);

/* The verdict of the unit with that number is on record. */
void numbers_done(struct numbers *numbers, const struct profile_unit *unit, bool passed);

#endif
