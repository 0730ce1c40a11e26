/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of the fixture, each bound to a USB port, and what is in them. Only the supervisor's thread. */
#ifndef GANG_SLOTS_H
#define GANG_SLOTS_H

#include "gang.h"
#include "worker.h"

struct slot {
	char name[PROFILE_NAME_SIZE];
	const struct profile_slot *bound; /* NULL: the port path is the slot */
	bool present;
	struct usb_seen seen;    /* what is there now, if present */
	bool handled;            /* the device there now had its unit, or was passed over */
	int64_t arrived_at;      /* when what is there now was first seen */
	int64_t left_at;         /* when what was there last went; 0: nothing was */
	struct worker *worker;   /* the unit that runs here, or NULL */
	bool had_unit;
	bool left_by_itself;     /* its last board passed and left into its application */
	bool unsure;             /* what is there now may be the last board: nobody can tell */
	bool take_out;           /* watch: its removal was asked for */
	char last_uid[25];
	struct usb_seen last;    /* the device that the last unit had last */
	bool swapped;            /* the device there now took its place: a unit whatever the time */
	bool retired;
	struct worker *late;     /* given up while a call hung: it retired the slot, and may still come back */
};

struct slots {
	const struct gang_options *options;
	struct slot *slot;
	unsigned count, room;
};

/* The selected slots of the profile; without `slots:` they come as targets are seen. False: no memory. */
bool slots_init(struct slots *slots, const struct gang_options *options);
void slots_free(struct slots *slots);

/* Takes in what is on the bus now. `*arrived` becomes true if a device not seen before is in a slot. False: no
 * memory. */
bool slots_update(struct slots *slots, struct usb_bus *bus, bool *arrived);

/* Slots that hold a device. */
unsigned slots_filled(const struct slots *slots);

#endif
