/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run of h7gang-sim --kernel: the vhci front as one more source of the server's loop, and the
 * list of ports that tells COMMAND which kernel port each target is in. */
#ifndef SIM_VHCI_RUN_H
#define SIM_VHCI_RUN_H

#include <stdbool.h>
#include <stddef.h>

struct fleet;
struct server;
struct tray;
struct vhci_run;

/* The environment variable that names the list: a line "NAME FLEETPATH KERNELPORT" for each target.
 */
#define VHCI_ENV_PORTS "H7GANG_SIM_PORTS"

/* Plugs the tray into the kernel, serving it until every target is enumerated (or 20 s have passed:
 * a fleet may hold boards that never are). The list is kept at `ports`. NULL with a reason. */
struct vhci_run *vhci_run_open(const struct fleet *fleet, struct tray *tray, struct server *server,
			       const char *ports, char *why, size_t why_size);
/* Unplugs everything and removes the list, after copying it to FOLDER/ports if `folder` is given.
 */
void vhci_run_close(struct vhci_run *run, const char *folder);

#endif
