/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and closing one target. */
#include "h7gang/usb/bus.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus_private.h"
#include "descriptors.h"
#include "errors.h"
#include "h7gang/base/clock.h"
#include "pipe.h"
#include "sysfs.h"

#define ACCESS_MS 2000 /* udev needs that long to change the node's owner */
#define ACCESS_PAUSE_MS 50
#define TRANSFER_USUAL 1024u
#define TRANSFER_OVERHEAD 1024u /* what usbfs charges for its own bookkeeping, rounded up */

struct usb_device {
	struct usb_bus *bus;
	struct usb_seen seen;
	libusb_device_handle *handle;
	int node; /* opened by us for libusb, or -1 */
	struct usb_pipe *pipe;
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

static int error_of_node(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		return LIBUSB_ERROR_ACCESS;
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return LIBUSB_ERROR_NO_DEVICE;
	case ENOMEM:
		return LIBUSB_ERROR_NO_MEM;
	default:
		return LIBUSB_ERROR_IO;
	}
}

/* Without a udev daemon the main context never learns of newcomers: hand it the node. */
static int wrap_node(struct usb_device *device)
{
	char path[64];
	int error;

	snprintf(path, sizeof(path), "/dev/bus/usb/%03u/%03u", device->seen.bus,
		 device->seen.address);
	device->node = open(path, O_RDWR | O_CLOEXEC);
	if (device->node < 0)
		return error_of_node(errno);
	error = libusb_wrap_sys_device(device->bus->context, device->node, &device->handle);
	if (error) {
		close(device->node);
		device->node = -1;
	}
	return error;
}

static int open_once(struct usb_device *device)
{
	libusb_device *known = find_device(device->bus, &device->seen);
	int error;

	if (!known)
		return wrap_node(device);
	error = libusb_open(known, &device->handle);
	libusb_unref_device(known);
	return error;
}

static int open_patiently(struct usb_device *device, int64_t deadline)
{
	int64_t until = clock_earlier(deadline, clock_after_ms(ACCESS_MS));
	int error;

	while ((error = open_once(device)) == LIBUSB_ERROR_ACCESS && clock_now() < until)
		clock_sleep_until(clock_earlier(until, clock_after_ms(ACCESS_PAUSE_MS)));
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
	if (!error)
		descriptors->serial_string = top.iSerialNumber;
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
		return DFU_PIPE_SLOTS;
	share = budget / (targets ? targets : 1) / (each + TRANSFER_OVERHEAD);
	if (share < 1)
		return 1;
	return share < DFU_PIPE_SLOTS ? (unsigned)share : DFU_PIPE_SLOTS;
}

static const char *in_words(int error)
{
	switch (error) {
	case LIBUSB_ERROR_ACCESS:
		return "permission denied; is the udev rule installed?";
	case LIBUSB_ERROR_BUSY:
		return "in use by another program";
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

struct usb_device *usb_open(struct usb_bus *bus, const char *path, unsigned targets,
			    int64_t deadline, enum dfu_io *io, char *why, size_t why_size)
{
	struct usb_device *device = calloc(1, sizeof(*device));
	struct dfu_descriptors descriptors;
	int error = LIBUSB_ERROR_NO_MEM;

	if (!device)
		goto err;
	device->bus = bus;
	device->node = -1;
	error = LIBUSB_ERROR_NO_DEVICE;
	if (!usb_bus_find(bus, path, &device->seen))
		goto err;
	error = open_patiently(device, deadline);
	if (error)
		goto err;
	error = read_descriptors(device, &descriptors);
	if (error)
		goto err_handle;
	device->interface_number = descriptors.interface_number;
	error = libusb_claim_interface(device->handle, device->interface_number);
	if (error)
		goto err_handle;
	device->pipe =
		usb_pipe_new(device->handle, &descriptors, share_of_memory(&descriptors, targets));
	if (!device->pipe) {
		error = LIBUSB_ERROR_NO_MEM;
		goto err_interface;
	}
	*io = DFU_IO_OK;
	return device;

err_interface:
	libusb_release_interface(device->handle, device->interface_number);
err_handle:
	libusb_close(device->handle);
	if (device->node >= 0)
		close(device->node);
err:
	free(device);
	*io = usb_io_from_error(error);
	snprintf(why, why_size, "cannot open %s: %s", path, in_words(error));
	return NULL;
}

struct dfu_pipe *usb_device_pipe(struct usb_device *device)
{
	return usb_pipe_base(device->pipe);
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
		/* All that the kernel or libusb may still touch stays as it is, for good. */
		atomic_store(&device->bus->leaked, true);
		return false;
	}
	libusb_release_interface(device->handle, device->interface_number);
	libusb_close(device->handle);
	if (device->node >= 0)
		close(device->node);
	free(device);
	return true;
}
