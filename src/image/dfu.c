/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dfu.h"

#include <inttypes.h>

#include "build.h"

/* DFU 1.0 and 1.1; DfuSe tools write 0x011A, also before plain bytes. */
static const uint16_t dfu_versions[] = {0x0100, 0x0110, 0x011A, 0};

uint32_t dfu_le32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

bool dfu_suffix_find(const uint8_t *bytes, size_t length, struct dfu_suffix *suffix)
{
	const uint8_t *at;

	if (length < DFU_SUFFIX_MIN)
		return false;
	at = bytes + length - DFU_SUFFIX_MIN;
	/* The suffix is written back to front: the signature reads "UFD". */
	if (at[8] != 'U' || at[9] != 'F' || at[10] != 'D')
		return false;
	suffix->pid = (uint16_t)(at[2] | at[3] << 8);
	suffix->vid = (uint16_t)(at[4] | at[5] << 8);
	suffix->version = (uint16_t)(at[6] | at[7] << 8);
	suffix->length = at[11];
	suffix->crc = dfu_le32(at + 12);
	return suffix->length >= DFU_SUFFIX_MIN && suffix->length <= length;
}

/* CRC-32 of IEEE 802.3 as DFU 1.1 uses it: without the final complement. A nibble a step: the
 * largest file takes a fraction of a second. */
static uint32_t dfu_crc(const uint8_t *bytes, size_t length)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
		0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
		0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
	};
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

bool dfu_suffix_check(const uint8_t *bytes, size_t length, const uint16_t *versions,
		      struct dfu_suffix *suffix, struct image_error *error)
{
	uint32_t crc;

	if (!dfu_suffix_find(bytes, length, suffix))
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "no DFU suffix at its end");
	crc = dfu_crc(bytes, length - 4);
	if (crc != suffix->crc)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "bad CRC in the DFU suffix: 0x%08" PRIX32
				  ", should be 0x%08" PRIX32,
				  suffix->crc, crc);
	for (const uint16_t *version = versions; *version != 0; version++)
		if (suffix->version == *version)
			return true;
	return image_fail(error, IMAGE_BAD_CONTENT, 0,
			  "the DFU suffix says version 0x%04X, not 0x%04X", suffix->version,
			  versions[0]);
}

bool image_parse_raw(const uint8_t *bytes, size_t length, uint32_t address, struct image *image,
		     struct image_error *error)
{
	struct image_build build = {0};
	bool ok;

	*image = (struct image){0};
	ok = image_build_add(&build, address, bytes, length, 0, error) &&
	     image_build_finish(&build, image, error);
	image_build_free(&build);
	return ok;
}

bool image_parse_dfu(const uint8_t *bytes, size_t length, uint32_t address, struct image *image,
		     struct image_error *error)
{
	struct dfu_suffix suffix;

	*image = (struct image){0};
	if (!dfu_suffix_check(bytes, length, dfu_versions, &suffix, error) ||
	    !image_parse_raw(bytes, length - suffix.length, address, image, error))
		return false;
	image->has_ids = true;
	image->vid = suffix.vid;
	image->pid = suffix.pid;
	return true;
}
