/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option bytes: compared with the values that the profile expects, set where it asks for it, and
 * the release from RDP level 1. */
#ifndef ATTEMPT_OPTION_BYTES_H
#define ATTEMPT_OPTION_BYTES_H

#include "h7gang/attempt/job.h"

/* Whether the profile sets RDP level 1. */
bool option_bytes_protect(const struct profile *profile);

/* Whether the block has the option's value. `when` is added to the message. False: job_fail was
 * called. */
bool option_bytes_compare(struct job *job, const struct stm32_option_block *block,
			  const struct profile_option *option, const char *when);

/* Compares the values read with those that the profile expects and, for a board that is only
 * verified, with those that it sets. False: job_fail was called. */
bool option_bytes_expect(struct job *job);

/* The same for write protection alone, which some sectors lose after the board was identified. */
bool option_bytes_expect_wrp(struct job *job, const struct stm32_option_block *block);

/* At RDP level 1: erases the part by the read-unprotect command and waits until it is back on its
 * port. The link is open again then, and the target must be identified again. */
bool option_bytes_unprotect(struct job *job);

/* Whether the part holds the values that were set. */
bool option_bytes_read_back(struct job *job);

#endif
