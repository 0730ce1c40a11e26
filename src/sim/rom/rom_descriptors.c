/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Standard requests (USB 2.0, chapter 9) and the descriptors. */
#include <stdio.h>
#include <string.h>

#include "rom_internal.h"

enum { DEVICE = 1, CONFIGURATION = 2, STRING = 3, INTERFACE = 4, FUNCTIONAL = 0x21 };
/* Listing of an H743 (ST community 0D53W00000HM7kF): layouts from string 6 on. */
enum { MANUFACTURER = 1, PRODUCT, SERIAL, LAYOUT = 6 };

static size_t put_device(const struct rom_config *config, uint8_t *out)
{
	const uint8_t bytes[18] = {18,
				   DEVICE,
				   0x00,
				   0x02,
				   0,
				   0,
				   0,
				   64,
				   (uint8_t)config->vid,
				   (uint8_t)(config->vid >> 8),
				   (uint8_t)config->pid,
				   (uint8_t)(config->pid >> 8),
				   (uint8_t)config->bcd_device,
				   (uint8_t)(config->bcd_device >> 8),
				   MANUFACTURER,
				   PRODUCT,
				   SERIAL,
				   1};

	memcpy(out, bytes, sizeof(bytes));
	return sizeof(bytes);
}

static size_t put_functional(const struct rom_config *config, uint8_t *out)
{
	const uint8_t bytes[9] = {9,
				  FUNCTIONAL,
				  config->dfu_attributes,
				  0xFF,
				  0x00,
				  (uint8_t)config->transfer_size,
				  (uint8_t)(config->transfer_size >> 8),
				  (uint8_t)config->dfu_version,
				  (uint8_t)(config->dfu_version >> 8)};

	memcpy(out, bytes, sizeof(bytes));
	if (config->functional_length)
		out[0] = config->functional_length;
	return sizeof(bytes);
}

static size_t put_configuration(const struct rom_config *config, uint8_t *out)
{
	size_t length = 9;

	for (unsigned alt = 0; alt < config->alts; alt++) {
		const uint8_t bytes[9] = {9,    INTERFACE, 0, (uint8_t)alt,           0,
					  0xFE, 0x01,      2, (uint8_t)(LAYOUT + alt)};

		memcpy(out + length, bytes, sizeof(bytes));
		length += sizeof(bytes);
	}
	if (config->functional)
		length += put_functional(config, out + length);
	const size_t told = config->total_length ? config->total_length : length;
	const uint8_t head[9] = {
		9, CONFIGURATION, (uint8_t)told, (uint8_t)(told >> 8), 1, 1, PRODUCT, 0xC0, 50};
	memcpy(out, head, sizeof(head));
	return length;
}

/* One code point of UTF-8; an invalid byte stands for itself. */
static uint32_t code_point(const uint8_t **text)
{
	const uint8_t *p = *text;
	const unsigned more = p[0] >= 0xF0 ? 3 : p[0] >= 0xE0 ? 2 : p[0] >= 0xC2 ? 1 : 0;
	uint32_t code = more == 0 ? p[0] : p[0] & (0x3Fu >> more);

	for (unsigned i = 1; i <= more; i++) {
		if ((p[i] & 0xC0) != 0x80) {
			*text = p + 1;
			return p[0];
		}
		code = code << 6 | (p[i] & 0x3F);
	}
	*text = p + 1 + more;
	return code;
}

size_t rom_put_string(const char *text, uint8_t *out)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t length = 2;

	while (*p && length <= 252) {
		uint32_t code = code_point(&p);

		if (code > 0xFFFF) {
			if (length > 250)
				break;
			code -= 0x10000;
			const uint32_t high = 0xD800 | (code >> 10 & 0x3FF);
			out[length++] = (uint8_t)high;
			out[length++] = (uint8_t)(high >> 8);
			code = 0xDC00 | (code & 0x3FF);
		}
		out[length++] = (uint8_t)code;
		out[length++] = (uint8_t)(code >> 8);
	}
	out[0] = (uint8_t)length;
	out[1] = STRING;
	return length;
}

void rom_serial_text(const struct rom *rom, char *text, size_t size)
{
	const uint8_t *uid = rom->uid;
	const uint32_t first = rom_get32(uid), last = rom_get32(uid + 8);
	const uint32_t middle = rom_get32(uid + 4) >> 16;

	switch (rom->config->serial_kind) {
	case ROM_SERIAL_TEXT:
		snprintf(text, size, "%s", rom->config->serial);
		break;
	case ROM_SERIAL_UID:
		snprintf(text, size, "%08X%04X", first + last, middle);
		break;
	case ROM_SERIAL_UID_SUMS:
		snprintf(text, size, "%04X%04X%04X", ((first >> 16) + (last >> 16)) & 0xFFFF,
			 (first + last) & 0xFFFF, middle);
		break;
	case ROM_SERIAL_UID_HEX:
		for (unsigned i = 0; i < ROM_UID_BYTES && 2 * i < size; i++)
			snprintf(text + 2 * i, size - 2 * i, "%02X", uid[i]);
		break;
	}
}

