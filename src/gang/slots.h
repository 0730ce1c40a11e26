/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The slots of the fixture, each bound to a USB port. Only the supervisor's thread. */
#ifndef GANG_SLOTS_H
#define GANG_SLOTS_H

#include "gang.h"
#include "slot.h"

#define SLOTS_ASTRAY_MAX 64

/* A board at a port that no slot of the profile names. */
struct slots_astray {
	char path[USB_PATH_SIZE];
	bool told; /* the operator was told of it */
};

struct slots {
	const struct gang_options *options;
	struct slot *slot;
	unsigned count, room;
	struct slots_astray astray[SLOTS_ASTRAY_MAX];
	unsigned astrays;
	int64_t astray_since; /* when the newest of them was first seen */
	/* Two slots that name one port in two ways; only the first one gets its board. NULL: none.
	 */
	const struct slot *twin[2];
};

/* The selected slots of the profile; without `slots:` they come as targets are seen. False: no
 * memory. */
bool slots_init(struct slots *slots, const struct gang_options *options);
void slots_free(struct slots *slots);

/* Compares the slots with the bus. `*arrived` becomes true if a device not seen before is in a
 * slot. False: no memory. */
bool slots_update(struct slots *slots, struct usb_bus *bus, bool *arrived);

/* Slots that hold a device. */
unsigned slots_filled(const struct slots *slots);

#endif
