/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of a unit: one attempt, in which each of them has its part. */
#ifndef GANG_UNIT_PRIVATE_H
#define GANG_UNIT_PRIVATE_H

#include "h7gang/attempt/job.h"
#include "record.h"
#include "unit.h"

/* The user of the job's watch. */
struct unit_attempt {
	struct unit *unit;
	struct job_memory *memory;
	struct ticket *ticket;
	struct job job;
	struct record_unit facts;
	struct record record; /* once it is concluded */
	bool announced;
	bool swapped;
	enum gang_phase phase;
	unsigned permille; /* of phase, last told */
};

/* unit_attempt.c */

/* The contents of the job and the row before anything runs. */
void unit_attempt_prepare(struct unit_attempt *attempt, struct unit *unit,
			  struct job_memory *memory, struct ticket *ticket, const char *started_at);

/* Prepares attempt `number` and starts its time. `trace` NULL: nothing is recorded. */
void unit_attempt_begin(struct unit_attempt *attempt, struct unit *unit, struct job_memory *memory,
			struct ticket *ticket, struct trace *trace, unsigned number);

/* Whether the operator ends the run at the next safe point. */
bool unit_attempt_stopped(const struct unit_attempt *attempt);

/* unit_board.c */

/* Whether the run is to have a board with that UID ("": unknown). */
bool unit_asked_for(const struct unit *unit, const char *uid);

/* Whether the board that the job found is to have an attempt; if not, the unit's end says why. */
bool unit_welcomes(struct unit_attempt *attempt);

/* unit_tell.c: the events. */
void unit_tell_target(struct unit_attempt *attempt); /* once */
void unit_tell_phase(struct unit_attempt *attempt, enum gang_phase phase);
void unit_tell_progress(struct unit_attempt *attempt, unsigned permille);
void unit_tell_retry(const struct unit_attempt *attempt);
void unit_tell_result(const struct unit_attempt *attempt, bool recorded);

/* The result, and the after hook: the row of this attempt is the unit's last one. */
void unit_tell_verdict(const struct unit_attempt *attempt, bool recorded);

#endif
