/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sysfs side of the kernel's virtual host controllers (vhci_hcd): lists full-speed ports, plugs
 * and unplugs. Requires root. */
#ifndef SIM_VHCI_HCD_H
#define SIM_VHCI_HCD_H

#include <stdbool.h>
#include <stddef.h>

#define VHCI_NAME_SIZE 24

struct vhci_slot {
	unsigned port;             /* its number for `attach` and `detach`, over all controllers */
	unsigned rank;             /* among its controller's */
	char name[VHCI_NAME_SIZE]; /* the kernel's name of a device there: "3-2" */
};

/* Lists the free ports of all controllers, one of each in turn, since a kernel enumerates one
 * device a bus at a time. Loads the module if necessary. Returns how many, at most `max`; 0 with a
 * reason in `why`. */
size_t vhci_hcd_free_slots(struct vhci_slot *slots, size_t max, char *why, size_t why_size);

/* Hands the socket `fd` to the kernel as a full-speed device in `port`. 0 or a negative errno. */
int vhci_hcd_attach(unsigned port, int fd, unsigned devid);
int vhci_hcd_detach(unsigned port);
/* Whether the port is free and its last device removed. The kernel would take a device plugged in
 * earlier for the old one, still configured. */
bool vhci_hcd_is_free(const struct vhci_slot *slot);

/* Whether the kernel has set the device's configuration: its interface exists. */
bool vhci_hcd_enumerated(const char *name);

#endif
