/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device on a port, of any kind. */
#ifndef H7GANG_USB_PORT_H
#define H7GANG_USB_PORT_H

#include "h7gang/usb/bus.h"

#define USB_TEXT_SIZE 127 /* a string descriptor holds 126 units (USB 2.0 9.6.7) */

struct usb_occupant {
	uint8_t bus, address;
	uint16_t vid, pid;
	bool is_hub;
	char product[USB_TEXT_SIZE],
		serial[USB_TEXT_SIZE]; /* printable; "" none, or not asked for */
};

/* The device at the port, from sysfs. Reading the strings waits for the device's lock in the
 * kernel, which may be held while a device hangs: `strings` false leaves them empty. False: no
 * device. */
bool usb_port_look(const char *path, bool strings, struct usb_occupant *occupant);

/* "0483:df11 \"DFU in FS Mode\"", or "nothing". */
void usb_port_describe(const char *path, char *text, size_t size);

/* The device at a port, as a phrase for people: "nothing", with what the hub reported of an
 * over-current there, "a board that runs its application
 * (0483:5740 \"...\")", "a device that does not enumerate". `port` in either form. May wait for a
 * device that hangs. */
void usb_port_tell(const char *port, const struct usb_filter *filter, char *text, size_t size);

struct usb_port_news {
	char port[USB_ID_PATH_SIZE];   /* given, in either form */
	char text[USB_TEXT_SIZE + 80]; /* as usb_port_tell; left as it is where the time is over */
};

/* The same of several ports, waiting `ms` at most. `filter` NULL: only whether a device is there,
 * "something" or "nothing", which waits for no device that hangs. */
void usb_ports_ask(struct usb_port_news *news, unsigned count, const struct usb_filter *filter,
		   uint32_t ms);

/* The kernel's name of the port that udev's ID_PATH form means. False: there is no such controller.
 */
bool usb_path_of_id(const char *id_path, char path[USB_PATH_SIZE]);

#endif
