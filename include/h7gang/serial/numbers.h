/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers for boards, one for each and none for two. A number is on disk as taken before a board
 * gets it; the file it is written to may be shared by processes of one machine. */
#ifndef H7GANG_SERIAL_NUMBERS_H
#define H7GANG_SERIAL_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/profile/profile.h"
#include "h7gang/store/station.h"

struct numbers; /* thread-safe */

enum numbers_result {
	NUMBERS_OK,
	NUMBERS_EXHAUSTED,
	NUMBERS_UNKNOWN, /* none can be found for that UID */
	NUMBERS_NO_UID,  /* the profile needs one */
	NUMBERS_BUSY,    /* a board with that UID is on another slot, with the number that is this
			    one's too */
	NUMBERS_AWAY,    /* the store gives no answer, or says no, and there is none without it */
	NUMBERS_BROKEN   /* the state file cannot be read, written or locked */
};
#define NUMBERS_RESULTS (NUMBERS_BROKEN + 1)

/* Opens the state file (made if it is to be written) and looks up the numbers of boards in `log`.
 * `takes` false: only for numbers_find, nothing is written. NULL: `why`. */
struct numbers *numbers_open(const struct profile *profile, const char *log, bool takes, char *why,
			     size_t why_size);
void numbers_close(struct numbers *numbers);

/* The sources of a run without a store. All are borrowed. */
struct numbers_station {
	const char *logs[2];   /* paths of logs, with {lot} for any lot; NULL: absent */
	const char *state_dir; /* station.state_dir; NULL if absent */
	const char *which_log; /* the options that name this log to a command, such as "--lot L1" */
};

/* From now on this machine alone gives the numbers. Every number that the number file, its second
 * place (place.h) or any log of that pattern has is taken, and each of the first two holds all of
 * them. False, with `why`: they come from a store, or the second place is missing and the numbers
 * given since are unknown. */
bool numbers_go_alone(struct numbers *numbers, const struct numbers_station *station, char *why,
		      size_t why_size);

/* Whether the number file of the profile has its second place, or none yet; for a station without a
 * store. Nothing is changed. False: `why`. */
bool numbers_place_is_there(const struct profile *profile, char *why, size_t why_size);

/* Whether this machine may give numbers without a store. False: a store gives them; `why`. */
bool numbers_alone(const struct numbers *numbers, char *why, size_t why_size);

/* Repairs by numbers_open, numbers_go_alone and numbers_join, for people; NULL past the last. */
const char *numbers_notice(const struct numbers *numbers, size_t index);

/* The numbers that a person declares as taken. */
struct numbers_word {
	bool has_next;
	uint64_t next;            /* counter: the next number */
	const char *const *taken; /* list: numbers that are taken in addition */
	size_t count;
	/* Puts the change on record before it is made. False, with `why`: it is not made. */
	bool (*note)(void *user, const char *text, char *why, size_t why_size);
	void *user;
};

/* As numbers_go_alone, and makes a new second place where it is missing. False: `why`. */
bool numbers_set_next(struct numbers *numbers, const struct numbers_station *station,
		      const struct numbers_word *word, char *why, size_t why_size);

/* The next number of a counter, end + 1 if none is left; 0 for a list. */
uint64_t numbers_peek(struct numbers *numbers);

/* From now on numbers come from the store. All are borrowed; `log` as in numbers_open. False, with
 * `why`: the store or the state file refuses. If the store is away, that shows once numbers run
 * out. */
bool numbers_join(struct numbers *numbers, struct station *station,
		  const struct profile_store *store, const char *log, bool takes, char *why,
		  size_t why_size);

/* Why numbers_join failed: by the store's rows, the state file is an old state or a copy. */
bool numbers_old(const struct numbers *numbers);

/* Whether this run has given numbers without having checked in with the store. */
bool numbers_offline_start(struct numbers *numbers);

/* The number of a unit that is about to be written; `unit_id` is for readers of the state file.
 * `unit` is filled in; it borrows `uid`. Ended by numbers_done. Anything but NUMBERS_OK: `why`. */
enum numbers_result numbers_take(struct numbers *numbers, const char *uid, const char *unit_id,
				 struct profile_unit *unit, char *why, size_t why_size);

/* As numbers_take, for a number that comes from outside (a scan, a hook). NUMBERS_BUSY: another
 * board has it, or this board has another one. */
enum numbers_result numbers_take_given(struct numbers *numbers, const char *number, const char *uid,
				       const char *unit_id, struct profile_unit *unit, char *why,
				       size_t why_size);

/* Whether a number from outside may be taken, before its board is known: not one that passed, is
 * being given, or was discarded. The store is not asked. */
bool numbers_may_take(struct numbers *numbers, const char *number, char *why, size_t why_size);

/* Does the same as numbers_find for the number on the board's label. */
enum numbers_result numbers_find_given(struct numbers *numbers, const char *number, const char *uid,
				       struct profile_unit *unit, char *why, size_t why_size);

/* The number that a board already has. */
enum numbers_result numbers_find(struct numbers *numbers, const char *uid,
				 struct profile_unit *unit, char *why, size_t why_size);

/* The verdict of the unit with that number is on record. */
void numbers_done(struct numbers *numbers, const struct profile_unit *unit, bool passed);

#endif
