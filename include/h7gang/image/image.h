/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware files, read into one sparse map and laid out as the flash of a part. */
#ifndef H7GANG_IMAGE_IMAGE_H
#define H7GANG_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h7gang/base/sha256.h"
#include "h7gang/stm32/part.h"

#define IMAGE_FILE_MAX (64u << 20) /* a firmware file larger than this is refused */
#define IMAGE_WHY_SIZE 256

/* One run of bytes. */
struct image_segment {
	uint32_t address;
	uint32_t length;
	uint32_t line;  /* of the file it came from; 0: binary */
	uint8_t *bytes; /* owned by the image */
};

/* Segments in ascending order, not overlapping, adjacent ones joined. */
struct image {
	size_t count;
	struct image_segment *segment;
};

enum image_format { IMAGE_AUTO, IMAGE_RAW, IMAGE_IHEX, IMAGE_SREC, IMAGE_ELF, IMAGE_DFUSE };

struct image_error {
	uint32_t line; /* of the firmware file, or 0 */
	char why[IMAGE_WHY_SIZE];
};

/* Reads `path`. `address` counts for raw files only and must be given (has_address) for those;
 * for other formats a given address is an error. `sha256` (hex, may be NULL) must match the file's
 * bytes. The file's own hash is written to `file_sha256`. True on success; free with image_free. */
bool image_read(const char *path, enum image_format format, bool has_address, uint32_t address,
                const char *sha256, struct image *image, char file_sha256[SHA256_HEX_SIZE],
                struct image_error *error);

/* Parsers over memory, for image_read and the fuzzers. Adds to `image`. */
bool image_parse_ihex(const uint8_t *text, size_t length, struct image *image,
                      struct image_error *error);

void image_free(struct image *image);

/* The flash of one part as it shall be. Built once and then only read. */
struct image_flash {
	const struct stm32_part *part;
	uint32_t length;      /* stm32_part_bytes */
	uint8_t *bytes;       /* bank 1 then bank 2; 0xFF where the image says nothing; owned */
	bool touched[STM32_SECTORS_MAX]; /* sectors that hold at least one byte of the image */
	uint32_t used;        /* bytes the image states */
	uint32_t lowest, highest; /* first and last address stated */
	char sha256[SHA256_HEX_SIZE]; /* of all `length` bytes */
};

/* Starts an empty flash for `part`. False: no memory. */
bool image_flash_init(struct image_flash *flash, const struct stm32_part *part);

/* Lays `image` over it. Refuses addresses outside the part, bytes stated before (overlap, also
 * between files) and empty images, naming address and, where known, line. */
bool image_flash_add(struct image_flash *flash, const struct image *image,
                     struct image_error *error);

/* Computes sha256. After it the flash is not changed any more. */
bool image_flash_seal(struct image_flash *flash);

void image_flash_free(struct image_flash *flash);

#endif
