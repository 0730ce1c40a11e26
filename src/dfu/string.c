/* SPDX-License-Identifier: GPL-2.0-or-later */
/* String descriptors (USB 2.0 9.6.7): layout strings and ST's serial number. */
#include "request.h"

#include <string.h>

#define GET_DESCRIPTOR 6
#define DESCRIPTOR_STRING 3
#define STANDARD_IN 0x80
#define LANGUAGE_US_ENGLISH 0x0409
#define STRING_MOST 255

/* Fetches string descriptor `index`; `*bytes` is the shorter of its header's length and the
 * received one. */
static enum dfu_result fetch_string(struct dfu_session *s, uint8_t index, uint16_t language,
				    const uint8_t **data, size_t *bytes)
{
	const struct dfu_setup setup = {
		.request_type = STANDARD_IN,
		.request = GET_DESCRIPTOR,
		.value = (uint16_t)(DESCRIPTOR_STRING << 8 | index),
		.index = language,
		.length = STRING_MOST,
	};
	size_t actual;
	enum dfu_result result =
		dfu_ask_standard(s, DFU_STANDARD_GET_DESCRIPTOR, &setup, data, &actual);

	if (result != DFU_OK)
		return result;
	if (actual < 2 || (*data)[0] < 2 || (*data)[1] != DESCRIPTOR_STRING)
		return dfu_failed(s, DFU_STANDARD_GET_DESCRIPTOR, DFU_SHORT);
	*bytes = (*data)[0] < actual ? (*data)[0] : actual;
	return DFU_OK;
}

static size_t put_utf8(char *text, uint32_t c)
{
	if (c < 0x80) {
		text[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		text[0] = (char)(0xc0 | c >> 6);
		text[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		text[0] = (char)(0xe0 | c >> 12);
		text[1] = (char)(0x80 | (c >> 6 & 0x3f));
		text[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	text[0] = (char)(0xf0 | c >> 18);
	text[1] = (char)(0x80 | (c >> 12 & 0x3f));
	text[2] = (char)(0x80 | (c >> 6 & 0x3f));
	text[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static uint32_t unit_at(const uint8_t *data, size_t at)
{
	return data[at] | (uint32_t)data[at + 1] << 8;
}

/* Characters that a terminal or a page would obey and not show: controls, line and paragraph
 * separators, characters that change the direction of text (Unicode 9, UAX #9 2), and halves of a
 * pair without the other. */
static bool is_command(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000) || c == 0x61c ||
	       (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* UTF-16LE in `data[2..bytes)` to UTF-8, cut at a whole character. */
static void decode_string(const uint8_t *data, size_t bytes, char *text, size_t size)
{
	size_t used = 0;

	for (size_t at = 2; at + 1 < bytes; at += 2) {
		uint32_t c = unit_at(data, at);
		char one[4];
		size_t n;

		if (c >= 0xd800 && c < 0xdc00 && at + 3 < bytes) {
			uint32_t low = unit_at(data, at + 2);

			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				at += 2;
			}
		}
		if (is_command(c))
			c = '?';
		n = put_utf8(one, c);
		if (used + n >= size)
			break;
		memcpy(text + used, one, n);
		used += n;
	}
	text[used] = '\0';
}

enum dfu_result dfu_string(struct dfu_session *s, uint8_t index, char *text, size_t size)
{
	const uint8_t *data;
	size_t bytes = 0;
	enum dfu_result result;

	if (size == 0)
		return DFU_REFUSED;
	text[0] = '\0';
	if (index == 0)
		return DFU_REFUSED;
	result = dfu_gate(s);
	if (result != DFU_OK)
		return result;
	if (s->language == 0) {
		result = fetch_string(s, 0, 0, &data, &bytes);
		if (result == DFU_OK && bytes >= 4)
			s->language = (uint16_t)unit_at(data, 2);
		else if (result != DFU_OK && result != DFU_STALLED && result != DFU_SHORT)
			return result;
		if (s->language == 0)
			s->language = LANGUAGE_US_ENGLISH;
	}
	result = fetch_string(s, index, s->language, &data, &bytes);
	if (result == DFU_OK)
		decode_string(data, bytes, text, size);
	return result;
}
