/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/overrides.h"

#include <stdio.h>
#include <string.h>

static const struct {
	unsigned bit;
	const char *name;
} overrides[] = {
	{AUDIT_OVERRIDE_UNIDENTIFIED, "unidentified"},   {AUDIT_OVERRIDE_RESIDENT, "resident"},
	{AUDIT_OVERRIDE_START_CHECK, "start_check"},     {AUDIT_OVERRIDE_CLOCK, "clock"},
	{AUDIT_OVERRIDE_OFFLINE_START, "offline_start"},
};

_Static_assert(sizeof("unidentified+resident+start_check+clock+offline_start") <=
		       AUDIT_OVERRIDES_SIZE,
	       "every name fits");

void audit_overrides_text(unsigned set, char text[AUDIT_OVERRIDES_SIZE])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(overrides) / sizeof(overrides[0]); i++) {
		if (set & overrides[i].bit)
			used += (size_t)snprintf(text + used, AUDIT_OVERRIDES_SIZE - used, "%s%s",
						 used ? "+" : "", overrides[i].name);
	}
}
