/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many boards a lot may have, and whether one may be made twice. Counted from the log or, with
 * a store, over all stations: then a unit may wait for the store's answer. */
#ifndef H7GANG_SERIAL_LIMITS_H
#define H7GANG_SERIAL_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/profile/profile.h"
#include "h7gang/store/station.h"

struct limits; /* thread-safe */

enum limits_answer {
	LIMITS_ADMITTED,
	LIMITS_REACHED,
	LIMITS_DUPLICATE, /* passed in this lot, or is on another slot now */
	LIMITS_NO_UID,
	LIMITS_AWAY, /* the store gives no answer, and there is no place without it */
	LIMITS_NO_MEMORY
};
#define LIMITS_ANSWERS (LIMITS_NO_MEMORY + 1)

/* Counts the boards of `lot` in `log`. NULL: `why`. */
struct limits *limits_open(const struct profile *profile, const char *log, const char *lot,
			   char *why, size_t why_size);
void limits_close(struct limits *limits);

/* From now on the store decides. All are borrowed. False, with `why`: it refuses. If it is away,
 * each unit finds that out. */
bool limits_join(struct limits *limits, struct station *station, const struct profile_store *store,
		 const char *log, char *why, size_t why_size);

/* A unit with that UID ("" unknown) begins. Each one that is admitted must be ended by limits_done.
 * Until `deadline` (base/clock) it waits for the store's answers to other units; the answer to
 * itself then takes a bounded time (h7gang/store/station.h). */
enum limits_answer limits_admit(struct limits *limits, const char *unit_id, const char *uid,
				bool rework, int64_t deadline, char *why, size_t why_size);

/* Its verdict is on record. */
void limits_done(struct limits *limits, const char *unit_id, const char *uid, bool passed);

#endif
