/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread in which a unit runs. */
#ifndef GANG_WORKER_H
#define GANG_WORKER_H

#include "unit.h"

struct worker {
	struct unit unit;
	pthread_t thread;
	bool no_thread;   /* none could be started: the unit is over */
	atomic_bool done; /* set last by the worker */
};

/* Starts the thread. `label` NULL: none was scanned. NULL: no memory. Without a thread the unit is
 * done, with its row. */
struct worker *worker_start(struct gang *gang, const char *slot, const struct usb_seen *seen,
			    enum unit_return came_back, const char *last_uid,
			    const struct label *label);

/* Joins a worker that is done, and frees it. */
void worker_join(struct worker *worker);

#endif
