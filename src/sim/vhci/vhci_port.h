/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One port of the vhci front: the socket to the kernel and the requests under way on it. */
#ifndef SIM_VHCI_PORT_H
#define SIM_VHCI_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/rom/rom.h"
#include "vhci_hcd.h"
#include "vhci_wire.h"

struct tray;

struct vhci_port {
	struct tray *tray;
	struct vhci_slot slot;
	char path[32];   /* the fleet's name of this port */
	unsigned target; /* the board in it */
	unsigned devid;
	bool waiting;        /* to be attached as soon as the kernel has room */
	bool resetting;      /* the bus reset in the tray is under way */
	uint64_t give_up_ns; /* until then (monotonic) */
	int fd;              /* -1: nothing attached */
	struct vhci_urb *urbs;
	size_t have;
	uint8_t in[VHCI_HEADER + ROM_DATA_MAX];
};

void vhci_port_init(struct vhci_port *port, struct tray *tray, const struct vhci_slot *slot);
/* 0 or a negative errno; -EBUSY: the kernel has not removed the last device yet. */
int vhci_port_attach(struct vhci_port *port);
/* Unplugs. Drops the requests in progress; the kernel ends them as for a device that left. */
void vhci_port_close(struct vhci_port *port);
/* Reads the kernel's messages; closes the port if the kernel has detached it. */
void vhci_port_read(struct vhci_port *port);

#endif
