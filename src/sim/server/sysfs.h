/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual bus in the form of /sys/bus/usb/devices: a folder with a folder per device, which the
 * stand-in shows instead of the kernel's. A device's folder appears and disappears as a whole. */
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
	unsigned ports;        /* 0: not a hub */
	const char *peer;      /* a hub's other half; "" none */
	unsigned over_current; /* the port that has reported one; 0: none */
	bool switches;         /* the ports have the attribute `disable`, as since Linux 6.0 */
	bool authorized;
};

/* Makes the folder. NULL: no memory, or errno. */
struct sysfs *sysfs_new(const char *folder);
/* Removes it with its contents. */
void sysfs_free(struct sysfs *sysfs);

/* Ignores failed writes: a program then finds a device that has just left. `sysfs` may be NULL,
 * here and below. */
void sysfs_add(struct sysfs *sysfs, const struct sysfs_device *device);
void sysfs_remove(struct sysfs *sysfs, const char *path);

/* sysfs_ports.c: the attribute `disable` of hub ports. */

/* Readable when a program has written one; -1: none can be written. */
int sysfs_ports_fd(const struct sysfs *sysfs);
/* The next port that a program switches. False: no more. */
bool sysfs_ports_next(struct sysfs *sysfs, char hub[32], unsigned *port, bool *on);
/* Shows the ports 1..`ports` of a hub; `on` has a bit per port. */
void sysfs_ports_show(struct sysfs *sysfs, const char *hub, unsigned ports, uint32_t on);

/* Shows the state of the device in the hub's port. */
void sysfs_port_state(struct sysfs *sysfs, const char *hub, unsigned port, const char *state);

#endif
