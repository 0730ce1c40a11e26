/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vhci_hcd.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLATFORM "/sys/devices/platform/vhci_hcd"
#define PORT_FREE 4 /* VDEV_ST_NULL in the status file */
#define SPEED_FULL 2

static void load_module(void)
{
	char *const argv[] = {"modprobe", "-q", "vhci-hcd", NULL};
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) == 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
}

/* Calls `each` for every port of a status file; ends early when it returns false. */
typedef bool each_port(void *user, bool high_speed, unsigned port, unsigned status);

static bool status_read(unsigned controller, each_port *each, void *user)
{
	char path[64];
	char line[128];
	char hub[8];
	unsigned port, status;
	FILE *file;

	if (controller == 0)
		snprintf(path, sizeof(path), PLATFORM ".0/status");
	else
		snprintf(path, sizeof(path), PLATFORM ".0/status.%u", controller);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%7s %u %u", hub, &port, &status) != 3)
			continue; /* the heading */
		if (!each(user, strcmp(hub, "hs") == 0, port, status))
			break;
	}
	fclose(file);
	return true;
}

/* The bus of the controller's high-speed half, which is where full-speed devices go; 0: none. */
static unsigned full_speed_bus(unsigned controller)
{
	char pattern[64];
	glob_t found;
	unsigned bus = 0;

	snprintf(pattern, sizeof(pattern), PLATFORM ".%u/usb*/speed", controller);
	if (glob(pattern, 0, NULL, &found) != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc && bus == 0; i++) {
		unsigned speed = 0;
		FILE *file = fopen(found.gl_pathv[i], "re");

		if (!file)
			continue;
		if (fscanf(file, "%u", &speed) == 1 && speed == 480)
			sscanf(strstr(found.gl_pathv[i], "/usb"), "/usb%u", &bus);
		fclose(file);
	}
	globfree(&found);
	return bus;
}

struct collect {
	struct vhci_slot *slots;
	size_t count, max;
	unsigned bus;
	unsigned first; /* port number of this controller's first port */
	bool started;
};

static bool collect_port(void *user, bool high_speed, unsigned port, unsigned status)
{
	struct collect *collect = user;
	struct vhci_slot *slot;

	if (!collect->started) {
		collect->first = port;
		collect->started = true;
	}
	if (!high_speed || status != PORT_FREE)
		return true;
	if (collect->count == collect->max)
		return false;
	slot = &collect->slots[collect->count++];
	slot->port = port;
	slot->rank = port - collect->first;
	snprintf(slot->name, sizeof(slot->name), "%u-%u", collect->bus, slot->rank + 1);
	return true;
}

static int in_turn(const void *left, const void *right)
{
	const struct vhci_slot *a = left, *b = right;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return (a->port > b->port) - (a->port < b->port);
}

size_t vhci_hcd_free_slots(struct vhci_slot *slots, size_t max, char *why, size_t why_size)
{
	struct collect collect = {.slots = slots, .max = max};

	if (access(PLATFORM ".0/attach", F_OK) != 0)
		load_module();
	if (access(PLATFORM ".0/attach", W_OK) != 0) {
		if (errno == ENOENT)
			snprintf(why, why_size, "this kernel has no vhci_hcd");
		else
			snprintf(why, why_size, "vhci_hcd: %s (it is for root alone)",
				 strerror(errno));
		return 0;
	}
	for (unsigned controller = 0;; controller++) {
		collect.bus = full_speed_bus(controller);
		collect.started = false;
		if (collect.bus == 0 || !status_read(controller, collect_port, &collect))
			break;
	}
	if (collect.count == 0)
		snprintf(why, why_size, "vhci_hcd has no free port");
	qsort(slots, collect.count, sizeof(*slots), in_turn);
	return collect.count;
}

static int attribute_write(const char *name, const char *text)
{
	char path[64];
	ssize_t written;
	int result = 0;
	int fd;

	snprintf(path, sizeof(path), PLATFORM ".0/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	written = write(fd, text, strlen(text));
	if (written < 0)
		result = -errno;
	else if ((size_t)written != strlen(text))
		result = -EIO;
	close(fd);
	return result;
}

int vhci_hcd_attach(unsigned port, int fd, unsigned devid)
{
	char text[64];

	snprintf(text, sizeof(text), "%u %d %u %u", port, fd, devid, (unsigned)SPEED_FULL);
	return attribute_write("attach", text);
}

int vhci_hcd_detach(unsigned port)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", port);
	return attribute_write("detach", text);
}

struct seek {
	unsigned port;
	bool free;
	bool found;
};

static bool seek_port(void *user, bool high_speed, unsigned port, unsigned status)
{
	struct seek *seek = user;

	(void)high_speed;
	if (port != seek->port)
		return true;
	seek->free = status == PORT_FREE;
	seek->found = true;
	return false;
}

bool vhci_hcd_is_free(const struct vhci_slot *slot)
{
	struct seek seek = {.port = slot->port};
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s", slot->name);
	if (access(path, F_OK) == 0)
		return false;
	for (unsigned controller = 0; !seek.found; controller++)
		if (!status_read(controller, seek_port, &seek))
			return true; /* the module itself is gone */
	return seek.free;
}

bool vhci_hcd_enumerated(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s:1.0", name);
	return access(path, F_OK) == 0;
}
