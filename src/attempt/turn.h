/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns on the wire that boards share, and telling the wait for it from work. */
#ifndef ATTEMPT_TURN_H
#define ATTEMPT_TURN_H

#include "h7gang/attempt/job.h"
#include "h7gang/usb/wire.h"

/* Before a long data stage: waits for a turn. If none comes, the request that follows finds the
 * reason (the operator's stop, the attempt's deadline). */
void turn_begin(struct job *job, enum usb_load load);
/* After it. A board that is surveyed keeps its turn for the next sector until turn_leave. */
void turn_end(struct job *job, enum usb_load load);
void turn_leave(struct job *job);

/* Whether this board may leave the wire idle by a mass erase. */
bool turn_may_idle(struct job *job);

/* Notes the time, to measure the work that follows. */
struct turn_mark {
	int64_t at, waited;
};
struct turn_mark turn_mark(const struct job *job);

/* Milliseconds since then without the waits for the wire. */
int64_t turn_worked_ms(const struct job *job, const struct turn_mark *since);

#endif
