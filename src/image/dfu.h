/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The suffix of DFU files (DFU 1.1 appendix B). */
#ifndef IMAGE_DFU_H
#define IMAGE_DFU_H

#include "h7gang/image/image.h"

#define DFU_SUFFIX_MIN 16u

struct dfu_suffix {
	uint16_t version; /* bcdDFU */
	uint16_t vid, pid;
	uint8_t length; /* of the suffix itself */
	uint32_t crc;
};

/* Whether the bytes end like a suffix; its CRC is not looked at. */
bool dfu_suffix_find(const uint8_t *bytes, size_t length, struct dfu_suffix *suffix);

/* Finds it and checks CRC and version, which must be one of `versions` (ended by 0). */
bool dfu_suffix_check(const uint8_t *bytes, size_t length, const uint16_t *versions,
		      struct dfu_suffix *suffix, struct image_error *error);

uint32_t dfu_le32(const uint8_t *bytes);

#endif
