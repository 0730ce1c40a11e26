/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of hex records, as Intel HEX and S-record share them. */
#ifndef IMAGE_TEXT_H
#define IMAGE_TEXT_H

#include "h7gang/image/image.h"

#define IMAGE_RECORD_MAX 260 /* bytes: Intel HEX, 255 of data and five around them */

struct image_text {
	const uint8_t *next, *end;
	const uint8_t *at; /* the line, without its end and blanks around it */
	size_t length;
	uint32_t line; /* its number, from 1 */
};

/* Starts at `text`, behind a byte-order mark; NULs and Ctrl-Z at its end, which MS-DOS tools and
 * EPROM programmers leave there, are no text. */
struct image_text image_text_begin(const uint8_t *text, size_t length);

/* The next line that is not blank, without blanks before it. False at the end. LF, CRLF and CR end
 * lines. */
bool image_text_next(struct image_text *text);

/* Decodes the hex digits of the line from `from` on, at most IMAGE_RECORD_MAX bytes. */
bool image_text_hex(const struct image_text *text, size_t from, uint8_t bytes[IMAGE_RECORD_MAX],
		    size_t *count, struct image_error *error);

/* 0 to 15, or -1. */
int image_text_digit(uint8_t c);

#endif
