/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a run, which the supervisor's thread alone uses. */
#ifndef GANG_RUN_H
#define GANG_RUN_H

#include "gang.h"
#include "h7gang/base/clock.h"
#include "leftovers.h"
#include "signals.h"
#include "slots.h"
#include "tally.h"

struct desk;

struct run {
	struct gang gang;
	struct slots slots;
	struct signals signals;
	struct leftovers leftovers;
	struct desk *desk;
	bool started;
	int64_t give_up; /* --wait */
	int64_t last_arrival;
	bool closed; /* once: a look at the bus found no newcomer for 2 s; judged by looks, not by
		      * the time a start takes, so that a slow machine misses no board */
	int64_t closed_at;
	int64_t last_start; /* of a unit; 0: none has started */
	unsigned running;
	struct tally tally;
	int told_stop; /* the value of gang.stop that the operator was told */
	int64_t cut;   /* when the second signal was heeded; CLOCK_NEVER */
	bool told_twin;
	bool told_stuck; /* that the kernel hangs behind a device */
	struct clock_steps clock_steps;
	int64_t suspended_ms;         /* clock_suspended_ms, up to which it was handled */
	bool log_told;                /* that the log takes no more rows, and why */
	bool abandoned;               /* a worker has not come back: the bus cannot be closed */
	bool ports_hang;              /* likewise the thread that looks at the ports' power */
	char stopped[AUDIT_TEXT_MAX]; /* the reason, if the station was stopped at the end; "" */
	bool internal;                /* no memory, no thread */
};

#define STUCK_MS 5000 /* a look at the bus that takes longer is not waited for */

#endif
