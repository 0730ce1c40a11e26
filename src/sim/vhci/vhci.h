/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vhci front: puts the tray's targets on the running kernel's virtual host controllers, where
 * they are USB devices like any other (Linux, root, module vhci_hcd). Single-threaded like the
 * tray; the owner waits on vhci_fd beside the tray's own time and runs the tray before each
 * vhci_service. */
#ifndef SIM_VHCI_H
#define SIM_VHCI_H

#include <stddef.h>
#include <stdio.h>

struct tray;
struct vhci;

/* Plugs in the tray's boards, and follows the tray's plug and unplug from then on. The kernel
 * chooses a port for each port path of the fleet, which keeps it. NULL with a reason. */
struct vhci *vhci_open(struct tray *tray, char *why, size_t why_size);

int vhci_fd(const struct vhci *vhci); /* readable: vhci_service has work */
/* Takes requests and unlinks from the kernel. Does not wait. */
void vhci_service(struct vhci *vhci);

/* The number of plugged targets that the kernel has not enumerated yet. */
unsigned vhci_missing(const struct vhci *vhci);
/* The kernel's name of the port that `target` is in, or was last: "3-2"; "" if never. */
const char *vhci_port_name(const struct vhci *vhci, unsigned target);

/* Unplugs everything and waits, up to 5 s, until the kernel has removed it. */
void vhci_close(struct vhci *vhci);

#endif
