/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hubs of a fleet, from its file and implied by the boards' paths. */
#ifndef SIM_FLEET_HUBS_H
#define SIM_FLEET_HUBS_H

#include <stdbool.h>
#include <stdint.h>

struct fleet;

enum {
	FLEET_HUB_PATH = 32,
	FLEET_HUB_PORTS = 16, /* of a hub that no file describes: a rack's hub of hubs */
	FLEET_HUB_PORTS_MAX = 31,
	FLEET_HUB_TEXT = 64
};

enum fleet_hub_speed { FLEET_HUB_FULL, FLEET_HUB_HIGH, FLEET_HUB_SUPER };

/* The effect on VBUS when a port's power is switched off (wHubCharacteristics,
 * USB 2.0 11.23.2.1).
 */
enum fleet_hub_power {
	FLEET_POWER_NONE,   /* the hub announces that it cannot switch */
	FLEET_POWER_GANGED, /* off when every port is off */
	FLEET_POWER_PORT,   /* each port by itself */
	/* The hub announces each port by itself, but */
	FLEET_POWER_LOGICAL, /* only takes the port off the bus, and leaves VBUS on */
	FLEET_POWER_CLAIMED  /* does nothing */
};

struct fleet_hub {
	char path[FLEET_HUB_PATH]; /* as the kernel names it: "usb1" a root hub, "1-1", "1-1.4" */
	unsigned ports;
	enum fleet_hub_speed speed; /* a full-speed hub has no transaction translator */
	bool multi_tt;              /* one translator a port; otherwise one for all ports */
	enum fleet_hub_power power;
	uint16_t vid, pid;
	char peer[FLEET_HUB_PATH]; /* its other half: a hub of USB 3 is two hubs; "" none */
	char product[FLEET_HUB_TEXT];
	unsigned over_current; /* the port whose counter in sysfs has one; 0: none */
	bool disable; /* its ports have the attribute `disable` in sysfs: Linux 6.0 and later */
	bool listed;  /* the fleet file describes it */
};

/* The capacity of the wire. profiles/fleets/README.md has the sources. */
struct fleet_wire {
	unsigned packets;  /* full-speed data packets of 64 bytes in a frame of 1 ms: 19 (USB 2.0
			    * table 5-9) */
	unsigned buffers;  /* transactions that a single translator handles at a time: 2 (USB 2.0
			    * 11.17.4) */
	unsigned upstream; /* full-speed data packets in a frame that a high-speed bus carries as
			    * split transactions: 300 (inferred from the bytes of a split) */
	/* Polls in a frame that a board answers with NAK while its flash works. Their spacing
	 * depends on the host: EHCI polls at each visit of its list; an xHCI's is unknown. */
	unsigned naks;
	/* If transfers exceed the wire's capacity: false slows all alike, as EHCI does, which sends
	 * one split transaction of each a visit; true serves those first that began first. */
	bool first_come;
};

unsigned fleet_hubs(const struct fleet *fleet);
/* Sorted so that a hub comes after the hub that it is plugged into. */
const struct fleet_hub *fleet_hub(const struct fleet *fleet, unsigned index);
const struct fleet_wire *fleet_wire(const struct fleet *fleet);

/* The path of the hub that the device at `path` is plugged into: "1-1.4" -> "1-1", "1-1" -> "usb1".
 */
void fleet_hub_above(const char *path, char above[FLEET_HUB_PATH]);
/* The number of the port at that hub. */
unsigned fleet_hub_port(const char *path);

#endif
