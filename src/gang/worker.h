/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One unit in one thread: its attempts, their rows, its verdict. */
#ifndef GANG_WORKER_H
#define GANG_WORKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "gang.h"

enum worker_end {
	WORKER_VERDICT,   /* a unit came to its verdict */
	WORKER_SAME_UNIT, /* the board that was just done here came back: nothing was done */
	WORKER_UNSURE,    /* it may have been that board, and no UID tells: nothing was done */
	WORKER_SKIPPED,   /* not one of --uid: nothing was done */
};

/* Whether what appeared may be the board of the slot's last unit. */
enum worker_return {
	WORKER_NEWCOMER,
	WORKER_MUST_SHOW,   /* that one left by itself, watched: the UIDs must say which it is */
	WORKER_LIKELY_SAME  /* within 5 s: it is the same unless the UIDs say otherwise */
};

struct worker {
	/* set before it starts, then only read */
	struct gang *gang;
	char slot[PROFILE_NAME_SIZE];
	struct usb_seen seen;      /* the device that made it start */
	enum worker_return came_back;
	char last_uid[25];         /* the last unit's here, "" unknown */

	pthread_t thread;
	atomic_bool done;          /* the last thing a worker says */

	/* The supervisor may end an attempt that overran its time in a call without a deadline (open,
	 * SET_INTERFACE, reset). `row_claimed` decides who writes its row. */
	pthread_mutex_t face_lock;
	int64_t overdue;           /* CLOCK_NEVER: no attempt is running */
	unsigned attempt;
	char unit_id[40];
	char unit_serial[PROFILE_SERIAL_SIZE]; /* "" none yet */
	char started_at[CLOCK_TEXT_SIZE];
	int64_t started;
	atomic_flag row_claimed;

	/* valid once done */
	enum worker_end end;
	enum audit_result result;
	bool recorded;
	bool retire_slot;          /* a transfer never came back: nothing may be started here again */
	bool swapped;              /* another board took this one's place: it is a new unit */
	bool left_by_itself;       /* it passed and left into its application */
	char uid[25];
	struct usb_seen last;      /* the device it had last */
};

/* Starts the thread. NULL: no memory or no thread. */
struct worker *worker_start(struct gang *gang, const char *slot, const struct usb_seen *seen,
                            enum worker_return came_back, const char *last_uid);

/* Joins a worker that is done, and frees it. */
void worker_join(struct worker *worker);

/* For the supervisor: writes unit_timeout for an attempt that is overdue, if the worker has not claimed the
 * row. True: it did, the unit is over, and the worker must be left alone for ever. */
bool worker_rescue(struct worker *worker);

#endif
