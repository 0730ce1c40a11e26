/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One slot of the fixture: its state, and the board that is in it. Only the supervisor's thread. */
#ifndef GANG_SLOT_H
#define GANG_SLOT_H

#include "h7gang/profile/profile.h"
#include "h7gang/usb/bus.h"

struct worker;

enum slot_state {
	SLOT_EMPTY,
	SLOT_LEFT,    /* its last board started its application and may still lie there, unseen */
	SLOT_WAITING, /* a board that has had no unit */
	SLOT_ASKING,  /* likewise; only its label is missing */
	SLOT_RUNNING, /* a unit runs, with any device on the bus or none */
	SLOT_DONE,    /* the board there has had its unit, or was passed over */
	SLOT_UNSURE,  /* the board there may be the last one: no UID tells */
	SLOT_RETIRED, /* a transfer or a call never came back: nothing starts here again */
	SLOT_STATES
};

enum slot_event {
	SLOT_BOARD_CAME,    /* a device that was not there before */
	SLOT_BOARD_WENT,    /* nothing is there any more */
	SLOT_BOARD_STARTED, /* likewise, and the last board started its application */
	SLOT_LABEL_MISSING,
	SLOT_UNIT_BEGUN,
	SLOT_UNIT_NOT_BEGUN, /* no memory or no thread */
	SLOT_UNIT_OVER,
	SLOT_UNIT_UNSURE,
	SLOT_UNIT_HANGS,
	SLOT_ACKNOWLEDGED, /* the operator: the next board is another one */
	SLOT_EVENTS
};

/* The state left by the slot's last unit. */
struct slot_last {
	bool any;       /* there was one, and its board may come back */
	bool started;   /* its board passed and started its application */
	bool unsure;    /* it asked whether the board there is another one */
	bool lost;      /* its board left the bus, and the row says so */
	bool resumed;   /* the computer was suspended while it was there: it may be another one */
	bool exchanged; /* the device there now took its place: a unit at any time */
	char uid[25];
};

struct slot {
	char name[PROFILE_NAME_SIZE];
	const struct profile_slot *bound; /* NULL: the port path is the slot */
	enum slot_state state;
	bool present;          /* a device is on the bus, in any state */
	struct usb_seen seen;  /* of it, if present */
	int64_t arrived_at;    /* when the present device was first seen */
	int64_t left_at;       /* when the last device went; 0: there was none */
	int64_t loss_told;     /* `left_at` when the operator was told of a hub, or need not be */
	struct worker *worker; /* the unit that runs here: SLOT_RUNNING */
	struct worker *late;   /* of a call that hangs, and may still return: SLOT_RETIRED */
	struct slot_last last;
	bool had_unit;
	bool blocked;          /* by a stop rule, when its board was to start */
	bool told_asking;      /* that its board waits for its label */
	bool told_take_out;    /* watch: its removal was asked for, and GANG_FREE is still due */
	struct usb_seen tried; /* the application's device that was asked to enter the bootloader */
	bool app_seen;         /* SLOT_LEFT: its application showed at the port, */
	int64_t app_gone_at;   /* and is missing since; 0: it is there */
	unsigned swaps;        /* how often a board was exchanged while its unit ran */
};

/* A slot whose board is exchanged more often while its unit runs does not keep a run from ending.
 */
#define SLOT_SWAPS_MAX 2

/* The state after `event`; SLOT_STATES: it cannot happen in that state. */
enum slot_state slot_next(enum slot_state state, enum slot_event event);

/* Enters the next state. False: the event cannot happen; the slot is retired then, because its
 * contents are not known. */
bool slot_apply(struct slot *slot, enum slot_event event);

/* Whether a board is in there that has had no unit yet. */
bool slot_waits(const struct slot *slot);

#endif
