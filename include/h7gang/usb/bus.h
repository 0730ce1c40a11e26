/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The libusb context, its event thread, and the devices on each port. */
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
	uint16_t vid, pid, release; /* bcdDevice */
};

/* Whether both are the same device: same path, same bus and address. */
bool usb_same(const struct usb_seen *a, const struct usb_seen *b);

/* LOOKED: a look at the bus has ended; `seen` is NULL. */
enum usb_change { USB_ARRIVED, USB_LEFT, USB_LOOKED };

/* Called from the event thread or the bus watcher: must not block, nor open or close anything.
 * A replug seen late arrives as USB_LEFT and USB_ARRIVED. */
typedef void usb_notify(void *user, enum usb_change change, const struct usb_seen *seen);

struct usb_bus;
struct usb_device; /* one opened target: handle, claimed DFU interface, pipe */

/* Of ST's USB bootloaders (AN2606): in every ROM, in many programs in flash and in clones. */
#define USB_VID_ST 0x0483
#define USB_PID_ST_DFU 0xdf11

struct usb_filter {
	uint16_t vid, pid;
};

/* Starts the bus watcher, which starts libusb and its event thread. Returns after the first look,
 * or after 5 s if the kernel has not answered by then: targets are notified once it does. Returns
 * NULL with a reason in `why`. */
struct usb_bus *usb_bus_open(const struct usb_filter *filter, usb_notify *notify, void *user,
			     char *why, size_t why_size);

/* Whether libusb could not be started after usb_bus_open had returned; `why` gets the reason. */
bool usb_bus_failed(struct usb_bus *bus, char *why, size_t why_size);

/* All devices must be closed. Joins watcher and event thread. A watcher that still hangs in the
 * kernel after 2 s is left behind with all that it may use. */
void usb_bus_close(struct usb_bus *bus);

/* Ends notifications and looks; for a bus that cannot be closed because a thread hangs in it. */
void usb_bus_hush(struct usb_bus *bus);

/* The watcher compares its list with the bus every 2 s and notifies the differences: hotplug events
 * are only hints. These are thread-safe. */

/* Asks for a look now, and does not wait for it. */
void usb_bus_look(struct usb_bus *bus);

/* Whether a look that began at `since` (clock_now) or later has ended. */
bool usb_bus_looked(struct usb_bus *bus, int64_t since);

/* Whether the look that goes on now has lasted `ms`: the kernel hangs behind a device. */
bool usb_bus_stuck(struct usb_bus *bus, int64_t ms);

/* Has the bus looked at and waits for the end of it, 10 s at most. False: it has not ended. For
 * commands that have nothing else to do. */
bool usb_bus_rescan(struct usb_bus *bus);

/* The devices there now. Returns the number written, at most `max`. */
unsigned usb_bus_list(struct usb_bus *bus, struct usb_seen *seen, unsigned max);

/* The device plugged in at `path` now. False: none. */
bool usb_bus_find(struct usb_bus *bus, const char *path, struct usb_seen *seen);

#define USB_ALSO_MAX 2

/* From the next look on, devices with these IDs are listed, too, apart from the others and without
 * notifications: applications. At most USB_ALSO_MAX. */
void usb_bus_follow(struct usb_bus *bus, const struct usb_filter *filter, unsigned count);

/* Those that the last look found. */
unsigned usb_bus_list_also(struct usb_bus *bus, struct usb_seen *seen, unsigned max);

/* Whether the same device `seen` (same path, same address) is still there. */
bool usb_bus_present(struct usb_bus *bus, const struct usb_seen *seen);

#define USB_CLAIM_MS 2000 /* udev and services that look at a new device need that long */

/* Opens the device at `path`, claims its DFU interface and reads its descriptors. Waits for a
 * device that may not be opened yet, or that another program uses: `claim_ms`, and not beyond
 * `deadline`. `targets` divides the usbfs memory budget: how many may be open at once. On failure
 * NULL, the io code and a reason, which names the other program where /proc shows it. */
struct usb_device *usb_open(struct usb_bus *bus, const char *path, unsigned targets,
			    uint32_t claim_ms, int64_t deadline, enum dfu_io *io, char *why,
			    size_t why_size);

/* Why the kernel gives transfers no memory, and how to change that. */
void usb_memory_why(char *text, size_t size);

/* The device's pipe; lives as long as the device. */
struct dfu_pipe *usb_device_pipe(struct usb_device *device);

/* Which device that is. */
const struct usb_seen *usb_device_seen(const struct usb_device *device);

/* Drains, releases and closes. A leaked transfer leaks the device with it (false is returned). */
bool usb_device_close(struct usb_device *device);

#endif
