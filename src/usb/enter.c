/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/usb/enter.h"

#include <stdio.h>

#include "any.h"
#include "errors.h"

enum {
	REQUEST_OUT = (int)LIBUSB_REQUEST_TYPE_CLASS | (int)LIBUSB_RECIPIENT_INTERFACE,
	CLASS_APPLICATION = 0xfe, /* DFU 1.1 table 4.1 */
	SUBCLASS_DFU = 1,
	PROTOCOL_RUN_TIME = 1,
	DFU_DETACH = 0,
	DFU_FUNCTIONAL = 0x21,
	WILL_DETACH = 1 << 3, /* bmAttributes, DFU 1.1 table 4.2 */
	CLASS_COMMUNICATIONS = 2,
	SUBCLASS_ACM = 2, /* CDC PSTN 1.2 */
	SET_LINE_CODING = 0x20,
	SET_CONTROL_LINE_STATE = 0x22,
	LINE_CODING_BYTES = 7,
	DETACH_MS = 1000,
	REQUEST_MS = 1000
};

/* The interface for the request. */
struct found {
	uint8_t number;
	bool resets_itself;
};

typedef bool is_wanted(const struct libusb_interface_descriptor *interface);

static bool is_run_time_dfu(const struct libusb_interface_descriptor *interface)
{
	return interface->bInterfaceClass == CLASS_APPLICATION &&
	       interface->bInterfaceSubClass == SUBCLASS_DFU &&
	       interface->bInterfaceProtocol == PROTOCOL_RUN_TIME;
}

static bool is_serial_port(const struct libusb_interface_descriptor *interface)
{
	return interface->bInterfaceClass == CLASS_COMMUNICATIONS &&
	       interface->bInterfaceSubClass == SUBCLASS_ACM;
}

/* Reads bmAttributes of the functional descriptor, which libusb does not parse. */
static bool detaches_by_itself(const struct libusb_interface_descriptor *interface)
{
	const unsigned char *extra = interface->extra;
	int left = interface->extra_length;

	while (extra && left >= 3 && extra[0] >= 3 && extra[0] <= left) {
		if (extra[1] == DFU_FUNCTIONAL)
			return extra[2] & WILL_DETACH;
		left -= extra[0];
		extra += extra[0];
	}
	return false;
}

static bool find_interface(const struct libusb_config_descriptor *config, is_wanted *wanted,
			   struct found *found)
{
	for (int i = 0; i < config->bNumInterfaces; i++) {
		const struct libusb_interface *interface = &config->interface[i];

		for (int k = 0; k < interface->num_altsetting; k++) {
			if (!wanted(&interface->altsetting[k]))
				continue;
			found->number = interface->altsetting[k].bInterfaceNumber;
			found->resets_itself = detaches_by_itself(&interface->altsetting[k]);
			return true;
		}
	}
	return false;
}

static bool has_ids(libusb_device *device, const struct usb_filter *application)
{
	struct libusb_device_descriptor descriptor;

	return libusb_get_device_descriptor(device, &descriptor) == 0 &&
	       descriptor.idVendor == application->vid && descriptor.idProduct == application->pid;
}

/* Opens the device and takes the interface from its driver. False: `why`, and nothing is open. */
static bool open_application(struct usb_bus *bus, const char *path,
			     const struct usb_filter *application, is_wanted *wanted,
			     const char *what, struct usb_any *any, struct found *found, char *why,
			     size_t why_size)
{
	struct libusb_config_descriptor *config;
	int error = usb_any_open(bus, path, any);
	bool has;

	if (error) {
		snprintf(why, why_size, "cannot open it: %s",
			 error == LIBUSB_ERROR_ACCESS
				 ? "permission denied; a udev rule for the application is needed"
				 : usb_error_name(error));
		return false;
	}
	if (!has_ids(libusb_get_device(any->handle), application)) {
		snprintf(why, why_size, "another device is there");
		goto err;
	}
	error = libusb_get_active_config_descriptor(libusb_get_device(any->handle), &config);
	if (error) {
		snprintf(why, why_size, "its descriptors cannot be read: %s",
			 usb_error_name(error));
		goto err;
	}
	has = find_interface(config, wanted, found);
	libusb_free_config_descriptor(config);
	if (!has) {
		snprintf(why, why_size, "it has no %s", what);
		goto err;
	}
	libusb_set_auto_detach_kernel_driver(any->handle, 1); /* if there is one */
	error = libusb_claim_interface(any->handle, found->number);
	if (!error)
		return true;
	snprintf(why, why_size, "its %s cannot be claimed: %s", what, usb_error_name(error));
err:
	usb_any_close(any);
	return false;
}

static enum dfu_io ask(struct usb_any *any, const struct found *found, uint8_t request,
		       uint16_t value, uint8_t *data, uint16_t length)
{
	const struct dfu_setup setup = {.request_type = REQUEST_OUT,
					.request = request,
					.value = value,
					.index = found->number,
					.length = length};

	return usb_any_ask(any, &setup, data, NULL, REQUEST_MS);
}

/* A device that is gone has carried out the request. */
static bool taken(enum dfu_io io)
{
	return io == DFU_IO_OK || io == DFU_IO_GONE || io == DFU_IO_ERROR;
}

bool usb_detach(struct usb_bus *bus, const char *path, const struct usb_filter *application,
		char *why, size_t why_size)
{
	struct usb_any any;
	struct found found;
	enum dfu_io io;

	if (!open_application(bus, path, application, is_run_time_dfu, "run-time DFU interface",
			      &any, &found, why, why_size))
		return false;
	io = ask(&any, &found, DFU_DETACH, DETACH_MS, NULL, 0);
	if (io == DFU_IO_OK && !found.resets_itself)
		libusb_reset_device(any.handle);
	libusb_release_interface(any.handle, found.number);
	usb_any_close(&any);
	if (!taken(io))
		snprintf(why, why_size, "it refused DFU_DETACH");
	return taken(io);
}

bool usb_touch(struct usb_bus *bus, const char *path, const struct usb_filter *application,
	       char *why, size_t why_size)
{
	uint8_t coding[LINE_CODING_BYTES] = {0xb0, 0x04, 0, 0, 0, 0, 8}; /* 1200, 8N1 */
	struct usb_any any;
	struct found found;
	enum dfu_io io;

	if (!open_application(bus, path, application, is_serial_port, "CDC serial port", &any,
			      &found, why, why_size))
		return false;
	io = ask(&any, &found, SET_CONTROL_LINE_STATE, 1, NULL, 0);
	if (io == DFU_IO_OK)
		io = ask(&any, &found, SET_LINE_CODING, 0, coding, sizeof(coding));
	if (io == DFU_IO_OK)
		io = ask(&any, &found, SET_CONTROL_LINE_STATE, 0, NULL, 0);
	libusb_release_interface(any.handle, found.number);
	usb_any_close(&any);
	if (!taken(io))
		snprintf(why, why_size, "it refused 1200 baud");
	return taken(io);
}
