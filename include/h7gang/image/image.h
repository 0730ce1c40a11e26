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
#define IMAGE_WHY_SIZE 400

/* One run of bytes. */
struct image_segment {
	uint32_t address;
	uint32_t length;
	uint32_t line;  /* of the file its first byte came from; 0: binary */
	uint8_t *bytes; /* owned by the image */
};

/* Which line of a text file states the bytes from `address` on. */
struct image_mark {
	uint32_t address;
	uint32_t line;
};

/* IMAGE_DFU is a raw file with a DFU suffix. Names: auto raw ihex srec elf dfuse dfu uf2. */
enum image_format {
	IMAGE_AUTO,
	IMAGE_RAW,
	IMAGE_IHEX,
	IMAGE_SREC,
	IMAGE_ELF,
	IMAGE_DFUSE,
	IMAGE_DFU,
	IMAGE_UF2,
	IMAGE_FORMATS
};

/* Segments in ascending order, not overlapping, adjacent ones joined. */
struct image {
	enum image_format format; /* that the file was read as */
	size_t count;
	struct image_segment *segment;
	uint8_t *store; /* the segments point into it; owned */
	size_t marks;   /* ascending by address; none for binary files */
	struct image_mark *mark;
	bool has_ids; /* the DFU suffix names a device (DFU 1.1 appendix B); 0xFFFF: any */
	uint16_t vid, pid;
	uint32_t repeated;    /* bytes that the file states again, with equal values */
	uint32_t repeated_at; /* address of the first of them */
	const char *warning;  /* of the file, for the user; static; NULL: none */
};

/* The name a profile uses. NULL for IMAGE_FORMATS and above. */
const char *image_format_name(enum image_format format);

/* The format of these bytes; never IMAGE_AUTO. Bytes of no known format are raw. */
enum image_format image_detect(const uint8_t *bytes, size_t length);

/* The kind of a file that is no firmware, such as "a zip archive", and the advice for it ("Unpack
 * it."). False: not known. `raw_ok`: the bytes may be data for flash, so format: raw is worth a
 * hint. `line`: where a HEX or S-record begins behind other lines, else 0. */
struct image_foreign {
	const char *kind, *advice;
	bool raw_ok;
	uint32_t line;
};
bool image_foreign(const uint8_t *bytes, size_t length, struct image_foreign *foreign);

enum image_fault {
	IMAGE_BAD_FILE,    /* cannot be read, too large, no memory */
	IMAGE_BAD_CONTENT, /* malformed; `line` says where in text files */
	IMAGE_NO_ADDRESS,  /* a raw file without an address */
	IMAGE_HAS_ADDRESS, /* an address for a file that has its own */
	IMAGE_NO_ALTERNATE /* an alternate setting for a file that has none */
};

#define IMAGE_ANY_ALTERNATE (-1)

/* How a file is to be read. */
struct image_ask {
	enum image_format format;
	bool has_address; /* raw files (IMAGE_RAW, IMAGE_DFU) need one, no other may have one */
	uint32_t address;
	int alternate; /* DfuSe: take the targets for this alternate setting, 0..255; or
			  IMAGE_ANY_ALTERNATE: all must be for setting 0 */
};

struct image_error {
	enum image_fault fault;
	uint32_t line;    /* of the firmware file, or 0 */
	unsigned earlier; /* image_flash_add: which earlier image (from 1) states the byte; else 0
			   */
	char why[IMAGE_WHY_SIZE];
};

/* Reads a whole regular file of at most `limit` bytes; never waits (a FIFO is refused). A file that
 * another program writes meanwhile is refused. The buffer is the caller's to free, and not NULL
 * even if the file is empty. `advice`: what to do with a larger file. */
bool image_file_bytes(const char *path, size_t limit, const char *advice, uint8_t **bytes,
		      size_t *length, struct image_error *error);

