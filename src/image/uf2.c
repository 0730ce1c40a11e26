/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UF2 files (Microsoft's UF2 specification): blocks of 512 bytes, each with its own address. */
#include "h7gang/image/image.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "dfu.h"

enum {
	UF2_BLOCK = 512,
	UF2_HEAD = 32,
	UF2_DATA = 476,
	UF2_BLOCKS_MAX = IMAGE_FILE_MAX / UF2_BLOCK,
	UF2_NOT_FLASH = 0x1, /* flags */
	UF2_CONTAINER = 0x1000,
	UF2_HAS_FAMILY = 0x2000
};

#define UF2_FIRST UINT32_C(0x0A324655)
#define UF2_SECOND UINT32_C(0x9E5D5157)
#define UF2_LAST UINT32_C(0x0AB16F30)
#define UF2_STM32H7 UINT32_C(0x6db66082)

/* Other families, by uf2families.json of the specification, for messages. */
static const struct {
	uint32_t id;
	const char *name;
} uf2_families[] = {
	{0x647824b6, "STM32F0"},     {0x5ee21072, "STM32F1"},  {0x5d1a0a2e, "STM32F2"},
	{0x6b846188, "STM32F3"},     {0x57755a57, "STM32F4"},  {0x6d0922fa, "STM32F407"},
	{0x8fb060fe, "STM32F407VG"}, {0x53b80f00, "STM32F7"},  {0x300f5633, "STM32G0"},
	{0x4c71240a, "STM32G4"},     {0x4e8f1c5d, "STM32H5"},  {0x202e3a91, "STM32L0"},
	{0x1e1f432d, "STM32L1"},     {0x00ff6919, "STM32L4"},  {0x04240bdf, "STM32L5"},
	{0x70d16653, "STM32WB"},     {0x21460ff0, "STM32WL"},  {0xe48bff56, "RP2040"},
	{0xe48bff59, "RP2350"},      {0x68ed2b88, "SAMD21"},   {0x55114460, "SAMD51"},
	{0xada52840, "nRF52840"},    {0xbfdd4eee, "ESP32-S2"}, {0xc47e5767, "ESP32-S3"},
};

struct uf2 {
	const uint8_t *bytes;
	size_t blocks;  /* in the file */
	uint32_t count; /* that the blocks announce; 0: no block yet */
	bool *seen;     /* by number */
	bool some_without_family;
	struct image_build build;
};

static bool uf2_family_ok(struct uf2 *file, size_t at, uint32_t flags, uint32_t family,
			  struct image_error *error)
{
	const char *name = "unknown";

	if (!(flags & UF2_HAS_FAMILY)) {
		file->some_without_family = true;
		return true;
	}
	if (family == UF2_STM32H7)
		return true;
	for (size_t i = 0; i < sizeof(uf2_families) / sizeof(uf2_families[0]); i++)
		if (uf2_families[i].id == family)
			name = uf2_families[i].name;
	return image_fail(error, IMAGE_BAD_CONTENT, 0,
			  "block %zu is for family 0x%08" PRIx32 " (%s), not for STM32H7 "
			  "(0x%08" PRIx32 "); use the file for this board",
			  at, family, name, UF2_STM32H7);
}

/* Blocks are numbered from 0, and each says how many there are. */
static bool uf2_number_ok(struct uf2 *file, size_t at, uint32_t number, uint32_t count,
			  struct image_error *error)
{
	if (file->count == 0 && count > 0 && count <= UF2_BLOCKS_MAX) {
		file->count = count;
		file->seen = calloc(count, sizeof(*file->seen));
		if (file->seen == NULL)
			return image_fail(error, IMAGE_BAD_FILE, 0, "not enough memory");
	}
	if (count == 0 || count != file->count || number >= count) {
		if (file->count == 0)
			return image_fail(error, IMAGE_BAD_CONTENT, 0,
					  "announces %" PRIu32
					  " blocks and has %zu: the file is damaged; copy it again",
					  count, file->blocks);
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "block %zu says it is number %" PRIu32 " of %" PRIu32
				  ", the first one announces %" PRIu32
				  " blocks; several UF2 files in one are not read",
				  at, number, count, file->count);
	}
	if (file->seen[number])
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "block number %" PRIu32 " is repeated", number);
	file->seen[number] = true;
	return true;
}

static bool uf2_block(struct uf2 *file, size_t at, struct image_error *error)
{
	const uint8_t *block = file->bytes + at * UF2_BLOCK;
	uint32_t flags = dfu_le32(block + 8), size = dfu_le32(block + 16);

	if (dfu_le32(block) != UF2_FIRST || dfu_le32(block + 4) != UF2_SECOND ||
	    dfu_le32(block + UF2_BLOCK - 4) != UF2_LAST)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "block %zu is no UF2 block: the file is damaged; copy it again",
				  at);
	/* A file for several families numbers the blocks of each from 0. */
	if (!(flags & UF2_NOT_FLASH) &&
	    !uf2_family_ok(file, at, flags, dfu_le32(block + 28), error))
		return false;
	if (!uf2_number_ok(file, at, dfu_le32(block + 20), dfu_le32(block + 24), error))
		return false;
	if (flags & UF2_NOT_FLASH) /* a note to another program */
		return true;
	if (flags & UF2_CONTAINER)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "block %zu belongs to a file of a file container, not to flash; "
				  "use the file for the bootloader",
				  at);
	if (size == 0 || size > UF2_DATA)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "block %zu announces %" PRIu32 " bytes, a block holds 1 to %d",
				  at, size, UF2_DATA);
	file->build.item = (uint32_t)at;
	return image_build_add(&file->build, dfu_le32(block + 12), block + UF2_HEAD, size, 0,
			       error);
}

static bool uf2_complete(const struct uf2 *file, struct image_error *error)
{
	for (uint32_t i = 0; i < file->count; i++)
		if (!file->seen[i])
			return image_fail(
				error, IMAGE_BAD_CONTENT, 0,
				"block number %" PRIu32 " of %" PRIu32
				" is missing, the file has %zu: it is cut off or damaged; "
				"copy it again",
				i, file->count, file->blocks);
	return true;
}

bool image_parse_uf2(const uint8_t *bytes, size_t length, struct image *image,
		     struct image_error *error)
{
	struct uf2 file = {
		.bytes = bytes, .blocks = length / UF2_BLOCK, .build = {.noun = "block"}};
	bool ok = true;

	*image = (struct image){0};
	if (length == 0 || length % UF2_BLOCK != 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "its length of %zu bytes is no multiple of 512: the file is cut "
				  "off; copy it again",
				  length);
	for (size_t i = 0; ok && i < file.blocks; i++)
		ok = uf2_block(&file, i, error);
	ok = ok && uf2_complete(&file, error) && image_build_finish(&file.build, image, error);
	if (ok && file.some_without_family)
		image->warning = "the UF2 file does not say which family it is for";
	image_build_free(&file.build);
	free(file.seen);
	return ok;
}
