/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and closing one target. */
#include "h7gang/usb/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus_private.h"
#include "descriptors.h"
#include "errors.h"
#include "h7gang/base/clock.h"
#include "h7gang/usb/topology.h"
#include "holder.h"
#include "node.h"
#include "scan.h"
#include "pipe.h"
#include "sysfs.h"

#define CLAIM_PAUSE_MS 50
#define TRANSFER_USUAL 1024u
#define TRANSFER_OVERHEAD 1024u /* usbfs's own bookkeeping per transfer, rounded up */

struct usb_device {
	struct usb_bus *bus;
	struct usb_seen seen;
	libusb_device_handle *handle;
	int node; /* opened by us for libusb, or -1 */
	struct usb_pipe *pipe;
	struct usb_seat *seat;
	uint8_t interface_number;
};

/* The main context's device for `seen`, with a reference; NULL if it has not heard of it. */
static libusb_device *find_device(struct usb_bus *bus, const struct usb_seen *seen)
{
	libusb_device **list;
	libusb_device *found = NULL;
	ssize_t count = libusb_get_device_list(bus->context, &list);

	if (count < 0)
		return NULL;
	for (ssize_t i = 0; i < count && !found; i++) {
		struct usb_seen other;

		if (usb_look(list[i], &bus->filter, &other) && usb_same(&other, seen))
			found = libusb_ref_device(list[i]);
	}
	libusb_free_device_list(list, 1);
	return found;
}

static int open_once(struct usb_device *device)
{
	libusb_device *known = find_device(device->bus, &device->seen);
	int error;

	if (!known)
		return usb_node_wrap(device->bus->context, device->seen.bus, device->seen.address,
				     &device->node, &device->handle);
	error = libusb_open(known, &device->handle);
	libusb_unref_device(known);
	return error;
}

/* udev takes a moment to change the node's owner. */
static int open_patiently(struct usb_device *device, int64_t until)
{
	int error;

	while ((error = open_once(device)) == LIBUSB_ERROR_ACCESS && clock_now() < until)
		clock_sleep_until(clock_earlier(until, clock_after_ms(CLAIM_PAUSE_MS)));
	return error;
}

/* Services open a new device, and close it after a second or two. */
static int claim_patiently(struct usb_device *device, int64_t until)
{
	int error;

	while ((error = libusb_claim_interface(device->handle, device->interface_number)) ==
		       LIBUSB_ERROR_BUSY &&
	       clock_now() < until)
		clock_sleep_until(clock_earlier(until, clock_after_ms(CLAIM_PAUSE_MS)));
	return error;
}

static int read_descriptors(struct usb_device *device, struct dfu_descriptors *descriptors)
{
	struct libusb_config_descriptor *config;
	struct libusb_device_descriptor top;
	libusb_device *opened = libusb_get_device(device->handle);
	int error = libusb_get_active_config_descriptor(opened, &config);

	if (error == LIBUSB_ERROR_NOT_FOUND)
		error = libusb_get_config_descriptor(opened, 0, &config);
	if (error)
		return error;
	if (!usb_find_dfu(config, descriptors))
		error = LIBUSB_ERROR_NOT_SUPPORTED;
	libusb_free_config_descriptor(config);
	if (!error)
		error = libusb_get_device_descriptor(opened, &top);
	if (!error) {
		descriptors->release = top.bcdDevice;
		descriptors->manufacturer_string = top.iManufacturer;
		descriptors->product_string = top.iProduct;
		descriptors->serial_string = top.iSerialNumber;
	}
	return error;
}

/* How many transfers of this device the kernel has memory for when `targets` share it fairly. */
static unsigned share_of_memory(const struct dfu_descriptors *descriptors, unsigned targets)
{
	uint64_t each = descriptors->has_functional ? descriptors->transfer_size : TRANSFER_USUAL;
	uint64_t budget = (uint64_t)usb_memory_budget_mb() << 20;
	uint64_t share;

	if (each > DFU_PIPE_MAX_LENGTH)
		each = DFU_PIPE_MAX_LENGTH;
	if (budget == 0)
		return DFU_WINDOW_MOST;
	share = budget / (targets ? targets : 1) / (each + TRANSFER_OVERHEAD);
	if (share < 1)
		return 1;
	return share < DFU_WINDOW_MOST ? (unsigned)share : DFU_WINDOW_MOST;
}

static const char *in_words(int error)
{
	switch (error) {
	case LIBUSB_ERROR_ACCESS:
		return "permission denied; is the udev rule installed?";
	case LIBUSB_ERROR_BUSY:
		return "another program uses it; end that program, or let it ignore this device";
	case LIBUSB_ERROR_NO_DEVICE:
		return "it left the bus";
	case LIBUSB_ERROR_NOT_SUPPORTED:
		return "no interface in DFU mode";
	case LIBUSB_ERROR_NO_MEM:
		return "out of memory";
	default:
		return usb_error_name(error);
	}
}

