/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One look at the bus. sysfs comes first: the attributes read here are served without the device's
 * lock. libusb's own enumeration reads `uevent`, which waits for that lock, and holds a lock of
 * libusb's meanwhile that every open needs: a kernel that resets one silent device would stop all
 * boards for minutes. libusb is asked only where there is no sysfs. */
#include "scan.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "sysfs.h"

bool usb_look(libusb_device *device, const struct usb_filter *filter, struct usb_seen *seen)
{
	struct libusb_device_descriptor descriptor;
	struct usb_ports ports;
	int count;

	memset(seen, 0, sizeof(*seen));
	if (libusb_get_device_descriptor(device, &descriptor) != 0 ||
	    descriptor.idVendor != filter->vid || descriptor.idProduct != filter->pid)
		return false;
	count = libusb_get_port_numbers(device, ports.port, USB_PORTS_MAX);
	if (count < 1)
		return false;
	ports.bus = libusb_get_bus_number(device);
	ports.count = (unsigned)count;
	usb_ports_name(&ports, ports.count, seen->path);
	seen->bus = libusb_get_bus_number(device);
	seen->address = libusb_get_device_address(device);
	seen->vid = descriptor.idVendor;
	seen->pid = descriptor.idProduct;
	seen->release = descriptor.bcdDevice;
	return seen->path[0] != '\0';
}

/* False: not a device behind a port, a device outside the filter, or one that just left. */
static bool look_in_sysfs(const char *name, const struct usb_filter *filter, struct usb_seen *seen)
{
	unsigned long vid, pid, release, bus, address;
	struct usb_ports ports;

	if (!usb_ports_parse(name, &ports) ||
	    !usb_sysfs_number(name, "idVendor", 16, 0xffff, &vid) || vid != filter->vid ||
	    !usb_sysfs_number(name, "idProduct", 16, 0xffff, &pid) || pid != filter->pid ||
	    !usb_sysfs_number(name, "bcdDevice", 16, 0xffff, &release) ||
	    !usb_sysfs_number(name, "busnum", 10, UINT8_MAX, &bus) || bus != ports.bus ||
	    !usb_sysfs_number(name, "devnum", 10, UINT8_MAX, &address) || address == 0)
		return false;
	memset(seen, 0, sizeof(*seen));
	usb_ports_name(&ports, ports.count, seen->path);
	seen->bus = (uint8_t)bus;
	seen->address = (uint8_t)address;
	seen->vid = (uint16_t)vid;
	seen->pid = (uint16_t)pid;
	seen->release = (uint16_t)release;
	return seen->path[0] != '\0';
}

static bool scan_sysfs(DIR *folder, const struct usb_filter *filter, struct usb_roll *found)
{
	struct dirent *entry;
	bool ok = true;

	while (ok && (entry = readdir(folder))) {
		struct usb_seen seen;

		if (look_in_sysfs(entry->d_name, filter, &seen))
			ok = usb_roll_add(found, &seen);
	}
	return ok;
}

/* A new context sees the devices of now; the long-lived one only those that udev announced. */
static bool scan_libusb(const struct usb_filter *filter, struct usb_roll *found)
{
	libusb_context *context;
	libusb_device **list;
	ssize_t count;
	bool ok;

	if (libusb_init(&context) != 0)
		return false;
	count = libusb_get_device_list(context, &list);
	ok = count >= 0;
	for (ssize_t i = 0; ok && i < count; i++) {
		struct usb_seen seen;

		if (usb_look(list[i], filter, &seen))
			ok = usb_roll_add(found, &seen);
	}
	if (count >= 0)
		libusb_free_device_list(list, 1);
	libusb_exit(context);
	return ok;
}

bool usb_scan(const struct usb_filter *filter, struct usb_roll *found)
{
	DIR *folder = opendir(USB_SYSFS_DEVICES);
	bool ok;

	if (!folder)
		return scan_libusb(filter, found);
	ok = scan_sysfs(folder, filter, found);
	closedir(folder);
	return ok;
}
