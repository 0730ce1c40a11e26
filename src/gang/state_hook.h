/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile's `hooks.state`: a command on every change of the station's state, for a lamp or a
 * siren. In a thread of its own: no unit and no state waits for it. If states change faster than
 * the command ends, it gets the last one. */
#ifndef GANG_STATE_HOOK_H
#define GANG_STATE_HOOK_H

#include "gang.h"

struct state_hook;

struct state_hook *state_hook_start(struct gang *gang); /* NULL: no memory or no thread */

void state_hook_tell(struct state_hook *hook, enum gang_state state, const char *reason,
		     const char *lot, const char *operator_name);

/* After the last state was told; waits for the command, which has its deadline. NULL is allowed. */
void state_hook_end(struct state_hook *hook);

#endif
