/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/usb/port.h"

#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"

bool usb_port_look(const char *path, bool strings, struct usb_occupant *occupant)
{
	unsigned long bus, address, vid, pid, class;
	struct usb_ports ports;

	memset(occupant, 0, sizeof(*occupant));
	if (!usb_ports_parse(path, &ports) ||
	    !usb_sysfs_number(path, "busnum", 10, UINT8_MAX, &bus) ||
	    !usb_sysfs_number(path, "devnum", 10, UINT8_MAX, &address) ||
	    !usb_sysfs_number(path, "idVendor", 16, UINT16_MAX, &vid) ||
	    !usb_sysfs_number(path, "idProduct", 16, UINT16_MAX, &pid))
		return false;
	occupant->bus = (uint8_t)bus;
	occupant->address = (uint8_t)address;
	occupant->vid = (uint16_t)vid;
	occupant->pid = (uint16_t)pid;
	occupant->is_hub = usb_sysfs_number(path, "bDeviceClass", 16, UINT8_MAX, &class) &&
			   class == LIBUSB_CLASS_HUB;
	if (strings) {
		usb_sysfs_text(path, "product", occupant->product, sizeof(occupant->product));
		usb_sysfs_text(path, "serial", occupant->serial, sizeof(occupant->serial));
	}
	return true;
}

void usb_port_describe(const char *path, char *text, size_t size)
{
	struct usb_occupant occupant;

	if (!usb_port_look(path, true, &occupant))
		snprintf(text, size, "nothing");
	else
		snprintf(text, size, "%04x:%04x%s%s%s", occupant.vid, occupant.pid,
			 occupant.product[0] ? " \"" : "", occupant.product,
			 occupant.product[0] ? "\"" : "");
}

/* An attribute of the port itself, which is there without a device; "" none. */
static void port_text(const char *path, const char *attribute, char *text, size_t size)
{
	char hub[USB_PATH_SIZE], name[3 * USB_PATH_SIZE];
	struct usb_ports ports;

	text[0] = 0;
	if (!usb_ports_parse(path, &ports))
		return;
	usb_ports_name(&ports, ports.count - 1, hub);
	if (ports.count == 1)
		snprintf(name, sizeof(name), "%u-0:1.0/%s-port%u", ports.bus, hub, ports.port[0]);
	else
		snprintf(name, sizeof(name), "%s:1.0/%s-port%u", hub, hub,
			 ports.port[ports.count - 1]);
	usb_sysfs_text(name, attribute, text, size);
}

/* Linux 6.5 and later: the state of the device behind the port, which says "not attached" where
 * none is and where the kernel has given it up. */
static bool is_silent(const char *path)
{
	char state[32];

	port_text(path, "state", state, sizeof(state));
	return state[0] && strncmp(state, "not", 3) != 0 && strcmp(state, "configured") != 0;
}

/* Linux 4.20 and later count what the hub reports. */
static const char *empty_text(const char *path)
{
	char count[16];

	port_text(path, "over_current_count", count, sizeof(count));
	if (count[0] && strcmp(count, "0") != 0)
		return "nothing (its hub reported over-current: look for a short circuit)";
	return "nothing";
}

void usb_port_tell(const char *port, const struct usb_filter *filter, char *text, size_t size)
{
	char path[USB_PATH_SIZE], what[USB_TEXT_SIZE + 20];
	struct usb_occupant there;
	struct usb_ports ports;

	if (usb_ports_parse(port, &ports))
		usb_ports_name(&ports, ports.count, path);
	else if (!usb_path_of_id(port, path)) {
		snprintf(text, size, "there is no host controller with that name");
		return;
	}
	if (!usb_port_look(path, false, &there)) {
		snprintf(text, size, "%s",
			 is_silent(path) ? "a device that does not enumerate" : empty_text(path));
		return;
	}
	usb_port_describe(path, what, sizeof(what));
	if (there.vid == filter->vid && there.pid == filter->pid)
		snprintf(text, size, "a board in its bootloader");
	else if (there.is_hub)
		snprintf(text, size, "a hub (%s)", what);
	else if (there.vid == USB_VID_ST)
		snprintf(text, size, "a board that runs its application (%s)", what);
	else
		snprintf(text, size, "another device (%s)", what);
}

bool usb_path_of_id(const char *id_path, char path[USB_PATH_SIZE])
{
	const char *chain = strrchr(id_path, ':');
	struct usb_ports ports;
	char name[USB_PATH_SIZE + 8], found[USB_ID_PATH_SIZE], speed[16];

	if (!chain)
		return false;
	for (unsigned bus = 1; bus <= UINT8_MAX; bus++) {
		snprintf(name, sizeof(name), "usb%u", bus);
		usb_sysfs_text(name, "speed", speed, sizeof(speed));
		/* The halves of a USB 3 controller have one ID_PATH; a board is on the slow one. */
		if (!speed[0] || strtoul(speed, NULL, 10) >= USB_SUPER_SPEED)
			continue;
		snprintf(name, sizeof(name), "%u-%.31s", bus, chain + 1);
		if (!usb_ports_parse(name, &ports))
			return false;
		usb_id_path(&ports, found);
		if (strcmp(found, id_path) != 0)
			continue;
		usb_ports_name(&ports, ports.count, path);
		return path[0] != '\0';
	}
	return false;
}
