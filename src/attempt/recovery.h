/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting until flash is idle, and the recovery to dfuIDLE, within an attempt. */
#ifndef ATTEMPT_RECOVERY_H
#define ATTEMPT_RECOVERY_H

#include "h7gang/attempt/job.h"

/* Nothing touches flash before memory->flash_busy_until. False: told to end, or the attempt's time
 * is up. */
bool recovery_settle(struct job *job);

/* How long an operation may still run on the target, in ms; never 0. */
uint32_t recovery_busy_ms(const struct job *job);

/* After an unexpected result: back to dfuIDLE, then settle; after a re-attach it is proved to be
 * the same board. False: job_fail was called with `result`'s reason or the recovery's own. */
bool recovery_recover(struct job *job, enum dfu_result result, const char *what);

#endif
