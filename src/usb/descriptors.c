/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "descriptors.h"

#include <string.h>

#define CLASS_APPLICATION 0xfe /* DFU 1.1 table 4.4 */
#define SUBCLASS_DFU 0x01
#define PROTOCOL_DFU_MODE 0x02
#define TYPE_DFU_FUNCTIONAL 0x21
#define FUNCTIONAL_BYTES 9
#define FUNCTIONAL_BYTES_1_0 7 /* DFU 1.0: without bcdDFUVersion */

static uint16_t le16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

/* Descriptors that libusb did not know, one after the other: each says its own length. */
static bool find_functional(const unsigned char *extra, int length, struct dfu_descriptors *found)
{
	if (!extra)
		return false;
	while (length >= 2) {
		int bytes = extra[0];

		if (bytes < 2 || bytes > length)
			return false;
		if (extra[1] == TYPE_DFU_FUNCTIONAL && bytes >= FUNCTIONAL_BYTES_1_0) {
			found->has_functional = true;
			found->attributes = extra[2];
			found->detach_ms = le16(extra + 3);
			found->transfer_size = le16(extra + 5);
			if (bytes >= FUNCTIONAL_BYTES)
				found->dfu_version = le16(extra + 7);
			return true;
		}
		extra += bytes;
		length -= bytes;
	}
	return false;
}

static bool is_dfu_mode(const struct libusb_interface_descriptor *alt)
{
	return alt->bInterfaceClass == CLASS_APPLICATION &&
	       alt->bInterfaceSubClass == SUBCLASS_DFU &&
	       alt->bInterfaceProtocol == PROTOCOL_DFU_MODE;
}

static bool take_interface(const struct libusb_interface *interface, struct dfu_descriptors *found)
{
	for (int i = 0; i < interface->num_altsetting; i++) {
		const struct libusb_interface_descriptor *alt = &interface->altsetting[i];

		if (!is_dfu_mode(alt) || found->alt_count == DFU_ALTS_MAX)
			continue;
		found->interface_number = alt->bInterfaceNumber;
		found->alt[found->alt_count].setting = alt->bAlternateSetting;
		found->alt[found->alt_count].name_string = alt->iInterface;
		found->alt_count++;
		/* It follows the last alternate setting, but some repeat it after each. */
		if (!found->has_functional)
			find_functional(alt->extra, alt->extra_length, found);
	}
	return found->alt_count > 0;
}

bool usb_find_dfu(const struct libusb_config_descriptor *config, struct dfu_descriptors *found)
{
	memset(found, 0, sizeof(*found));
	for (int i = 0; i < config->bNumInterfaces; i++) {
		if (!take_interface(&config->interface[i], found))
			continue;
		if (!found->has_functional)
			find_functional(config->extra, config->extra_length, found);
		return true;
	}
	return false;
}
