/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual computer of the fleet, as far as it affects the boards. */
#ifndef SIM_FLEET_HOST_H
#define SIM_FLEET_HOST_H

#include <stdbool.h>
#include <stdint.h>

struct fleet;

enum { FLEET_DROPS_MAX = 64, FLEET_SUSPENDS_MAX = 16 };

/* A hub that disconnects from its host at a moment of the fleet's time, and connects again. Drops
 * do not overlap. */
struct fleet_drop {
	char hub[32];
	unsigned at_ms, for_ms;
};

/* The effect of a suspend of the computer on the boards. */
enum fleet_asleep {
	FLEET_ASLEEP_LOST,     /* their ports have no power; they are back after the resume */
	FLEET_ASLEEP_KEPT,     /* they keep power and address */
	FLEET_ASLEEP_EXCHANGED /* other boards are in their ports after the resume */
};

/* The computer is suspended at a moment of the fleet's time, which stands still meanwhile. */
struct fleet_suspend {
	unsigned at_ms, for_s;
	enum fleet_asleep boards;
};

/* The kernel's memory for transfers of all programs (usbfs_memory_mb), and how much of it other
 * programs, such as one that shows a camera, have taken. */
struct fleet_host {
	unsigned usbfs_kib; /* 0: no bound */
	unsigned taken_kib;
	bool id_paths; /* sysfs shows PCI host controllers, so that ports have udev's ID_PATH */
	unsigned drops;
	struct fleet_drop drop[FLEET_DROPS_MAX];
	unsigned suspends;
	struct fleet_suspend suspend[FLEET_SUSPENDS_MAX];
	unsigned every_ms, for_ms; /* taken for the first `for_ms` of each `every_ms`; 0: always */
};

/* By its name in a fleet file. False: there is none. */
bool fleet_asleep_find(const char *name, enum fleet_asleep *boards);

const struct fleet_host *fleet_host(const struct fleet *fleet);

#endif