/* Reads `path`. `sha256` (hex, may be NULL) must match the file's bytes. The file's own hash is
 * written to `file_sha256` as soon as the file could be read, also when its content is then
 * refused; before that it is "". True on success; free with image_free. */
bool image_read(const char *path, const struct image_ask *ask, const char *sha256,
		struct image *image, char file_sha256[SHA256_HEX_SIZE], struct image_error *error);

/* Parsers over memory, for image_read and the fuzzers. Each fills `image`, which holds nothing
 * before and nothing after a failure. */
bool image_parse_ihex(const uint8_t *text, size_t length, struct image *image,
		      struct image_error *error);
bool image_parse_srec(const uint8_t *text, size_t length, struct image *image,
		      struct image_error *error);
bool image_parse_elf(const uint8_t *bytes, size_t length, struct image *image,
		     struct image_error *error);
/* `alternate`: as in struct image_ask. */
bool image_parse_dfuse(const uint8_t *bytes, size_t length, int alternate, struct image *image,
		       struct image_error *error);
bool image_parse_uf2(const uint8_t *bytes, size_t length, struct image *image,
		     struct image_error *error);
bool image_parse_dfu(const uint8_t *bytes, size_t length, uint32_t address, struct image *image,
		     struct image_error *error);
bool image_parse_raw(const uint8_t *bytes, size_t length, uint32_t address, struct image *image,
		     struct image_error *error);

/* Keeps the bytes from `first` to `last` (both included). False, and the image unchanged, if there
 * are none. */
bool image_crop(struct image *image, uint32_t first, uint32_t last, struct image_error *error);

/* Adds `offset` to every address. False, and the image unchanged, if one would leave 32 bits. */
bool image_move(struct image *image, int64_t offset, struct image_error *error);

/* The line that states the byte at `address`; 0 where there is none. */
uint32_t image_line(const struct image *image, uint32_t address);

/* Bytes it states, and the first and last address (0 if it states nothing). */
uint32_t image_used(const struct image *image);
uint32_t image_lowest(const struct image *image);
uint32_t image_highest(const struct image *image);

void image_free(struct image *image);

/* A run of bytes that one image states, in "bank 1 then bank 2" order; no run crosses a bank. */
struct image_range {
	uint32_t offset, length;
	unsigned image; /* from 1, in the order of image_flash_add */
};

/* The flash of one part as it shall be. Built once and then only read. */
struct image_flash {
	const struct stm32_part *part;
	uint32_t length; /* stm32_part_bytes */
	uint8_t *bytes;  /* bank 1 then bank 2; 0xFF where the image says nothing; owned */
	bool touched[STM32_SECTORS_MAX]; /* sectors that hold at least one byte of the image */
	uint32_t sector_used[STM32_SECTORS_MAX]; /* bytes the image states there */
	uint32_t used;                           /* bytes the image states */
	uint32_t lowest, highest;                /* first and last address stated */
	char sha256[SHA256_HEX_SIZE];            /* of all `length` bytes */
	size_t ranges;             /* once sealed: the ranges that images state, ascending */
	struct image_range *range; /* owned */
	/* private to the image room, gone once sealed: */
	uint8_t *owner; /* for each byte the number of the image that states it, from 1 */
	unsigned added;
};

/* Starts an empty flash for `part`. False: no memory. */
bool image_flash_init(struct image_flash *flash, const struct stm32_part *part);

/* Lays `image` over it. Refuses addresses outside the part, bytes stated before (overlap, also
 * between files) and empty images, naming address and, where known, line; nothing of a refused
 * image is laid. At most 255 images. */
bool image_flash_add(struct image_flash *flash, const struct image *image,
		     struct image_error *error);

/* Computes sha256 and the ranges. After it the flash is not changed any more. False: no memory. */
bool image_flash_seal(struct image_flash *flash);

/* Whether an image states the byte at `address`. Once sealed. */
bool image_flash_states(const struct image_flash *flash, uint32_t address);

void image_flash_free(struct image_flash *flash);

#endif
