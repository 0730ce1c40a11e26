/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile's `hooks.before`: asks once for each unit whether it may be made, and takes the
 * number and the columns of the answer. */
#ifndef GANG_BEFORE_H
#define GANG_BEFORE_H

#include "gang.h"
#include "h7gang/profile/serial.h"

#define BEFORE_ANSWER_MAX 65536u /* bytes of the JSON object, contract */

struct job;
struct record_unit;

/* The answer, which holds for all attempts of the unit. */
struct before {
	bool released;                    /* asked, and the unit may be made */
	char serial[PROFILE_SERIAL_SIZE]; /* "": the answer names no number */
	struct profile_columns columns;
	char tags[AUDIT_TEXT_MAX]; /* the run's and the unit's own; "" until it is released */
};

void before_free(struct before *before);

/* Asks unless it is released already, or there is no such hook. False: job_fail was called. */
bool before_ask(struct before *before, struct gang *gang, const struct record_unit *unit,
		struct job *job);

/* Takes in one JSON object: {"serial": TEXT, "columns": {NAME: TEXT}, "tags": {KEY: TEXT}}, all
 * optional. White space alone counts as an empty object. `tags`: the run's. False: `why`. */
bool before_read(struct before *before, const char *text, size_t length, const char *tags,
		 char *why, size_t why_size);

#endif
