/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of the fleet's sysfs. */
#ifndef SIM_SYSFS_PRIVATE_H
#define SIM_SYSFS_PRIVATE_H

#include <limits.h>
#include <stddef.h>

#include "sysfs.h"

struct sysfs_port {
	int watch; /* of inotify, for its file */
	char hub[32];
	unsigned number;
};

struct sysfs {
	char folder[PATH_MAX];
	unsigned removed; /* numbers the folders being removed */
	int inotify;      /* -1: ports have no attribute `disable` */
	struct sysfs_port *port;
	size_t ports;
};

/* sysfs_file.c */
/* Writes a file of that folder, in place. Ignores failures. */
void sysfs_put(int folder, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define SYSFS_NAME_SIZE 64

/* The name of a device's interface, or the common beginning of the names (`number` NULL): "1-1.2"
 * gives "1-1.2:1.0" and "1-1.2:", the root hub "usb1" "1-0:1.0" and "1-0:". */
void sysfs_interface(const char *device, const char *number, char name[SYSFS_NAME_SIZE]);

/* sysfs_ports.c */
void sysfs_ports_open(struct sysfs *sysfs);
void sysfs_ports_close(struct sysfs *sysfs);
/* Makes the folders of a hub's ports in the folder of its interface. */
void sysfs_ports_put(struct sysfs *sysfs, int interface, const struct sysfs_device *device);
void sysfs_ports_forget(struct sysfs *sysfs, const char *hub);

#endif
