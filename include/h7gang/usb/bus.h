/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The libusb context, its event thread, and who is plugged in where. */
#ifndef H7GANG_USB_BUS_H
#define H7GANG_USB_BUS_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/dfu/pipe.h"

#define USB_PATH_SIZE 32     /* "1-1.4.2": bus, dash, at most seven ports (USB 2.0) */
#define USB_ID_PATH_SIZE 128 /* udev's ID_PATH, "pci-0000:00:14.0-usb-0:1.1" */

/* One target on the bus, by where it is plugged in. A copy; owns nothing. */
struct usb_seen {
	char path[USB_PATH_SIZE];       /* the kernel's port name */
	char id_path[USB_ID_PATH_SIZE]; /* boot-stable udev form; "" where sysfs does not tell */
	uint8_t bus, address;
	uint16_t vid, pid, release;     /* bcdDevice */
};

enum usb_change { USB_ARRIVED, USB_LEFT };

/* Called from the event thread or from usb_bus_rescan: must not block, nor open or close anything.
 * A replug seen late arrives as USB_LEFT and USB_ARRIVED. */
typedef void usb_notify(void *user, enum usb_change change, const struct usb_seen *seen);

struct usb_bus;
struct usb_device; /* one opened target: handle, claimed DFU interface, pipe */

struct usb_filter { uint16_t vid, pid; };

/* Starts the context and its event thread; devices already there are notified before it returns or
 * soon after. Returns NULL with a reason in `why`. */
struct usb_bus *usb_bus_open(const struct usb_filter *filter, usb_notify *notify, void *user,
                             char *why, size_t why_size);

/* All devices must be closed. Joins the event thread. */
void usb_bus_close(struct usb_bus *bus);

/* Compares what is known with what is there (a short-lived second context), and notifies the
 * differences: hotplug events are hints, this is the truth. Call every 2 s. Thread-safe. */
void usb_bus_rescan(struct usb_bus *bus);

/* What is there now. Returns the number written, at most `max`. */
unsigned usb_bus_list(struct usb_bus *bus, struct usb_seen *seen, unsigned max);

/* What is plugged in at `path` now. False: nothing. */
bool usb_bus_find(struct usb_bus *bus, const char *path, struct usb_seen *seen);

/* Whether the very device `seen` (same path, same address) is still there. */
bool usb_bus_present(struct usb_bus *bus, const struct usb_seen *seen);

/* Opens what is plugged in at `path`, claims its DFU interface and reads its descriptors; EACCES is
 * retried until `deadline` or 2 s (udev is slower than the kernel). `targets` divides the usbfs memory
 * budget: how many may be open at once. On failure NULL, the io code and a reason. */
struct usb_device *usb_open(struct usb_bus *bus, const char *path, unsigned targets,
                            int64_t deadline, enum dfu_io *io, char *why, size_t why_size);

/* The device's pipe; lives as long as the device. */
struct dfu_pipe *usb_device_pipe(struct usb_device *device);

/* Which device that is. */
const struct usb_seen *usb_device_seen(const struct usb_device *device);

/* Drains, releases and closes. A leaked transfer leaks the device with it (false is returned). */
bool usb_device_close(struct usb_device *device);

#endif
