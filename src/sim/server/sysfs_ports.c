/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The attribute `disable` of hub ports, which switches their power (Linux 6.0 and later,
 * Documentation/ABI/testing/sysfs-bus-usb). A program writes a plain file; inotify tells of it
 * before the clock can go on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sysfs_private.h"

void sysfs_ports_open(struct sysfs *sysfs)
{
	sysfs->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

void sysfs_ports_close(struct sysfs *sysfs)
{
	if (sysfs->inotify >= 0)
		close(sysfs->inotify);
	free(sysfs->port);
}

int sysfs_ports_fd(const struct sysfs *sysfs)
{
	return sysfs ? sysfs->inotify : -1;
}

static void port_folder(const char *hub, unsigned port, char *name, size_t size)
{
	snprintf(name, size, "%.31s-port%u", hub, port);
}

static void write_switch(int folder, bool on)
{
	sysfs_put(folder, "disable", "%d\n", !on);
}

/* The kernel's kstrtobool. False: not one. */
static bool read_switch(int folder, bool *on)
{
	int fd = openat(folder, "disable", O_RDONLY | O_CLOEXEC);
	char text[2] = "";
	ssize_t got = fd < 0 ? -1 : read(fd, text, 1);

	if (fd >= 0)
		close(fd);
	if (got != 1 || !strchr("01nNyY", text[0]))
		return false;
	*on = strchr("0nN", text[0]) != NULL;
	return true;
}

/* Linux 6.5 and later. */
static void write_state(int folder, const char *state)
{
	sysfs_put(folder, "state", "%s\n", state);
}

/* False: it could not be made. */
static bool put_switch(struct sysfs *sysfs, int folder, const char *hub, unsigned number)
{
	struct sysfs_port *port = &sysfs->port[sysfs->ports];
	char path[64];

	write_switch(folder, true);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/disable", folder);
	*port = (struct sysfs_port){.watch = inotify_add_watch(sysfs->inotify, path, IN_MODIFY),
				    .number = number};
	snprintf(port->hub, sizeof(port->hub), "%s", hub);
	sysfs->ports += port->watch >= 0;
	return port->watch >= 0;
}

/* The same connector in the hub's other half. */
static void put_peer(int folder, const char *hub, unsigned number)
{
	char target[128], interface[SYSFS_NAME_SIZE], port[48];

	sysfs_interface(hub, "1.0", interface);
	port_folder(hub, number, port, sizeof(port));
	snprintf(target, sizeof(target), "../../%s/%s", interface, port);
	if (symlinkat(target, folder, "peer") < 0)
		return; /* a kernel that does not know it */
}

void sysfs_ports_put(struct sysfs *sysfs, int interface, const struct sysfs_device *device)
{
	bool switches = device->switches && sysfs->inotify >= 0;

	if (switches) {
		struct sysfs_port *grown =
			realloc(sysfs->port, (sysfs->ports + device->ports) * sizeof(*grown));

		switches = grown != NULL;
		if (grown)
			sysfs->port = grown;
	}
	for (unsigned i = 1; i <= device->ports; i++) {
		char name[48];
		int folder;

		port_folder(device->path, i, name, sizeof(name));
		if (mkdirat(interface, name, 0755) < 0)
			return;
		folder = openat(interface, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (folder < 0)
			return;
		if (device->peer[0])
			put_peer(folder, device->peer, i);
		write_state(folder, "not attached");
		sysfs_put(folder, "over_current_count", "%d\n", i == device->over_current);
		switches = switches && put_switch(sysfs, folder, device->path, i);
		close(folder);
	}
}

void sysfs_ports_forget(struct sysfs *sysfs, const char *hub)
{
	size_t kept = 0;

	for (size_t i = 0; i < sysfs->ports; i++) {
		if (strcmp(sysfs->port[i].hub, hub) != 0)
			sysfs->port[kept++] = sysfs->port[i];
		else /* of a folder that is gone, it went by itself */
			inotify_rm_watch(sysfs->inotify, sysfs->port[i].watch);
	}
	sysfs->ports = kept;
}

/* A hub has one configuration and one interface. */
static int open_port(const struct sysfs *sysfs, const char *hub, unsigned port)
{
	char path[PATH_MAX + 128], interface[SYSFS_NAME_SIZE], name[48];

	sysfs_interface(hub, "1.0", interface);
	port_folder(hub, port, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/%s/%s", sysfs->folder, interface, name);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void sysfs_ports_show(struct sysfs *sysfs, const char *hub, unsigned ports, uint32_t on)
{
	if (!sysfs || sysfs->inotify < 0)
		return;
	for (unsigned i = 1; i <= ports; i++) {
		int folder = open_port(sysfs, hub, i);
		bool shown, is = on & UINT32_C(1) << i;

		if (folder < 0)
			continue;
		if (read_switch(folder, &shown) && shown != is)
			write_switch(folder, is);
		close(folder);
	}
}

bool sysfs_ports_next(struct sysfs *sysfs, char hub[32], unsigned *port, bool *on)
{
	struct inotify_event event; /* of a file, without a name: one a read */

	while (read(sysfs->inotify, &event, sizeof(event)) == sizeof(event)) {
		for (size_t i = 0; i < sysfs->ports; i++) {
			int folder;
			bool good;

			if (sysfs->port[i].watch != event.wd || !(event.mask & IN_MODIFY))
				continue;
			memcpy(hub, sysfs->port[i].hub, sizeof(sysfs->port[i].hub));
			*port = sysfs->port[i].number;
			folder = open_port(sysfs, hub, *port);
			good = folder >= 0 && read_switch(folder, on);
			if (folder >= 0)
				close(folder);
			if (good)
				return true;
		}
	}
	return false;
}

void sysfs_port_state(struct sysfs *sysfs, const char *hub, unsigned port, const char *state)
{
	int folder = sysfs ? open_port(sysfs, hub, port) : -1;

	if (folder < 0)
		return;
	write_state(folder, state);
	close(folder);
}
