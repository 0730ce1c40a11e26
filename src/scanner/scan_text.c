/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scan_text.h"

void scan_text_add_byte(struct scan_text *text, unsigned byte)
{
	if (text->used + 1 < sizeof(text->bytes))
		text->bytes[text->used++] = (char)byte;
	else
		text->spoilt = true;
}

void scan_text_add(struct scan_text *text, uint32_t c)
{
	if (c == 0)
		c = 0x7f;
	if (c < 0x80) {
		scan_text_add_byte(text, c);
	} else if (c < 0x800) {
		scan_text_add_byte(text, 0xc0 | c >> 6);
		scan_text_add_byte(text, 0x80 | (c & 0x3f));
	} else {
		scan_text_add_byte(text, 0xe0 | c >> 12);
		scan_text_add_byte(text, 0x80 | (c >> 6 & 0x3f));
		scan_text_add_byte(text, 0x80 | (c & 0x3f));
	}
}

bool scan_text_ends(const struct scan_text *text)
{
	return text->used && text->bytes[text->used - 1] == '\t';
}

bool scan_text_end(struct scan_text *text)
{
	bool good = !text->spoilt;

	while (scan_text_ends(text))
		text->used--;
	text->bytes[text->used] = 0;
	good = good && text->used > 0;
	text->used = 0;
	return good;
}