static size_t put_serial(const struct rom *rom, uint8_t *out)
{
	char text[ROM_STRING_MAX];

	rom_serial_text(rom, text, sizeof(text));
	return rom_put_string(text, out);
}

/* 0: there is no such string. */
static size_t put_true_string(const struct rom *rom, unsigned index, uint8_t *out)
{
	const struct rom_config *config = rom->config;
	static const uint8_t languages[4] = {4, STRING, 0x09, 0x04};

	if (index >= MANUFACTURER && index <= SERIAL) {
		if (config->strings == ROM_STRINGS_EMPTY ||
		    (config->strings == ROM_STRINGS_SHIFTED && index == MANUFACTURER))
			return rom_put_string("", out);
		if (config->strings == ROM_STRINGS_SHIFTED)
			index--;
	}
	switch (index) {
	case 0:
		memcpy(out, languages, sizeof(languages));
		return sizeof(languages);
	case MANUFACTURER:
		return rom_put_string(config->manufacturer, out);
	case PRODUCT:
		return rom_put_string(config->product, out);
	case SERIAL:
		return put_serial(rom, out);
	case ROM_STATUS_STRING:
		return config->status_string[0] ? rom_put_string(config->status_string, out) : 0;
	default:
		if (index < LAYOUT || index - LAYOUT >= config->alts)
			return 0;
		return rom_put_string(config->layout[index - LAYOUT], out);
	}
}

static bool refuses_string(const struct rom_config *config, unsigned index)
{
	if (config->refuse & ROM_REFUSE_STRINGS)
		return index > 0;
	return (config->refuse & ROM_REFUSE_SERIAL && index == SERIAL) ||
	       (config->refuse & ROM_REFUSE_LAYOUT && index == LAYOUT) ||
	       (config->refuse & ROM_REFUSE_OTHER_LAYOUTS && index > LAYOUT);
}

static size_t put_string_at(const struct rom *rom, unsigned index, uint8_t *out)
{
	const struct rom_config *config = rom->config;
	const size_t length = refuses_string(config, index) ? 0 : put_true_string(rom, index, out);

	if (length && index && config->string_length)
		out[0] = config->string_length;
	return length;
}

static size_t put_descriptor(const struct rom *rom, const struct rom_request *request, uint8_t *out)
{
	const unsigned index = request->value & 0xFF;

	switch (request->value >> 8) {
	case DEVICE:
		return index == 0 ? put_device(rom->config, out) : 0;
	case CONFIGURATION:
		return index == 0 ? put_configuration(rom->config, out) : 0;
	case STRING:
		return put_string_at(rom, index, out);
	case FUNCTIONAL:
		return rom->config->functional ? put_functional(rom->config, out) : 0;
	default:
		return 0;
	}
}

static void answer_in(const struct rom *rom, const struct rom_request *request,
		      struct rom_result *result)
{
	size_t length = 0;

	switch (request->code) {
	case 0: /* GET_STATUS: self-powered */
		result->data[0] = (request->type & 0x1F) == 0;
		result->data[1] = 0;
		length = 2;
		break;
	case 6:
		length = put_descriptor(rom, request, result->data);
		break;
	case 8:
		result->data[0] = rom->configuration;
		length = 1;
		break;
	case 10:
		if (request->index != 0)
			break;
		result->data[0] = rom->alt;
		length = 1;
		break;
	default:
		break;
	}
	if (length == 0)
		result->answer = ROM_STALL;
	result->length = length < request->length ? length : request->length;
}

void rom_standard(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	if (request->type & 0x80) {
		answer_in(rom, request, result);
		return;
	}
	switch (request->code) {
	case 1: /* CLEAR_FEATURE */
	case 3: /* SET_FEATURE */
	case 5: /* SET_ADDRESS */
		break;
	case 9:
		if (request->value > 1) {
			result->answer = ROM_STALL;
			break;
		}
		rom->configuration = (uint8_t)request->value;
		rom->alt = 0;
		break;
	case 11:
		if (request->index != 0 || request->value >= rom->config->alts)
			result->answer = ROM_STALL;
		else
			rom->alt = (uint8_t)request->value;
		break;
	default:
		result->answer = ROM_STALL;
		break;
	}
}
