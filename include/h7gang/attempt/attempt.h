/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One attempt at a unit: identify, erase, program, verify, option bytes, start. Blocking; runs in a
 * worker thread. */
#ifndef H7GANG_ATTEMPT_ATTEMPT_H
#define H7GANG_ATTEMPT_ATTEMPT_H

#include "h7gang/attempt/job.h"

/* Runs the attempt to its end; the outcome is in the struct. The link is closed afterwards. */
void attempt_run(struct job *job);

/* After an attempt during which the computer was suspended: waits until the bus has settled, and
 * sets job->gone if the device is not there as it was. */
void attempt_wait_awake(struct job *job);

/* After an attempt whose board left the bus: waits until a board is back at the port. True: it is
 * the same unit: its UID is equal, or no UID is known. `*another`: a board with another UID
 * came. */
bool attempt_board_returned(struct job *job, bool *another);

/* Whether both UIDs are known and differ. */
bool attempt_other_uid(const char *uid, const char *before);

#endif
