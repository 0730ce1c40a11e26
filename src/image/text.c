/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <string.h>

#include "build.h"

#define CTRL_Z 0x1A

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct image_text image_text_begin(const uint8_t *text, size_t length)
{
	struct image_text lines = {.next = text, .end = text + length};

	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		lines.next += 3;
	while (lines.end > lines.next && (lines.end[-1] == '\0' || lines.end[-1] == CTRL_Z))
		lines.end--;
	return lines;
}

bool image_text_next(struct image_text *text)
{
	while (text->next < text->end) {
		const uint8_t *at = text->next, *stop = at;

		while (stop < text->end && *stop != '\n' && *stop != '\r')
			stop++;
		text->next = stop;
		if (text->next < text->end && *text->next == '\r')
			text->next++;
		if (text->next < text->end && *text->next == '\n')
			text->next++;
		while (stop > at && is_blank(stop[-1]))
			stop--;
		while (at < stop && is_blank(*at))
			at++;
		text->line++;
		if (stop == at)
			continue;
		text->at = at;
		text->length = (size_t)(stop - at);
		return true;
	}
	return false;
}

int image_text_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool image_text_hex(const struct image_text *text, size_t from, uint8_t bytes[IMAGE_RECORD_MAX],
		    size_t *count, struct image_error *error)
{
	size_t digits = text->length - from;

	if (digits > 2 * IMAGE_RECORD_MAX)
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "record too long: %zu digits", digits);
	for (size_t i = 0; i < digits; i++) {
		int digit = image_text_digit(text->at[from + i]);

		if (digit < 0)
			return image_fail(error, IMAGE_BAD_CONTENT, text->line,
					  "column %zu is not a hex digit", from + i + 1);
		if (i % 2 == 0)
			bytes[i / 2] = (uint8_t)(digit << 4);
		else
			bytes[i / 2] |= (uint8_t)digit;
	}
	if (digits % 2 != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "record cut off: an odd number of hex digits");
	*count = digits / 2;
	return true;
}
