/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option_far.h"

#define BEYOND 0x100 /* bank 2's registers: beyond those that ROMs announce */

static bool any_beyond(const struct profile_option_list *list)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (list->option[i].field->at >= BEYOND)
			return true;
	}
	return false;
}

bool option_far(const struct profile *profile)
{
	return any_beyond(&profile->options.expect) || any_beyond(&profile->options.set) ||
	       (profile->options.unprotect_wrp && profile->part->banks == 2);
}
