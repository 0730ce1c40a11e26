/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tally.h"

void tally_count(struct tally *tally, bool recorded, enum audit_result result)
{
	tally->units++;
	if (!recorded)
		tally->not_recorded++;
	else if (result == AUDIT_PASS)
		tally->passed++;
	else if (result == AUDIT_ABORTED)
		tally->aborted++;
	else
		tally->failed++;
}

enum h7_exit tally_exit(const struct tally *tally)
{
	if (tally->not_recorded)
		return H7_EXIT_LOG;
	if (tally->failed || tally->aborted)
		return H7_EXIT_FAILED;
	return tally->units ? H7_EXIT_OK : H7_EXIT_NO_TARGET;
}