/* Why a device cannot be used, by its attributes in sysfs. */
static const char *why_unusable(const char *path)
{
	char text[16];

	usb_sysfs_text(path, "authorized", text, sizeof(text));
	if (strcmp(text, "0") == 0)
		return "the kernel has not authorized it; allow it in USBGuard, or write 1 to its "
		       "file authorized in /sys/bus/usb/devices";
	if (!text[0])
		return NULL; /* sysfs does not know it */
	usb_sysfs_text(path, "bConfigurationValue", text, sizeof(text));
	if (!text[0])
		return "it is not configured; insert it again, or look for power limits of its hub";
	return NULL;
}

/* Says why, and returns the result for that error. */
static enum dfu_io explain(int error, const char *path, const struct usb_seen *seen, char *why,
			   size_t why_size)
{
	const char *unusable = NULL;
	char holder[80];

	if (error == LIBUSB_ERROR_BUSY && usb_holder(seen, holder, sizeof(holder))) {
		snprintf(why, why_size, "cannot open %s: %s", path, holder);
		return usb_io_from_error(error);
	}
	if (error == LIBUSB_ERROR_NOT_FOUND || error == LIBUSB_ERROR_NOT_SUPPORTED ||
	    error == LIBUSB_ERROR_IO)
		unusable = why_unusable(path);
	snprintf(why, why_size, "cannot open %s: %s", path, unusable ? unusable : in_words(error));
	return unusable ? DFU_IO_DENIED : usb_io_from_error(error);
}

/* If sysfs has no answer, assumes that it is alone on its wire. */
static struct usb_seat *take_seat(struct usb_device *device)
{
	char domain[USB_PATH_SIZE];

	usb_full_speed_domain(device->seen.path, domain, sizeof(domain));
	return usb_seat_take(device->bus->wires, domain[0] ? domain : device->seen.path,
			     device->seen.bus);
}

struct usb_device *usb_open(struct usb_bus *bus, const char *path, unsigned targets,
			    uint32_t claim_ms, int64_t deadline, enum dfu_io *io, char *why,
			    size_t why_size)
{
	struct usb_device *device = calloc(1, sizeof(*device));
	int64_t until = clock_earlier(deadline, clock_after_ms(claim_ms));
	struct usb_seen seen = {0};
	struct dfu_descriptors descriptors;
	int error = LIBUSB_ERROR_NO_MEM;

	if (!device)
		goto err;
	device->bus = bus;
	device->node = -1;
	error = LIBUSB_ERROR_NO_DEVICE;
	if (!usb_bus_find(bus, path, &device->seen))
		goto err;
	seen = device->seen;
	error = open_patiently(device, until);
	if (error)
		goto err;
	error = read_descriptors(device, &descriptors);
	if (error)
		goto err_handle;
	device->interface_number = descriptors.interface_number;
	error = claim_patiently(device, until);
	if (error)
		goto err_handle;
	error = LIBUSB_ERROR_NO_MEM;
	device->seat = take_seat(device);
	if (!device->seat)
		goto err_interface;
	device->pipe = usb_pipe_new(device->handle, &descriptors,
				    share_of_memory(&descriptors, targets), device->seat);
	if (!device->pipe)
		goto err_seat;
	*io = DFU_IO_OK;
	return device;

err_seat:
	usb_seat_leave(device->seat);
err_interface:
	libusb_release_interface(device->handle, device->interface_number);
err_handle:
	libusb_close(device->handle);
	if (device->node >= 0)
		close(device->node);
err:
	free(device);
	*io = explain(error, path, &seen, why, why_size);
	return NULL;
}

void usb_memory_why(char *text, size_t size)
{
	unsigned mb = usb_memory_budget_mb();

	if (mb)
		snprintf(text, size,
			 "the kernel has no memory left for USB transfers (usbfs_memory_mb is %u): "
			 "end the program that takes it, such as one for a camera, or raise "
			 "usbfs_memory_mb",
			 mb);
	else
		snprintf(text, size, "this computer has no memory left for USB transfers");
}

struct dfu_pipe *usb_device_pipe(struct usb_device *device)
{
	return usb_pipe_base(device->pipe);
}

struct usb_seat *usb_device_seat(struct usb_device *device)
{
	return device->seat;
}

const struct usb_seen *usb_device_seen(const struct usb_device *device)
{
	return &device->seen;
}

bool usb_device_close(struct usb_device *device)
{
	if (!device)
		return true;
	if (!usb_pipe_free(device->pipe)) {
		/* Memory that the kernel or libusb may still access is never freed. */
		atomic_store(&device->bus->leaked, true);
		return false;
	}
	usb_seat_leave(device->seat);
	libusb_release_interface(device->handle, device->interface_number);
	libusb_close(device->handle);
	if (device->node >= 0)
		close(device->node);
	free(device);
	return true;
}
