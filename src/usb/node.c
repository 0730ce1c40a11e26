/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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

int usb_node_wrap(libusb_context *context, unsigned bus, unsigned address, int *node,
		  libusb_device_handle **handle)
{
	char path[64];
	int error;

	snprintf(path, sizeof(path), "/dev/bus/usb/%03u/%03u", bus, address);
	*node = open(path, O_RDWR | O_CLOEXEC);
	if (*node < 0)
		return error_of_node(errno);
	error = libusb_wrap_sys_device(context, *node, handle);
	if (error) {
		close(*node);
		*node = -1;
	}
	return error;
}
