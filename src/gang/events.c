/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/gang/events.h"

const char *gang_phase_name(enum gang_phase phase)
{
	static const char *const names[] = {
		[GANG_PHASE_IDENTIFY] = "identify", [GANG_PHASE_BLANK] = "blank",
		[GANG_PHASE_ERASE] = "erase",       [GANG_PHASE_PROGRAM] = "program",
		[GANG_PHASE_VERIFY] = "verify",     [GANG_PHASE_LEAVE] = "leave",
		[GANG_PHASE_GATE] = "gate",         [GANG_PHASE_RECORD] = "record",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == GANG_PHASE_COUNT,
		       "a name for each phase");

	return (unsigned)phase < GANG_PHASE_COUNT ? names[phase] : "unknown";
}

const char *gang_state_name(enum gang_state state)
{
	static const char *const names[] = {
		[GANG_READY] = "ready",     [GANG_RUNNING] = "running", [GANG_ASKING] = "asking",
		[GANG_STOPPED] = "stopped", [GANG_ENDING] = "ending",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == GANG_STATES, "a name for each state");

	return (unsigned)state < GANG_STATES ? names[state] : "unknown";
}
