/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/gang/events.h"

const char *gang_phase_name(enum gang_phase phase)
{
	static const char *const names[GANG_PHASE_COUNT] = {
		[GANG_PHASE_IDENTIFY] = "identify", [GANG_PHASE_BLANK] = "blank",
		[GANG_PHASE_ERASE] = "erase",       [GANG_PHASE_PROGRAM] = "program",
		[GANG_PHASE_VERIFY] = "verify",     [GANG_PHASE_LEAVE] = "leave",
		[GANG_PHASE_GATE] = "gate",         [GANG_PHASE_RECORD] = "record",
	};

	return (unsigned)phase < GANG_PHASE_COUNT ? names[phase] : "unknown";
}
