/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile's hooks: commands of the user, which get a run or a unit as one JSON object on
 * standard input. Its names are the log's columns. */
#ifndef GANG_HOOKS_H
#define GANG_HOOKS_H

#include "gang.h"

/* Additional input of an `end` hook. */
struct hooks_totals {
	unsigned passed, failed, aborted, not_recorded;
	struct audit_head head;
};

enum hooks_answer {
	HOOKS_OK,      /* there is no such hook, or it ended with exit status 0 */
	HOOKS_REFUSED, /* it ended with exit status 1 */
	HOOKS_FAILED,  /* anything else: no answer */
	HOOKS_STOPPED  /* ended because of a signal to us */
};

/* `start` and `end`; `totals` is NULL for start. `why` is empty on HOOKS_OK. */
enum hooks_answer hooks_run(struct gang *gang, enum profile_hook_time time,
			    const struct hooks_totals *totals, char *why, size_t why_size);

/* `gate` and `after`, for the attempt that `row` is or will be of. */
enum hooks_answer hooks_unit(struct gang *gang, enum profile_hook_time time,
			     const struct audit_row *row, char *why, size_t why_size);

/* A command that is no hook, told the slot and its port as `slot` and `usb_path`. False: it did not
 * end with exit status 0 within `seconds`; `why`. */
bool hooks_command(struct gang *gang, const struct profile_hook *command, const char *slot,
		   const char *path, uint32_t seconds, char *why, size_t why_size);

/* The standard output of a hook. */
struct hooks_reply {
	char *text; /* owned by the caller; NULL: nothing */
	size_t length;
};

/* `before`, with the facts about the board so far. `reply` is filled in on HOOKS_OK. */
enum hooks_answer hooks_before(struct gang *gang, const struct audit_row *row,
			       struct hooks_reply *reply, char *why, size_t why_size);

/* The input of a `state` hook. */
struct hooks_state {
	enum gang_state state;
	char reason[AUDIT_TEXT_MAX], lot[AUDIT_TEXT_MAX], operator_name[AUDIT_TEXT_MAX];
};

enum hooks_answer hooks_state(struct gang *gang, const struct hooks_state *state, char *why,
			      size_t why_size);

#endif
