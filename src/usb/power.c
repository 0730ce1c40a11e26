/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/usb/power.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "any.h"
#include "errors.h"
#include "h7gang/base/clock.h"
#include "h7gang/usb/port.h"
#include "sysfs.h"

enum { /* USB 2.0 tables 11-13 to 11-21, USB 3.2 tables 10-3 to 10-13 */
       REQUEST_GET_STATUS = 0,
       REQUEST_CLEAR_FEATURE = 1,
       REQUEST_SET_FEATURE = 3,
       REQUEST_GET_DESCRIPTOR = 6,
       HUB_IN = 0xa0,
       PORT_IN = 0xa3,
       PORT_OUT = 0x23,
       DESCRIPTOR_HUB = 0x29,
       DESCRIPTOR_HUB_3 = 0x2a,
       HUB_BYTES = 7, /* the part needed here */
       HUB_BYTES_3 = 12,
       CHARACTERISTICS_AT = 3,
       PORTS_AT = 2,
       FEATURE_PORT_POWER = 8,
       PORT_POWER = 1 << 8,
       PORT_POWER_3 = 1 << 9,
       REQUEST_MS = 1000,
       HUB_PORTS_MAX = 32 /* more are not supported */
};

#define LEAVE_MS 3000 /* a device that is still on the bus then keeps its power */
#define LEAVE_LOOK_MS 50

#define NAME_SIZE (2 * USB_PATH_SIZE + 32)

/* One half of a port: a hub of USB 3 is two hubs. */
struct half {
	char hub[USB_PATH_SIZE];
	unsigned port;
	char folder[NAME_SIZE]; /* below USB_SYSFS_DEVICES: "1-1:1.0/1-1-port4" */
	bool usb3;
};

static bool is_root(const char *hub)
{
	return strncmp(hub, "usb", 3) == 0;
}

static void fill_half(struct half *half)
{
	char text[16];

	usb_sysfs_text(half->hub, "bConfigurationValue", text, sizeof(text));
	snprintf(half->folder, sizeof(half->folder), "%s%s:%.8s.0/%s-port%u",
		 is_root(half->hub) ? half->hub + 3 : half->hub, is_root(half->hub) ? "-0" : "",
		 text[0] ? text : "1", half->hub, half->port);
	usb_sysfs_text(half->hub, "speed", text, sizeof(text));
	half->usb3 = strtoul(text, NULL, 10) >= USB_SUPER_SPEED;
}

static bool half_of(const char *path, struct half *half)
{
	struct usb_ports ports;

	memset(half, 0, sizeof(*half));
	if (!usb_ports_parse(path, &ports))
		return false;
	usb_ports_name(&ports, ports.count - 1, half->hub);
	half->port = ports.port[ports.count - 1];
	fill_half(half);
	return true;
}

/* The same connector in the hub's other half, as the kernel links them. */
static bool other_half(const struct half *half, struct half *other)
{
	char name[NAME_SIZE];
	char *dash;

	usb_sysfs_link(half->folder, "peer", name, sizeof(name));
	memset(other, 0, sizeof(*other));
	dash = strstr(name, "-port");
	if (!dash || dash - name >= USB_PATH_SIZE)
		return false;
	*dash = '\0';
	snprintf(other->hub, sizeof(other->hub), "%.*s", USB_PATH_SIZE - 1, name);
	other->port = (unsigned)strtoul(dash + strlen("-port"), NULL, 10);
	fill_half(other);
	return other->port > 0;
}

static void switch_path(const struct half *half, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, USB_SYSFS_DEVICES "/%s/disable", half->folder);
}

static enum dfu_io ask_hub(struct usb_any *hub, const struct half *half, uint8_t *data, size_t *got)
{
	const struct dfu_setup setup = {
		.request_type = HUB_IN,
		.request = REQUEST_GET_DESCRIPTOR,
		.value = (uint16_t)((half->usb3 ? DESCRIPTOR_HUB_3 : DESCRIPTOR_HUB) << 8),
		.length = half->usb3 ? HUB_BYTES_3 : HUB_BYTES,
	};

	return usb_any_ask(hub, &setup, data, got, REQUEST_MS);
}

static enum usb_switching switching_of(struct usb_any *hub, const struct half *half)
{
	uint8_t data[HUB_BYTES_3];
	size_t got = 0;

	if (ask_hub(hub, half, data, &got) != DFU_IO_OK || got < HUB_BYTES)
		return USB_SWITCHING_UNKNOWN;
	switch (data[CHARACTERISTICS_AT] & 3) {
	case 0: /* a single port is switched by itself */
		return data[PORTS_AT] == 1 ? USB_SWITCHING_PORT : USB_SWITCHING_GANGED;
	case 1:
		return USB_SWITCHING_PORT;
	default:
		return USB_SWITCHING_NONE;
	}
}

