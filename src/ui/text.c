/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/ui/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Length of the well-formed UTF-8 character at `text`, its code in `*code`; 0: not one. */
static size_t character(const char *text, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *byte = (const unsigned char *)text;
	size_t length;

	if (byte[0] < 0x80) {
		*code = byte[0];
		return byte[0] != 0;
	}
	if (byte[0] >= 0xc2 && byte[0] < 0xe0)
		length = 2;
	else if (byte[0] >= 0xe0 && byte[0] < 0xf0)
		length = 3;
	else if (byte[0] >= 0xf0 && byte[0] < 0xf5)
		length = 4;
	else
		return 0;
	*code = byte[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80) /* the NUL at the end too */
			return 0;
		*code = *code << 6 | (byte[i] & 0x3fu);
	}
	if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return length;
}

static bool control(uint32_t code)
{
	/* C0, DEL and C1; and the marks that turn the direction of a line round. */
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

static size_t escape(const char *from, size_t length, char *to, size_t room)
{
	static const char digit[] = "0123456789abcdef";
	size_t used = 0;

	if (room < 4 * length)
		return 0;
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)from[i];

		to[used++] = '\\';
		to[used++] = 'x';
		to[used++] = digit[byte >> 4];
		to[used++] = digit[byte & 15];
	}
	return used;
}

void ui_printable(const char *text, char *to, size_t size)
{
	size_t used = 0;

	while (*text) {
		uint32_t code = 0;
		size_t length = character(text, &code);
		size_t wrote;

		if (length == 0 || control(code)) {
			length = length ? length : 1;
			wrote = escape(text, length, to + used, size - 1 - used);
		} else {
			wrote = length <= size - 1 - used ? length : 0;
			memcpy(to + used, text, wrote);
		}
		if (wrote == 0)
			break;
		used += wrote;
		text += length;
	}
	to[used] = 0;
}

void ui_well_formed(const char *text, char *to, size_t size)
{
	size_t used = 0;

	while (*text) {
		uint32_t code = 0;
		size_t length = character(text, &code);
		const char *from = length ? text : "\xef\xbf\xbd";
		size_t wide = length ? length : 3;

		if (wide > size - 1 - used)
			break;
		memcpy(to + used, from, wide);
		used += wide;
		text += length ? length : 1;
	}
	to[used] = 0;
}
