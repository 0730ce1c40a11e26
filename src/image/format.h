/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats of firmware files: one row each. */
#ifndef IMAGE_FORMAT_H
#define IMAGE_FORMAT_H

#include "h7gang/image/image.h"

#define FORMAT_ENDINGS_MAX 16

struct format {
	const char *name;                        /* as in a profile */
	bool needs_address;                      /* the file has none of its own */
	char first;                              /* first character of a text format; 0: binary */
	const char *endings[FORMAT_ENDINGS_MAX]; /* file endings of this format, with the dot */
	/* Whether the bytes are a file of this format. NULL: never by content. */
	bool (*detect)(const uint8_t *bytes, size_t length);
	bool (*parse)(const uint8_t *bytes, size_t length, const struct image_ask *ask,
		      struct image *image, struct image_error *error);
};

/* Never NULL for a format below IMAGE_FORMATS. */
const struct format *format_of(enum image_format format);

/* The format that the ending of a file's name promises. NULL: none. */
const struct format *format_by_ending(const char *path);

enum image_format format_number(const struct format *format);

/* The first character of a text that is not blank; 0: there is none. */
char format_first_character(const uint8_t *bytes, size_t length);

/* Whether a first record of Intel HEX, or of S-records, stands there. */
bool format_is_ihex(const uint8_t *bytes, size_t length);
bool format_is_srec(const uint8_t *bytes, size_t length);

#endif
