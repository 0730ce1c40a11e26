/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the end of an attempt and its row: the trace of one that failed, the gate of one that did
 * not. */
#ifndef GANG_OUTCOME_H
#define GANG_OUTCOME_H

#include "gang.h"
#include "h7gang/attempt/job.h"
#include "record.h"

/* A recorder that knows the secret ranges of the profile. `secret` must outlive it. NULL: none is
 * wanted, or there is no memory for it. */
struct trace *outcome_recorder(const struct gang *gang,
			       struct trace_range secret[PROFILE_PATCHES_MAX]);

/* Writes the trace file of a failed attempt; `detail` names it. */
void outcome_keep_trace(const struct gang *gang, const struct record_unit *unit, struct job *job);

/* Whether the attempt passed and the profile has a gate hook. */
bool outcome_wants_gate(const struct gang *gang, const struct job *job);

/* Asks the gate hook. No answer counts as a refusal. */
void outcome_ask_gate(struct gang *gang, const struct record_unit *unit, struct job *job);

#endif
