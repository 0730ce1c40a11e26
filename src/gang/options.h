/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option bytes: held against what the profile expects, set where it asks for it, and the way out of RDP
 * level 1. */
#ifndef GANG_OPTIONS_H
#define GANG_OPTIONS_H

#include "job.h"

/* Whether the profile looks at registers behind what a ROM announces. */
bool options_far(const struct profile *profile);

/* What was read is what the profile expects. False: job_fail was called. */
bool options_expect(struct job *job);

/* After verification: reads the block, changes the fields, writes it whole and reads it back. */
bool options_set(struct job *job);

/* At RDP level 1: erases the part by the read-unprotect command and waits until it is back on its port. The link
 * is open again then, and everything about the target is to be asked again. */
bool options_unprotect(struct job *job);

#endif
