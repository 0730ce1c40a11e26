/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives bytes a DFU suffix with the right CRC, since no mutation would ever guess one. */
#ifndef FUZZ_SUFFIX_H
#define FUZZ_SUFFIX_H

#include "fuzz_image.h"

#define FUZZ_SUFFIX 16u

static inline uint8_t *fuzz_suffixed(const uint8_t *data, size_t size, uint8_t version)
{
	const uint8_t tail[12] = {0, 2, 0x11, 0xdf, 0x83, 0x04, version, 1, 'U', 'F', 'D', 16};
	uint8_t *bytes = malloc(size + FUZZ_SUFFIX);
	uint32_t crc = 0xFFFFFFFF;

	FUZZ_REQUIRE(bytes != NULL);
	if (size > 0)
		memcpy(bytes, data, size);
	memcpy(bytes + size, tail, sizeof(tail));
	for (size_t i = 0; i < size + sizeof(tail); i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
	}
	for (unsigned i = 0; i < 4; i++)
		bytes[size + sizeof(tail) + i] = (uint8_t)(crc >> 8 * i);
	return bytes;
}

#endif
