/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intel Hexadecimal Object File Format Specification, revision A (1988). */
#include "h7gang/image/image.h"

#include <inttypes.h>

#include "build.h"
#include "text.h"

enum ihex_type {
	IHEX_DATA,
	IHEX_END,
	IHEX_SEGMENT,
	IHEX_SEGMENT_START,
	IHEX_LINEAR,
	IHEX_LINEAR_START
};

enum ihex_mode {
	IHEX_NO_BASE, /* no extended address yet: 64 KiB from 0 */
	IHEX_SEGMENTED,
	IHEX_FLAT
};

struct ihex {
	struct image_text text;
	struct image_build build;
	enum ihex_mode mode;
	uint32_t base;
	bool ended;
};

struct ihex_record {
	uint8_t bytes[IMAGE_RECORD_MAX];
	unsigned length; /* of data */
	unsigned offset;
	const uint8_t *data;
};

/* Takes the line apart and checks length and checksum. */
static bool ihex_split(const struct image_text *text, struct ihex_record *record,
		       struct image_error *error)
{
	size_t count = 0;
	uint8_t sum = 0;

	if (text->at[0] != ':')
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "an Intel HEX record begins with ':'");
	if (!image_text_hex(text, 1, record->bytes, &count, error))
		return false;
	if (count < 5)
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "record too short: %zu bytes of at least 5", count);
	record->length = record->bytes[0];
	record->offset = (unsigned)record->bytes[1] << 8 | record->bytes[2];
	record->data = record->bytes + 4;
	if (count != record->length + 5u)
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "record too %s: it announces %u data bytes and has %zu",
				  count < record->length + 5u ? "short" : "long", record->length,
				  count - 5);
	for (size_t i = 0; i + 1 < count; i++)
		sum = (uint8_t)(sum + record->bytes[i]);
	sum = (uint8_t)(0x100 - sum);
	if (sum != record->bytes[count - 1])
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "bad checksum: 0x%02X, should be 0x%02X",
				  record->bytes[count - 1], sum);
	return true;
}

/* Where the address counter wraps differs: inside the segment with type 02, at 4 GiB with type 04.
 */
static bool ihex_data(struct ihex *hex, const struct ihex_record *record, struct image_error *error)
{
	uint32_t line = hex->text.line, address = hex->base + record->offset;
	uint64_t before_wrap = 0x10000u - record->offset;
	uint32_t wrapped = hex->base;
	size_t first = record->length;

	if (hex->mode == IHEX_FLAT) {
		before_wrap = UINT64_C(0x100000000) - address;
		wrapped = 0;
	}
	if (record->length > before_wrap) {
		if (hex->mode == IHEX_NO_BASE)
			return image_fail(
				error, IMAGE_BAD_CONTENT, line,
				"data runs past 64 KiB without an extended address record");
		first = (size_t)before_wrap;
	}
	return image_build_add(&hex->build, address, record->data, first, line, error) &&
	       image_build_add(&hex->build, wrapped, record->data + first, record->length - first,
			       line, error);
}

static bool ihex_want(const struct ihex *hex, const struct ihex_record *record, unsigned length,
		      bool no_offset, struct image_error *error)
{
	if (record->length != length)
		return image_fail(error, IMAGE_BAD_CONTENT, hex->text.line,
				  "a record of type %02X has %u data bytes, not %u",
				  record->bytes[3], length, record->length);
	if (no_offset && record->offset != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, hex->text.line,
				  "a record of type %02X has the address 0000, not %04X",
				  record->bytes[3], record->offset);
	return true;
}

static bool ihex_record(struct ihex *hex, const struct ihex_record *record,
			struct image_error *error)
{
	uint32_t value = (uint32_t)record->data[0] << 8 | record->data[1];

	switch (record->bytes[3]) {
	case IHEX_DATA:
		return ihex_data(hex, record, error);
	case IHEX_END:
		hex->ended = true;
		return ihex_want(hex, record, 0, false, error);
	case IHEX_SEGMENT:
		hex->mode = IHEX_SEGMENTED;
		hex->base = value << 4;
		return ihex_want(hex, record, 2, true, error);
	case IHEX_LINEAR:
		hex->mode = IHEX_FLAT;
		hex->base = value << 16;
		return ihex_want(hex, record, 2, true, error);
	case IHEX_SEGMENT_START:
	case IHEX_LINEAR_START:
		/* Where a CPU would start; a Cortex-M takes that from its vector table. */
		return ihex_want(hex, record, 4, true, error);
	default:
		return image_fail(error, IMAGE_BAD_CONTENT, hex->text.line,
				  "unknown record type %02X", record->bytes[3]);
	}
}

bool image_parse_ihex(const uint8_t *text, size_t length, struct image *image,
		      struct image_error *error)
{
	struct ihex hex = {.text = image_text_begin(text, length)};
	struct ihex_record record = {0};
	bool ok = true;

	*image = (struct image){0};
	while (ok && image_text_next(&hex.text)) {
		if (hex.ended)
			ok = image_fail(error, IMAGE_BAD_CONTENT, hex.text.line,
					"something follows the end record; join files with "
					"srec_cat, or name each in the profile");
		else
			ok = ihex_split(&hex.text, &record, error) &&
			     ihex_record(&hex, &record, error);
	}
	if (ok && !hex.ended)
		ok = image_fail(error, IMAGE_BAD_CONTENT, hex.text.line,
				"no end record (type 01): the file is cut off");
	ok = ok && image_build_finish(&hex.build, image, error);
	image_build_free(&hex.build);
	return ok;
}
