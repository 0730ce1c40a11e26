/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What /sys/bus/usb/devices would say of the virtual bus: a folder with a folder a device, which
 * the stand-in puts in the place of the kernel's. A device's folder appears and goes as a whole. */
#ifndef SIM_SYSFS_H
#define SIM_SYSFS_H

#include <stdbool.h>
#include <stdint.h>

struct proto_device;
struct sysfs;

/* A device that joins the bus. */
struct sysfs_device {
	const char *path; /* the kernel's name: "1-1.2", "usb1" */
	const struct proto_device *wire;
	const uint8_t *config; /* its configuration descriptor, wire->config_length bytes */
	const char *product, *serial;
	unsigned ports;   /* 0: not a hub */
	const char *peer; /* a hub's other half; "" none */
	bool switches;    /* the ports have the attribute `disable`, as since Linux 6.0 */
	bool authorized;
};

/* Makes the folder. NULL: no memory, or errno. */
struct sysfs *sysfs_new(const char *folder);
/* Removes it with all that is in it. */
void sysfs_free(struct sysfs *sysfs);

/* What cannot be written is left out: a program then finds a device that has just left. `sysfs` may
 * be NULL, here and below. */
void sysfs_add(struct sysfs *sysfs, const struct sysfs_device *device);
void sysfs_remove(struct sysfs *sysfs, const char *path);

/* sysfs_ports.c: the attribute `disable` of hub ports. */

/* Readable when a program has written one; -1: none can be written. */
int sysfs_ports_fd(const struct sysfs *sysfs);
/* The next port that a program switches. False: no more. */
bool sysfs_ports_next(struct sysfs *sysfs, char hub[32], unsigned *port, bool *on);
/* Lets the ports 1..`ports` of a hub read what they are; `on` has a bit a port. */
void sysfs_ports_show(struct sysfs *sysfs, const char *hub, unsigned ports, uint32_t on);

/* What the hub's port says of the state of what is plugged in there. */
void sysfs_port_state(struct sysfs *sysfs, const char *hub, unsigned port, const char *state);

#endif
