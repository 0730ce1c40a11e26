/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile's `stop`: when faults of boards block a slot or stop the station. No I/O. */
#ifndef GANG_STOP_RULES_H
#define GANG_STOP_RULES_H

#include <stdbool.h>

#include "h7gang/base/errors.h"
#include "h7gang/profile/profile.h"

#define STOP_REASON_SIZE 160

struct stop_rules {
	const struct profile_stop *rules;
	unsigned run;      /* boards in a row that failed */
	unsigned same_run; /* of them, the last ones with the error `same` */
	enum h7_error same;
	bool first_pass[PROFILE_STOP_WINDOW_MAX]; /* a ring of the last units */
	unsigned next, filled;
	unsigned slots;
	struct stop_slot {
		char name[PROFILE_NAME_SIZE];
		unsigned run;
		char blocked[STOP_REASON_SIZE]; /* the reason; "": not blocked */
	} slot[PROFILE_SLOTS_MAX];
	char stopped[STOP_REASON_SIZE]; /* the reason; "": not stopped */
};

void stop_rules_init(struct stop_rules *stop, const struct profile_stop *rules);

/* Counts the verdict of a unit. Not for units that say nothing of boards (aborted ones, errors that
 * are in no yield). `*blocks`: the slot is blocked now; `*stops`: the station is stopped now. The
 * reasons are in `slot` and `stopped`. */
void stop_rules_unit(struct stop_rules *stop, const char *slot, enum h7_error error,
		     bool first_attempt, bool *blocks, bool *stops);

/* Why that slot is blocked; NULL: it is not. */
const char *stop_rules_blocked(const struct stop_rules *stop, const char *slot);

/* Blocks or stops for another reason: an operator, the state of an earlier run. */
void stop_rules_block(struct stop_rules *stop, const char *slot, const char *reason);
void stop_rules_stop(struct stop_rules *stop, const char *reason);

/* Starts counting anew. */
void stop_rules_unblock(struct stop_rules *stop, const char *slot);
void stop_rules_go_on(struct stop_rules *stop);

#endif