static int state_of(struct usb_any *hub, const struct half *half)
{
	const struct dfu_setup setup = {.request_type = PORT_IN,
					.request = REQUEST_GET_STATUS,
					.index = (uint16_t)half->port,
					.length = 4};
	uint8_t data[4];
	size_t got = 0;

	if (usb_any_ask(hub, &setup, data, &got, REQUEST_MS) != DFU_IO_OK || got < 2)
		return -1;
	return ((data[0] | data[1] << 8) & (half->usb3 ? PORT_POWER_3 : PORT_POWER)) != 0;
}

void usb_power_look(struct usb_bus *bus, const char *path, struct usb_power *power)
{
	char attribute[PATH_MAX], text[4];
	struct half half;
	struct usb_any hub;
	int error;

	*power = (struct usb_power){.on = -1};
	if (!half_of(path, &half)) {
		snprintf(power->why, sizeof(power->why), "no port path");
		return;
	}
	memcpy(power->hub, half.hub, sizeof(power->hub));
	power->port = half.port;
	switch_path(&half, attribute);
	power->allowed = access(attribute, W_OK) == 0;
	usb_sysfs_text(half.folder, "disable", text, sizeof(text));
	if (text[0])
		power->on = text[0] == '0';
	error = usb_any_open(bus, half.hub, &hub);
	if (error) {
		snprintf(power->why, sizeof(power->why), "hub %s: %s", half.hub,
			 error == LIBUSB_ERROR_ACCESS
				 ? "permission denied; is the udev rule installed?"
				 : usb_error_name(error));
		return;
	}
	power->allowed = true;
	power->switching = switching_of(&hub, &half);
	if (power->on < 0)
		power->on = state_of(&hub, &half);
	usb_any_close(&hub);
}

void usb_port_path(const char *hub, unsigned port, char path[USB_PATH_SIZE])
{
	if (is_root(hub))
		snprintf(path, USB_PATH_SIZE, "%.10s-%u", hub + 3, port & 0xffu);
	else
		snprintf(path, USB_PATH_SIZE, "%.27s.%u", hub, port & 0xffu);
}

void usb_hub_power_look(struct usb_bus *bus, const char *hub, struct usb_hub_power *power)
{
	struct usb_any opened;
	struct half half;
	char text[16], path[USB_PATH_SIZE];
	bool open;

	*power = (struct usb_hub_power){.switching = USB_SWITCHING_UNKNOWN};
	usb_sysfs_text(hub, "maxchild", text, sizeof(text));
	power->ports = (unsigned)strtoul(text, NULL, 10);
	if (power->ports >= HUB_PORTS_MAX)
		power->ports = HUB_PORTS_MAX - 1;
	open = usb_any_open(bus, hub, &opened) == 0;
	for (unsigned i = 1; i <= power->ports; i++) {
		int on = -1;

		usb_port_path(hub, i, path);
		if (!half_of(path, &half))
			break;
		if (open && power->switching == USB_SWITCHING_UNKNOWN)
			power->switching = switching_of(&opened, &half);
		usb_sysfs_text(half.folder, "disable", text, sizeof(text));
		if (text[0])
			on = text[0] == '0';
		else if (open)
			on = state_of(&opened, &half);
		if (on == 0)
			power->off |= UINT32_C(1) << i;
	}
	if (open)
		usb_any_close(&opened);
}

/* 0 or errno. */
static int switch_by_kernel(const struct half *half, bool on)
{
	char path[PATH_MAX];
	int fd, error = 0;

	switch_path(half, path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, on ? "0\n" : "1\n", 2) != 2)
		error = errno ? errno : EIO;
	close(fd);
	return error;
}

static bool switch_by_request(struct usb_bus *bus, const struct half *half, bool on, char *why,
			      size_t why_size)
{
	const struct dfu_setup setup = {.request_type = PORT_OUT,
					.request = on ? REQUEST_SET_FEATURE : REQUEST_CLEAR_FEATURE,
					.value = FEATURE_PORT_POWER,
					.index = (uint16_t)half->port};
	struct usb_any hub;
	int error = usb_any_open(bus, half->hub, &hub);
	bool done;

	if (error) {
		snprintf(why, why_size, "hub %s: %s", half->hub,
			 error == LIBUSB_ERROR_ACCESS
				 ? "permission denied; is the udev rule installed?"
				 : usb_error_name(error));
		return false;
	}
	done = usb_any_ask(&hub, &setup, NULL, NULL, REQUEST_MS) == DFU_IO_OK;
	usb_any_close(&hub);
	if (!done)
		snprintf(why, why_size, "hub %s refused to switch port %u", half->hub, half->port);
	return done;
}

