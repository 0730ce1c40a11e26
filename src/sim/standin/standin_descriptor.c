/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses a configuration descriptor into libusb's tree. Other descriptors between the standard
 * ones, such as DFU's functional descriptor, go to `extra` of the one before. */
#include <stdlib.h>
#include <string.h>

#include "standin.h"

static uint16_t le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

int LIBUSB_CALL libusb_get_device_descriptor(libusb_device *device,
					     struct libusb_device_descriptor *descriptor)
{
	const uint8_t *b = device->wire.descriptor;

	*descriptor = (struct libusb_device_descriptor){
		.bLength = b[0],
		.bDescriptorType = b[1],
		.bcdUSB = le16(b + 2),
		.bDeviceClass = b[4],
		.bDeviceSubClass = b[5],
		.bDeviceProtocol = b[6],
		.bMaxPacketSize0 = b[7],
		.idVendor = le16(b + 8),
		.idProduct = le16(b + 10),
		.bcdDevice = le16(b + 12),
		.iManufacturer = b[14],
		.iProduct = b[15],
		.iSerialNumber = b[16],
		.bNumConfigurations = b[17],
	};
	return LIBUSB_SUCCESS;
}

/* Where the next unknown descriptor goes. */
struct extra {
	const unsigned char **bytes;
	int *length;
};

static bool add_extra(struct extra *extra, const uint8_t *bytes, size_t length)
{
	size_t had = (size_t)*extra->length;
	uint8_t *grown = realloc((void *)*extra->bytes, had + length);

	if (!grown)
		return false;
	memcpy(grown + had, bytes, length);
	*extra->bytes = grown;
	*extra->length = (int)(had + length);
	return true;
}

/* libusb's members point to const, as programs must not change them. */
static struct libusb_interface_descriptor *add_alt(struct libusb_config_descriptor *config,
						   const uint8_t *b)
{
	struct libusb_interface *interface = (struct libusb_interface *)config->interface;
	struct libusb_interface_descriptor *alt, *grown;

	for (unsigned i = 0;; i++, interface++) {
		if (i >= config->bNumInterfaces)
			return NULL;
		if (!interface->num_altsetting || interface->altsetting->bInterfaceNumber == b[2])
			break;
	}
	grown = realloc((void *)interface->altsetting,
			((size_t)interface->num_altsetting + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	interface->altsetting = grown;
	alt = grown + interface->num_altsetting++;
	*alt = (struct libusb_interface_descriptor){
		.bLength = b[0],
		.bDescriptorType = b[1],
		.bInterfaceNumber = b[2],
		.bAlternateSetting = b[3],
		.bInterfaceClass = b[5],
		.bInterfaceSubClass = b[6],
		.bInterfaceProtocol = b[7],
		.iInterface = b[8],
	};
	return alt;
}

static struct libusb_endpoint_descriptor *add_endpoint(struct libusb_interface_descriptor *alt,
						       const uint8_t *b)
{
	struct libusb_endpoint_descriptor *endpoint, *grown;

	grown = realloc((void *)alt->endpoint, ((size_t)alt->bNumEndpoints + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	alt->endpoint = grown;
	endpoint = grown + alt->bNumEndpoints++;
	*endpoint = (struct libusb_endpoint_descriptor){
		.bLength = b[0],
		.bDescriptorType = b[1],
		.bEndpointAddress = b[2],
		.bmAttributes = b[3],
		.wMaxPacketSize = le16(b + 4),
		.bInterval = b[6],
	};
	return endpoint;
}

static bool parse(struct libusb_config_descriptor *config, const uint8_t *bytes, size_t length)
{
	struct extra extra = {&config->extra, &config->extra_length};
	struct libusb_interface_descriptor *alt = NULL;

	for (size_t at = bytes[0]; at + 2 <= length; at += bytes[at]) {
		const uint8_t *b = bytes + at;

		if (b[0] < 2 || b[0] > length - at)
			break;
		if (b[1] == LIBUSB_DT_INTERFACE && b[0] >= LIBUSB_DT_INTERFACE_SIZE) {
			alt = add_alt(config, b);
			if (!alt)
				return false;
			extra = (struct extra){&alt->extra, &alt->extra_length};
		} else if (b[1] == LIBUSB_DT_ENDPOINT && b[0] >= LIBUSB_DT_ENDPOINT_SIZE && alt) {
			struct libusb_endpoint_descriptor *endpoint = add_endpoint(alt, b);

			if (!endpoint)
				return false;
			extra = (struct extra){&endpoint->extra, &endpoint->extra_length};
		} else if (!add_extra(&extra, b, b[0])) {
			return false;
		}
	}
	return true;
}

int LIBUSB_CALL libusb_get_config_descriptor(libusb_device *device, uint8_t index,
					     struct libusb_config_descriptor **out)
{
	const uint8_t *b = device->config;
	struct libusb_config_descriptor *config;

	if (index > 0)
		return LIBUSB_ERROR_NOT_FOUND;
	config = calloc(1, sizeof(*config));
	if (!config)
		return LIBUSB_ERROR_NO_MEM;
	*config = (struct libusb_config_descriptor){
		.bLength = b[0],
		.bDescriptorType = b[1],
		.wTotalLength = le16(b + 2),
		.bNumInterfaces = b[4],
		.bConfigurationValue = b[5],
		.iConfiguration = b[6],
		.bmAttributes = b[7],
		.MaxPower = b[8],
		.interface = calloc(b[4] ? b[4] : 1, sizeof(struct libusb_interface)),
	};
	if (!config->interface || !parse(config, b, device->wire.config_length)) {
		libusb_free_config_descriptor(config);
		return LIBUSB_ERROR_NO_MEM;
	}
	*out = config;
	return LIBUSB_SUCCESS;
}

int LIBUSB_CALL libusb_get_active_config_descriptor(libusb_device *device,
						    struct libusb_config_descriptor **config)
{
	if (!device->wire.configured)
		return LIBUSB_ERROR_NOT_FOUND;
	return libusb_get_config_descriptor(device, 0, config);
}

int LIBUSB_CALL libusb_get_config_descriptor_by_value(libusb_device *device, uint8_t value,
						      struct libusb_config_descriptor **config)
{
	if (value != device->config[5])
		return LIBUSB_ERROR_NOT_FOUND;
	return libusb_get_config_descriptor(device, 0, config);
}

static void free_alt(const struct libusb_interface_descriptor *alt)
{
	for (unsigned i = 0; alt->endpoint && i < alt->bNumEndpoints; i++)
		free((void *)alt->endpoint[i].extra);
	free((void *)alt->endpoint);
	free((void *)alt->extra);
}

void LIBUSB_CALL libusb_free_config_descriptor(struct libusb_config_descriptor *config)
{
	if (!config)
		return;
	for (unsigned i = 0; config->interface && i < config->bNumInterfaces; i++) {
		const struct libusb_interface *interface = &config->interface[i];

		for (int k = 0; k < interface->num_altsetting; k++)
			free_alt(&interface->altsetting[k]);
		free((void *)interface->altsetting);
	}
	free((void *)config->interface);
	free((void *)config->extra);
	free(config);
}

int LIBUSB_CALL libusb_get_bos_descriptor(libusb_device_handle *handle,
					  struct libusb_bos_descriptor **bos)
{
	(void)handle;
	(void)bos;
	return LIBUSB_ERROR_PIPE; /* a USB 2.0 device stalls this request */
}

void LIBUSB_CALL libusb_free_bos_descriptor(struct libusb_bos_descriptor *bos)
{
	free(bos);
}
