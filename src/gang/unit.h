/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One unit: the attempts at one board, their rows, its verdict. */
#ifndef GANG_UNIT_H
#define GANG_UNIT_H

#include <pthread.h>
#include <stdatomic.h>

#include "gang.h"
#include "labels.h"

enum unit_end {
	UNIT_VERDICT,    /* it has a verdict */
	UNIT_SAME_BOARD, /* the board that was just done here came back: nothing was done */
	UNIT_UNSURE,     /* it may be the same board, and no UID can tell: nothing was done */
	UNIT_SKIPPED,    /* not one of --uid: nothing was done */
};

/* Whether a board that appeared may be the board of the slot's last unit. */
enum unit_return {
	UNIT_NEWCOMER,
	UNIT_MUST_SHOW,  /* within 5 s of its start, or without --watch: the UIDs must tell */
	UNIT_MAY_BE_SAME /* the same board if the UIDs agree */
};

/* The attempt that runs, as the supervisor may see it. The supervisor may end an attempt that
 * overran its time in a call without a deadline (open, SET_INTERFACE, reset). */
struct unit_face {
	pthread_mutex_t lock;
	int64_t overdue; /* CLOCK_NEVER: no attempt is running */
	unsigned attempt;
	char unit_serial[PROFILE_SERIAL_SIZE]; /* "" none yet */
	char started_at[CLOCK_TEXT_SIZE];
	int64_t started;
	int64_t suspended_ms;    /* clock_suspended_ms then */
	atomic_flag row_claimed; /* decides which thread writes the attempt's row */
};

struct unit_outcome {
	enum unit_end end;
	enum audit_result result;
	enum h7_error error;
	bool recorded;
	bool retire_slot;    /* a transfer never came back: nothing may be started here again */
	bool swapped;        /* another board took this one's place: it is a new unit */
	bool left_by_itself; /* it passed and started its application */
	bool suspended;      /* the computer slept since its last attempt began */
	char uid[25];
	struct usb_seen last; /* the device it had last */
};

struct unit {
	/* set before it runs, then only read */
	struct gang *gang;
	char id[40];
	char slot[PROFILE_NAME_SIZE];
	struct usb_seen seen; /* the device that made it start */
	enum unit_return came_back;
	char last_uid[25]; /* the last unit's here, "" unknown */
	bool labelled;     /* `label` was scanned for this board */
	struct label label;
	char lot[AUDIT_TEXT_MAX], operator_name[AUDIT_TEXT_MAX]; /* when it started */

	struct unit_face face;
	struct unit_outcome outcome; /* valid once unit_run has returned */
};

/* Runs the unit to its end, in its own thread. */
void unit_run(struct unit *unit);

/* For the supervisor: writes the row of a unit whose thread could not be started. `rc`: why, an
 * errno value. */
void unit_not_started(struct unit *unit, int rc);

/* When the supervisor ends the attempt that runs, if its thread hangs in a call until then;
 * CLOCK_NEVER: none runs. `cut`: when the operator ended the run, or CLOCK_NEVER. */
int64_t unit_overdue(struct unit *unit, int64_t cut);

/* For the supervisor: writes the row of an attempt that is overdue, unit_timeout or aborted, if the
 * unit's thread has not claimed the row. True: it did, the unit is over, and its thread must be
 * left alone for ever. */
bool unit_rescue(struct unit *unit, int64_t cut);

#endif
