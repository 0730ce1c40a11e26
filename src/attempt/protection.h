/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Write protection. An erase or a write of a protected sector is acknowledged and not done
 * (AN3156), so it is known before anything is erased. */
#ifndef ATTEMPT_PROTECTION_H
#define ATTEMPT_PROTECTION_H

#include "h7gang/attempt/job.h"

/* Notes which sectors are protected, as far as the option bytes can be read. False: the attempt
 * ends. */
bool protection_look(struct job *job);

/* Whether a mass erase is wise: no sector is protected, and no watchdog runs that it may outlast.
 */
bool protection_allows_mass(const struct job *job);

/* Before the first erase. `needed`: the sectors that this job erases or writes. Protected ones
 * among them end the attempt, or lose their protection where the profile says so. */
bool protection_open(struct job *job, const bool needed[STM32_SECTORS_MAX]);

#endif
