/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "format.h"

#include <string.h>
#include <strings.h>

#include "dfu.h"
#include "text.h"

/* `count` hex digits from `at` on. */
static bool hex_at(const uint8_t *bytes, size_t length, size_t at, size_t count)
{
	if (length < at + count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (image_text_digit(bytes[at + i]) < 0)
			return false;
	return true;
}

/* Enough of a first record that no vector table looks like it: a stack pointer is a multiple of 4,
 * ':' is not. */
bool format_is_ihex(const uint8_t *bytes, size_t length)
{
	return length >= 1 && bytes[0] == ':' && hex_at(bytes, length, 1, 8);
}

bool format_is_srec(const uint8_t *bytes, size_t length)
{
	return length >= 2 && bytes[0] == 'S' && hex_at(bytes, length, 1, 7);
}

static bool detect_ihex(const uint8_t *bytes, size_t length)
{
	struct image_text text = image_text_begin(bytes, length);

	return image_text_next(&text) && format_is_ihex(text.at, text.length);
}

static bool detect_srec(const uint8_t *bytes, size_t length)
{
	struct image_text text = image_text_begin(bytes, length);

	return image_text_next(&text) && format_is_srec(text.at, text.length);
}

static bool detect_elf(const uint8_t *bytes, size_t length)
{
	return length >= 4 && memcmp(bytes, "\177ELF", 4) == 0;
}

static bool detect_dfuse(const uint8_t *bytes, size_t length)
{
	return length >= 5 && memcmp(bytes, "DfuSe", 5) == 0;
}

static bool detect_uf2(const uint8_t *bytes, size_t length)
{
	return length >= 8 && memcmp(bytes, "UF2\n\x57\x51\x5D\x9E", 8) == 0;
}

static bool detect_dfu(const uint8_t *bytes, size_t length)
{
	struct dfu_suffix suffix;

	return dfu_suffix_find(bytes, length, &suffix);
}

static bool parse_raw(const uint8_t *bytes, size_t length, const struct image_ask *ask,
		      struct image *image, struct image_error *error)
{
	return image_parse_raw(bytes, length, ask->address, image, error);
}

static bool parse_dfu(const uint8_t *bytes, size_t length, const struct image_ask *ask,
		      struct image *image, struct image_error *error)
{
	return image_parse_dfu(bytes, length, ask->address, image, error);
}

static bool parse_dfuse(const uint8_t *bytes, size_t length, const struct image_ask *ask,
			struct image *image, struct image_error *error)
{
	return image_parse_dfuse(bytes, length, ask->alternate, image, error);
}

#define PARSER(name)                                                                               \
	static bool parse_##name(const uint8_t *bytes, size_t length, const struct image_ask *ask, \
				 struct image *image, struct image_error *error)                   \
	{                                                                                          \
		(void)ask;                                                                         \
		return image_parse_##name(bytes, length, image, error);                            \
	}
PARSER(ihex)
PARSER(srec)
PARSER(elf)
PARSER(uf2)

static const struct format formats[] = {
	[IMAGE_AUTO] = {.name = "auto"},
	[IMAGE_RAW] = {.name = "raw", .needs_address = true, .parse = parse_raw},
	[IMAGE_IHEX] = {.name = "ihex",
			.first = ':',
			.endings = {".hex", ".ihex", ".ihx", ".h86"},
			.detect = detect_ihex,
			.parse = parse_ihex},
	[IMAGE_SREC] = {.name = "srec",
			.first = 'S',
			.endings = {".srec", ".s19", ".s28", ".s37", ".s1", ".s2", ".s3", ".sx",
				    ".mot", ".mhx", ".sre"},
			.detect = detect_srec,
			.parse = parse_srec},
	[IMAGE_ELF] = {.name = "elf",
		       .endings = {".elf", ".axf", ".out"},
		       .detect = detect_elf,
		       .parse = parse_elf},
	[IMAGE_DFUSE] = {.name = "dfuse",
			 .endings = {".dfu"},
			 .detect = detect_dfuse,
			 .parse = parse_dfuse},
	[IMAGE_DFU] = {.name = "dfu",
		       .needs_address = true,
		       .detect = detect_dfu,
		       .parse = parse_dfu},
	[IMAGE_UF2] = {.name = "uf2",
		       .endings = {".uf2"},
		       .detect = detect_uf2,
		       .parse = parse_uf2},
};
_Static_assert(sizeof(formats) / sizeof(formats[0]) == IMAGE_FORMATS, "a row for each format");

enum image_format format_number(const struct format *format)
{
	return (enum image_format)(format - formats);
}

char format_first_character(const uint8_t *bytes, size_t length)
{
	struct image_text text = image_text_begin(bytes, length);

	return image_text_next(&text) ? (char)*text.at : '\0';
}

const struct format *format_of(enum image_format format)
{
	return &formats[format];
}

const char *image_format_name(enum image_format format)
{
	return format < IMAGE_FORMATS ? formats[format].name : NULL;
}

const struct format *format_by_ending(const char *path)
{
	const char *ending = strrchr(path, '.');

	for (size_t f = 0; ending != NULL && f < IMAGE_FORMATS; f++)
		for (size_t e = 0; e < FORMAT_ENDINGS_MAX && formats[f].endings[e] != NULL; e++)
			if (strcasecmp(ending, formats[f].endings[e]) == 0)
				return &formats[f];
	return NULL;
}

enum image_format image_detect(const uint8_t *bytes, size_t length)
{
	/* A DFU suffix stands at the end; the beginning of a file decides first. */
	static const enum image_format order[] = {IMAGE_ELF,  IMAGE_DFUSE, IMAGE_UF2,
						  IMAGE_IHEX, IMAGE_SREC,  IMAGE_DFU};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (formats[order[i]].detect(bytes, length))
			return order[i];
	return IMAGE_RAW;
}
