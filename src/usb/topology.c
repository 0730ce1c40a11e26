/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/usb/topology.h"

#include <dirent.h>
#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"

#define HIGH_SPEED_MBPS 480u
#define PROTOCOL_MULTI_TT 2 /* bDeviceProtocol of a high-speed hub, USB 2.0 11.23.1 */

static void look_at(const char *name, struct usb_hub *hub)
{
	char text[16];

	memset(hub, 0, sizeof(*hub));
	snprintf(hub->path, sizeof(hub->path), "%s", name);
	usb_sysfs_text(name, "product", hub->product, sizeof(hub->product));
	usb_sysfs_text(name, "speed", text, sizeof(text));
	hub->speed_mbps = (unsigned)strtoul(text, NULL, 10);
	usb_sysfs_text(name, "bDeviceProtocol", text, sizeof(text));
	hub->multi_tt =
		hub->speed_mbps == HIGH_SPEED_MBPS && strtoul(text, NULL, 16) == PROTOCOL_MULTI_TT;
}

unsigned usb_hub_chain(const char *path, struct usb_hub *hubs, unsigned max)
{
	struct usb_ports ports;
	unsigned count = 0;

	if (!usb_ports_parse(path, &ports))
		return 0;
	for (; count < ports.count && count < max; count++) {
		char name[USB_PATH_SIZE];

		usb_ports_name(&ports, count, name);
		look_at(name, &hubs[count]);
	}
	return count;
}

unsigned usb_hubs(char (*path)[USB_PATH_SIZE], unsigned max)
{
	DIR *folder = opendir(USB_SYSFS_DEVICES);
	struct dirent *entry;
	unsigned count = 0;

	while (folder && count < max && (entry = readdir(folder))) {
		const char *name = entry->d_name;
		struct usb_ports ports;
		char class[8];

		if (strlen(name) >= USB_PATH_SIZE ||
		    (strncmp(name, "usb", 3) != 0 && !usb_ports_parse(name, &ports)))
			continue;
		usb_sysfs_text(name, "bDeviceClass", class, sizeof(class));
		if (strtoul(class, NULL, 16) == LIBUSB_CLASS_HUB)
			memcpy(path[count++], name, strlen(name) + 1);
	}
	if (folder)
		closedir(folder);
	return count;
}

void usb_full_speed_domain(const char *path, char *domain, size_t size)
{
	struct usb_hub hubs[USB_PORTS_MAX];
	unsigned count = usb_hub_chain(path, hubs, USB_PORTS_MAX);

	usb_full_speed_domain_of(path, hubs, count, domain, size);
}

void usb_full_speed_domain_of(const char *path, const struct usb_hub *hubs, unsigned count,
			      char *domain, size_t size)
{
	struct usb_ports ports;

	if (size == 0)
		return;
	domain[0] = '\0';
	if (count == 0 || !usb_ports_parse(path, &ports))
		return;
	/* The nearest hub that runs at high speed has the transaction translator. */
	for (unsigned i = count; i-- > 0;) {
		if (hubs[i].speed_mbps == 0)
			return;
		if (i == 0) {
			/* A full-speed hub at the root shares its own link, not the root hub's
			 * others. */
			snprintf(domain, size, "%s", hubs[count > 1 ? 1 : 0].path);
		} else if (hubs[i].speed_mbps == HIGH_SPEED_MBPS) {
			char port[USB_PATH_SIZE];

			usb_ports_name(&ports, i + 1, port);
			snprintf(domain, size, "%s", hubs[i].multi_tt ? port : hubs[i].path);
			return;
		}
	}
}
