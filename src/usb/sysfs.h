/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the kernel's facts about the bus in /sys. */
#ifndef H7GANG_USB_SYSFS_H
#define H7GANG_USB_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/usb/bus.h"

#define USB_SYSFS_DEVICES "/sys/bus/usb/devices"
#define USB_SUPER_SPEED 5000 /* Mbit/s, in the attribute `speed` */
#define USB_PORTS_MAX 7      /* USB 2.0 4.1.1: five hubs deep; libusb allows seven */

/* The parts of a port name. */
struct usb_ports {
	unsigned bus;
	unsigned count; /* 1..USB_PORTS_MAX */
	uint8_t port[USB_PORTS_MAX];
};

/* "1-1.4.2"; false for anything else, root hubs included. */
bool usb_ports_parse(const char *path, struct usb_ports *ports);

/* The name of the first `count` ports: "usb1" for 0, "1-1", "1-1.4". */
void usb_ports_name(const struct usb_ports *ports, unsigned count, char name[USB_PATH_SIZE]);

/* udev's ID_PATH of a device behind these ports; "" where /sys has none. */
void usb_id_path(const struct usb_ports *ports, char id_path[USB_ID_PATH_SIZE]);

/* One attribute of a device as printable text without the newline; "" if there is none. */
void usb_sysfs_text(const char *device, const char *attribute, char *text, size_t size);

/* The same as a number in `base`. False: there is none, or it is above `max`. */
bool usb_sysfs_number(const char *device, const char *attribute, int base, unsigned long max,
		      unsigned long *value);

/* The last part of the target of a device's link: "hub" for "driver" of "1-1:1.0"; "" if there is
 * none. */
void usb_sysfs_link(const char *device, const char *link, char *name, size_t size);

/* The usbfs memory budget in MiB, 0 for unlimited; the kernel's default 16 if /sys has none. */
unsigned usb_memory_budget_mb(void);

#endif