static bool switch_half(struct usb_bus *bus, const struct half *half, bool on, char *why,
			size_t why_size)
{
	int error = switch_by_kernel(half, on);

	if (error == 0)
		return true;
	if (error == ENOENT || error == EACCES || error == EPERM)
		return switch_by_request(bus, half, on, why, why_size);
	snprintf(why, why_size, "port %u of hub %s: %s", half->port, half->hub, strerror(error));
	return false;
}

bool usb_power_switch(struct usb_bus *bus, const char *path, bool on, char *why, size_t why_size)
{
	struct half half, other;
	bool done;

	if (!half_of(path, &half)) {
		snprintf(why, why_size, "%s is no port path", path);
		return false;
	}
	done = switch_half(bus, &half, on, why, why_size);
	/* VBUS is on while either half wants it. */
	if (other_half(&half, &other) && (done || on))
		done = switch_half(bus, &other, on, why, why_size) && done;
	return done;
}

/* Whether this device has left the port by `deadline`. */
static bool leaves(struct usb_bus *bus, const char *path, const struct usb_occupant *before,
		   int64_t deadline)
{
	struct usb_occupant now;

	for (;;) {
		if (!usb_port_look(path, false, &now) || now.address != before->address)
			return true;
		if (clock_now() >= deadline)
			return false;
		usb_bus_look(bus); /* events are hints: without udev none comes */
		clock_sleep_until(clock_earlier(deadline, clock_after_ms(LEAVE_LOOK_MS)));
	}
}

enum usb_cycle usb_power_cycle(struct usb_bus *bus, const char *path, uint32_t off_ms, char *why,
			       size_t why_size)
{
	struct usb_occupant before;
	bool there = usb_port_look(path, false, &before);
	int64_t on_at;
	bool off, left;

	off = usb_power_switch(bus, path, false, why, why_size);
	on_at = clock_after_ms(off_ms);
	left = off && (!there || leaves(bus, path, &before, clock_after_ms(LEAVE_MS)));
	if (left)
		clock_sleep_until(on_at);
	/* Also for a port that refused: its other half may have been switched. */
	if (!usb_power_switch(bus, path, true, why, why_size) || !off)
		return USB_CYCLE_REFUSED;
	usb_bus_look(bus);
	if (left)
		return USB_CYCLE_DONE;
	snprintf(why, why_size,
		 "port %s was switched off for %d ms and its device stayed on the bus", path,
		 LEAVE_MS);
	return USB_CYCLE_INEFFECTIVE;
}

const char *usb_switching_why_not(enum usb_switching switching)
{
	switch (switching) {
	case USB_SWITCHING_NONE:
		return "says that it cannot switch the power of its ports";
	case USB_SWITCHING_GANGED:
		return "switches all its ports together";
	case USB_SWITCHING_PORT:
	case USB_SWITCHING_UNKNOWN:
		break;
	}
	return NULL;
}

const char *usb_switching_name(enum usb_switching switching)
{
	switch (switching) {
	case USB_SWITCHING_NONE:
		return "none";
	case USB_SWITCHING_GANGED:
		return "ganged";
	case USB_SWITCHING_PORT:
		return "port";
	case USB_SWITCHING_UNKNOWN:
		break;
	}
	return "unknown";
}

int usb_port_hold(const char *path, bool alone)
{
	char folder[PATH_MAX];
	struct half half;
	int fd;

	if (!half_of(path, &half)) {
		errno = EINVAL;
		return -1;
	}
	snprintf(folder, sizeof(folder), USB_SYSFS_DEVICES "/%s", half.folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
		return fd;
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

bool usb_ports_held_below(const char *path)
{
	size_t length = strlen(path);
	DIR *folder = opendir(USB_SYSFS_DEVICES);
	struct dirent *entry;
	bool held = false;

	while (folder && !held && (entry = readdir(folder))) {
		struct usb_ports ports;
		int hold;

		if (strncmp(entry->d_name, path, length) != 0 || entry->d_name[length] != '.' ||
		    !usb_ports_parse(entry->d_name, &ports))
			continue;
		hold = usb_port_hold(entry->d_name, true);
		held = hold < 0 && errno == EWOULDBLOCK;
		if (hold >= 0)
			close(hold);
	}
	if (folder)
		closedir(folder);
	return held;
}
