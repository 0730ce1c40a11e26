/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "any.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bus_private.h"
#include "h7gang/base/clock.h"
#include "node.h"
#include "sysfs.h"

static bool is_at(libusb_device *device, const struct usb_ports *ports)
{
	uint8_t port[USB_PORTS_MAX];
	int count = libusb_get_port_numbers(device, port, USB_PORTS_MAX);

	return count == (int)ports->count && libusb_get_bus_number(device) == ports->bus &&
	       memcmp(port, ports->port, ports->count) == 0;
}

/* The bus's device at those ports, with a reference. NULL: it knows none. */
static libusb_device *find(struct usb_bus *bus, const struct usb_ports *ports)
{
	libusb_device **list, *found = NULL;
	ssize_t count = libusb_get_device_list(bus->context, &list);

	for (ssize_t i = 0; i < count && !found; i++)
		if (is_at(list[i], ports))
			found = libusb_ref_device(list[i]);
	if (count >= 0)
		libusb_free_device_list(list, 1);
	return found;
}

static int open_node(struct usb_any *any, const char *name)
{
	unsigned long bus, address;

	if (!usb_sysfs_number(name, "busnum", 10, UINT8_MAX, &bus) ||
	    !usb_sysfs_number(name, "devnum", 10, UINT8_MAX, &address))
		return LIBUSB_ERROR_NO_DEVICE;
	return usb_node_wrap(any->bus->context, (unsigned)bus, (unsigned)address, &any->node,
			     &any->handle);
}

int usb_any_open(struct usb_bus *bus, const char *name, struct usb_any *any)
{
	static const struct dfu_descriptors none = {0};
	struct usb_ports ports = {0};
	libusb_device *device;
	bool open;
	int error;

	*any = (struct usb_any){.bus = bus, .node = -1};
	pthread_mutex_lock(&bus->mutex);
	open = bus->state == USB_BUS_OPEN;
	pthread_mutex_unlock(&bus->mutex);
	if (!open)
		return LIBUSB_ERROR_NO_DEVICE;
	if (strncmp(name, "usb", 3) == 0)
		ports.bus = (unsigned)strtoul(name + 3, NULL, 10);
	else if (!usb_ports_parse(name, &ports))
		return LIBUSB_ERROR_INVALID_PARAM;
	device = find(bus, &ports);
	error = device ? libusb_open(device, &any->handle) : open_node(any, name);
	libusb_unref_device(device);
	if (error)
		return error;
	any->pipe = usb_pipe_new(any->handle, &none, 1, NULL);
	if (any->pipe)
		return 0;
	usb_any_close(any);
	return LIBUSB_ERROR_NO_MEM;
}

void usb_any_close(struct usb_any *any)
{
	if (any->pipe && !usb_pipe_free(any->pipe)) {
		atomic_store(&any->bus->leaked, true); /* the kernel may still write there */
		return;
	}
	libusb_close(any->handle);
	if (any->node >= 0)
		close(any->node);
}

enum dfu_io usb_any_ask(struct usb_any *any, const struct dfu_setup *setup, uint8_t *data,
			size_t *got, uint32_t ms)
{
	struct dfu_pipe *pipe = usb_pipe_base(any->pipe);
	bool in = setup->request_type & LIBUSB_ENDPOINT_IN;
	const uint8_t *answer;
	size_t length = 0;
	enum dfu_io io;

	io = pipe->ops->submit(pipe, 0, setup, in ? NULL : data);
	if (io == DFU_IO_OK)
		io = pipe->ops->wait(pipe, 0, clock_after_ms(ms), &answer, &length);
	if (io == DFU_IO_OK && in && length > 0)
		memcpy(data, answer, length);
	if (got)
		*got = length;
	return io;
}
