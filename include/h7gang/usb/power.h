/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The power of hub ports. Everything here may block in the kernel behind a device that hangs, for
 * the kernel holds the hub's lock meanwhile: never to be called by the supervisor. */
#ifndef H7GANG_USB_POWER_H
#define H7GANG_USB_POWER_H

#include "h7gang/usb/bus.h"

/* The switching that a hub announces, wHubCharacteristics (USB 2.0 table 11-13). Not every such hub
 * cuts VBUS. */
enum usb_switching {
	USB_SWITCHING_UNKNOWN, /* the hub could not be asked */
	USB_SWITCHING_NONE,
	USB_SWITCHING_GANGED, /* all ports together */
	USB_SWITCHING_PORT
};
#define USB_SWITCHINGS (USB_SWITCHING_PORT + 1)

struct usb_power {
	char hub[USB_PATH_SIZE]; /* "1-1", "usb1" */
	unsigned port;           /* of that hub */
	enum usb_switching switching;
	int on;        /* 1, 0; -1 unknown */
	bool allowed;  /* this process may switch it */
	char why[160]; /* the reason if something is unknown or not allowed; "" */
};

/* The power of port `path`, as far as is known. */
void usb_power_look(struct usb_bus *bus, const char *path, struct usb_power *power);

/* The same of a whole hub. */
struct usb_hub_power {
	enum usb_switching switching;
	unsigned ports; /* 0: not known */
	uint32_t off;   /* a bit for each port that is known to be off; bit 0 is not used */
};

void usb_hub_power_look(struct usb_bus *bus, const char *hub, struct usb_hub_power *power);

/* The path of a hub's port: "1-1" and 4 make "1-1.4", "usb1" and 4 "1-4". */
void usb_port_path(const char *hub, unsigned port, char path[USB_PATH_SIZE]);

/* Switches the port, and its other half on a hub of USB 3: by the kernel's attribute `disable`
 * (Linux 6.0 and later), else by a request to the hub. False: `why`. */
bool usb_power_switch(struct usb_bus *bus, const char *path, bool on, char *why, size_t why_size);

enum usb_cycle {
	USB_CYCLE_DONE,
	USB_CYCLE_INEFFECTIVE, /* the device stayed on the bus */
	USB_CYCLE_REFUSED      /* the port could not be switched */
};

#define USB_CYCLE_OFF_MS 1500 /* until the capacitors of a usual board are empty */

/* Switches the port off for `off_ms` and on again, even after a failure, and proves that its device
 * left the bus meanwhile. `why` for all but DONE. */
enum usb_cycle usb_power_cycle(struct usb_bus *bus, const char *path, uint32_t off_ms, char *why,
			       size_t why_size);

/* "none", "ganged", "port", "unknown". Static. */
const char *usb_switching_name(enum usb_switching switching);

/* Why a hub with such ports must not be asked to switch a single one; NULL: it may be. Static. */
const char *usb_switching_why_not(enum usb_switching switching);

/* A hold on a port that other programs of this name respect; the kernel gives it back when the
 * process ends. `alone`: while no other has it; otherwise several may, and none alone. Returns a
 * descriptor to close; -1: it is held (errno EWOULDBLOCK), or the kernel does not show the port. */
int usb_port_hold(const char *path, bool alone);

/* Whether another process holds a port behind the hub at `path`. */
bool usb_ports_held_below(const char *path);

#endif
