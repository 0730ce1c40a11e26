/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "describe.h"

#include <string.h>

/* USB 2.0 9.4.3, 9.6; DFU 1.1 4.1, 4.2. */
#define GET_DESCRIPTOR 6
#define DEVICE 1
#define CONFIGURATION 2
#define INTERFACE 4
#define DFU_FUNCTIONAL 0x21
#define APPLICATION_SPECIFIC 0xfe
#define SUBCLASS_DFU 1
#define PROTOCOL_DFU_MODE 2
#define LOW(value) (uint8_t)(value)
#define HIGH(value) (uint8_t)((value) >> 8)

static void request(struct describe *described, unsigned which, uint8_t type, size_t length)
{
	described->setup[which] = (struct dfu_setup){
		.request_type = 0x80,
		.request = GET_DESCRIPTOR,
		.value = (uint16_t)(type << 8),
		.length = (uint16_t)length,
	};
}

static void device(const struct trace *trace, struct describe *described)
{
	const struct usb_seen *seen = &trace->seen;
	const uint8_t bytes[18] = {
		18,
		DEVICE,
		0x00,
		0x02,
		0,
		0,
		0,
		64,
		LOW(seen->vid),
		HIGH(seen->vid),
		LOW(seen->pid),
		HIGH(seen->pid),
		LOW(seen->release),
		HIGH(seen->release),
		0,
		0,
		trace->tap.descriptors.serial_string,
		1,
	};

	memcpy(described->bytes[DESCRIBE_DEVICE], bytes, sizeof(bytes));
	request(described, DESCRIBE_DEVICE, DEVICE, sizeof(bytes));
}

static void configuration(const struct trace *trace, struct describe *described)
{
	const struct dfu_descriptors *found = &trace->tap.descriptors;
	uint8_t *to = described->bytes[DESCRIBE_CONFIGURATION], *start = to;
	size_t length = 9 + (size_t)found->alt_count * 9 + (found->has_functional ? 9 : 0);
	const uint8_t head[9] = {9, CONFIGURATION, LOW(length), HIGH(length), 1, 1, 0, 0x80, 50};
	const uint8_t functional[9] = {
		9,
		DFU_FUNCTIONAL,
		found->attributes,
		LOW(found->detach_ms),
		HIGH(found->detach_ms),
		LOW(found->transfer_size),
		HIGH(found->transfer_size),
		LOW(found->dfu_version),
		HIGH(found->dfu_version),
	};

	memcpy(to, head, sizeof(head));
	to += sizeof(head);
	for (unsigned i = 0; i < found->alt_count; i++) {
		const uint8_t alt[9] = {
			9,
			INTERFACE,
			found->interface_number,
			found->alt[i].setting,
			0,
			APPLICATION_SPECIFIC,
			SUBCLASS_DFU,
			PROTOCOL_DFU_MODE,
			found->alt[i].name_string,
		};

		memcpy(to, alt, sizeof(alt));
		to += sizeof(alt);
	}
	if (found->has_functional) {
		memcpy(to, functional, sizeof(functional));
		to += sizeof(functional);
	}
	request(described, DESCRIBE_CONFIGURATION, CONFIGURATION, (size_t)(to - start));
}

void describe(const struct trace *trace, struct describe *described)
{
	memset(described, 0, sizeof(*described));
	device(trace, described);
	configuration(trace, described);
}
