/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the evidence allows an attempt under the profile. Default: no. */
#ifndef ATTEMPT_PROOF_H
#define ATTEMPT_PROOF_H

#include "h7gang/attempt/job.h"
#include "probe.h"

/* Whether a program in flash may answer in the ROM's place: the profile says so, or names USB IDs
 * of its own. */
bool proof_resident_allowed(const struct profile *profile);

/* Whether descriptors and strings alone rule the board out, so that it need not be asked more. */
bool proof_hopeless(const struct profile *profile, const struct stm32_evidence *evidence);

/* The board is proved to be the profile's part, or the profile accepts it without proof, and every
 * sector that may be changed is announced as erasable and writable. False: job_fail was called.
 * Overrides that made the difference are noted in the job. */
bool proof_right_part(struct job *job, const struct probe *probe,
		      const struct stm32_evidence *evidence);

#endif
