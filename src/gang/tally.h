/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdicts of a run. */
#ifndef GANG_TALLY_H
#define GANG_TALLY_H

#include "h7gang/audit/audit.h"

struct tally {
	unsigned units, passed, failed, aborted, not_recorded;
};

void tally_count(struct tally *tally, bool recorded, enum audit_result result);

/* The exit code of a run in which nothing else went wrong. */
enum h7_exit tally_exit(const struct tally *tally);

#endif
