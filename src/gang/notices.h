/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The supervisor's messages to people. */
#ifndef GANG_NOTICES_H
#define GANG_NOTICES_H

#include "run.h"

/* Emits an event that has nothing but a text. `slot` NULL: it is about the station. */
void run_tell(struct run *run, enum gang_event_kind kind, const struct slot *slot,
	      const char *detail);

/* Each reports a change once: the operator ends the run, the wall clock was set, the log takes no
 * more rows. */
void notices_stop(struct run *run);
void notices_clock(struct run *run);
void notices_log(struct run *run);

/* Boards at ports that no slot names, and slots that name one port in two ways; each is told once.
 * `now`: without waiting for more of them to come. */
void notices_ports(struct run *run, bool now);

/* Tells that the bus failed, or that the kernel hangs behind a device. False: it failed, and there
 * will never be a target. */
bool notices_bus(struct run *run);

#endif
