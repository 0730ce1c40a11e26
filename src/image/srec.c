/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Motorola S-records (M68000 Family Programmer's Reference Manual, appendix C; S6 as srecord and
 * binutils write it). */
#include "h7gang/image/image.h"

#include <inttypes.h>

#include "build.h"
#include "text.h"

/* Bytes of the address field by type; 0: there is no such record. */
static const unsigned srec_address_bytes[10] = {2, 2, 3, 4, 0, 2, 3, 4, 3, 2};

struct srec {
	struct image_text text;
	struct image_build build;
	uint32_t records; /* of data */
	unsigned type;    /* of the last one; 0: none yet */
	uint32_t line;    /* of the last one */
	bool counted;     /* the last record was a right count */
	bool ended;
};

struct srec_record {
	uint8_t bytes[IMAGE_RECORD_MAX];
	unsigned type;
	uint32_t address;
	const uint8_t *data;
	size_t length; /* of data */
};

static bool srec_split(const struct image_text *text, struct srec_record *record,
		       struct image_error *error)
{
	unsigned width;
	uint8_t sum = 0;
	size_t count = 0;

	if (text->length < 2 || text->at[0] != 'S' || text->at[1] < '0' || text->at[1] > '9')
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "an S-record begins with S0 to S9");
	record->type = (unsigned)(text->at[1] - '0');
	width = srec_address_bytes[record->type];
	if (width == 0)
		return image_fail(error, IMAGE_BAD_CONTENT, text->line, "unknown record type S%u",
				  record->type);
	if (!image_text_hex(text, 2, record->bytes, &count, error))
		return false;
	if (count < width + 2)
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "record too short: %zu bytes of at least %u", count, width + 2);
	if (count != record->bytes[0] + 1u)
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "record too %s: it announces %u bytes and has %zu",
				  count < record->bytes[0] + 1u ? "short" : "long",
				  record->bytes[0], count - 1);
	for (size_t i = 0; i + 1 < count; i++)
		sum = (uint8_t)(sum + record->bytes[i]);
	sum = (uint8_t)~sum;
	if (sum != record->bytes[count - 1])
		return image_fail(error, IMAGE_BAD_CONTENT, text->line,
				  "bad checksum: 0x%02X, should be 0x%02X",
				  record->bytes[count - 1], sum);
	record->address = 0;
	for (unsigned i = 0; i < width; i++)
		record->address = record->address << 8 | record->bytes[1 + i];
	record->data = record->bytes + 1 + width;
	record->length = count - width - 2;
	return true;
}

/* The checksum does not cover the type, and a damaged one moves the data. objcopy and compilers
 * give all data records one width of address; srec_cat writes them in ascending order, each with
 * the least width that its address and -address-length ask for. */
static bool srec_width(struct srec *srec, const struct srec_record *record,
		       struct image_error *error)
{
	const unsigned last = srec->type;
	uint64_t end = record->address + (uint64_t)record->length;
	bool good = last == 0 || record->type == last ||
		    (record->type > last && end > UINT64_C(1) << 8 * srec_address_bytes[last]);

	if (!good)
		return image_fail(
			error, IMAGE_BAD_CONTENT, srec->text.line,
			"a data record S%u after S%u in line %" PRIu32
			", which no tool writes: the type of one of them is damaged; copy "
			"or build the file again, or join files with srec_cat",
			record->type, last, srec->line);
	srec->type = record->type;
	srec->line = srec->text.line;
	return true;
}

static bool srec_record(struct srec *srec, const struct srec_record *record,
			struct image_error *error)
{
	uint32_t line = srec->text.line;

	if (record->type >= 5 && record->length != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, line, "an S%u record has no data",
				  record->type);
	switch (record->type) {
	case 0:
		/* A header is text for people. The checksum does not cover the type: a header at a
		 * wrong place is a data record with a damaged type. */
		if (srec->records != 0 || record->address != 0)
			return image_fail(error, IMAGE_BAD_CONTENT, line,
					  "a header record (S0) has the address 0000 and stands "
					  "before all data");
		return true;
	case 5:
	case 6:
		if (record->address != srec->records)
			return image_fail(error, IMAGE_BAD_CONTENT, line,
					  "the count record says %" PRIu32
					  " data records, there are %" PRIu32,
					  record->address, srec->records);
		srec->counted = true;
		return true;
	case 7:
	case 8:
	case 9:
		srec->ended = true;
		return true;
	default:
		srec->records++;
		srec->counted = false;
		return srec_width(srec, record, error) &&
		       image_build_add(&srec->build, record->address, record->data, record->length,
				       line, error);
	}
}

bool image_parse_srec(const uint8_t *text, size_t length, struct image *image,
		      struct image_error *error)
{
	struct srec srec = {.text = image_text_begin(text, length)};
	struct srec_record record = {0};
	bool ok = true;

	*image = (struct image){0};
	while (ok && image_text_next(&srec.text)) {
		if (srec.ended)
			ok = image_fail(error, IMAGE_BAD_CONTENT, srec.text.line,
					"something follows the end record; join files with "
					"srec_cat, or name each in the profile");
		else
			ok = srec_split(&srec.text, &record, error) &&
			     srec_record(&srec, &record, error);
	}
	/* srec_cat ends a file without a start address with the count alone. */
	if (ok && !srec.ended && !srec.counted)
		ok = image_fail(error, IMAGE_BAD_CONTENT, srec.text.line,
				"no end record (S7, S8 or S9): the file is cut off");
	ok = ok && image_build_finish(&srec.build, image, error);
	image_build_free(&srec.build);
	return ok;
}
