/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/image/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "dfu.h"
#include "text.h"

static const char *const format_names[IMAGE_FORMATS] = {
	[IMAGE_AUTO] = "auto", [IMAGE_RAW] = "raw", [IMAGE_IHEX] = "ihex",
	[IMAGE_SREC] = "srec", [IMAGE_ELF] = "elf", [IMAGE_DFUSE] = "dfuse",
	[IMAGE_DFU] = "dfu",
};

const char *image_format_name(enum image_format format)
{
	return format < IMAGE_FORMATS ? format_names[format] : NULL;
}

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

enum image_format image_detect(const uint8_t *bytes, size_t length)
{
	struct dfu_suffix suffix;

	if (length >= 4 && memcmp(bytes, "\177ELF", 4) == 0)
		return IMAGE_ELF;
	if (length >= 5 && memcmp(bytes, "DfuSe", 5) == 0)
		return IMAGE_DFUSE;
	/* Enough of a first record that no vector table looks like it: a stack pointer is a
	 * multiple of 4, ':' is not. */
	if (length >= 1 && bytes[0] == ':' && hex_at(bytes, length, 1, 8))
		return IMAGE_IHEX;
	if (length >= 2 && bytes[0] == 'S' && hex_at(bytes, length, 1, 7))
		return IMAGE_SREC;
	if (dfu_suffix_find(bytes, length, &suffix))
		return IMAGE_DFU;
	return IMAGE_RAW;
}

static bool read_all(int fd, size_t limit, uint8_t **bytes, size_t *length,
		     struct image_error *error)
{
	struct stat status;
	size_t size, got = 0;
	uint8_t *buffer;

	if (fstat(fd, &status) != 0)
		return image_fail(error, IMAGE_BAD_FILE, 0, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return image_fail(error, IMAGE_BAD_FILE, 0, "not a regular file");
	if (status.st_size < 0 || (uintmax_t)status.st_size > limit)
		return image_fail(error, IMAGE_BAD_FILE, 0, "larger than %zu KiB", limit >> 10);
	size = (size_t)status.st_size;
	buffer = malloc(size + 1);
	if (buffer == NULL)
		return image_fail(error, IMAGE_BAD_FILE, 0, "not enough memory");
	/* One byte more than it had shows that it still grows. */
	while (got <= size) {
		ssize_t n = read(fd, buffer + got, size + 1 - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			image_fail(error, IMAGE_BAD_FILE, 0, "%s", strerror(errno));
			goto err_free;
		}
		if (n == 0)
			break;
		got += (size_t)n;
	}
	if (got != size) {
		image_fail(error, IMAGE_BAD_FILE, 0, "changes while it is read");
		goto err_free;
	}
	*bytes = buffer;
	*length = got;
	return true;
err_free:
	free(buffer);
	return false;
}

bool image_file_bytes(const char *path, size_t limit, uint8_t **bytes, size_t *length,
		      struct image_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool ok;

	if (fd < 0)
		return image_fail(error, IMAGE_BAD_FILE, 0, "%s", strerror(errno));
	ok = read_all(fd, limit, bytes, length, error);
	close(fd);
	return ok;
}

static bool parse_as(const uint8_t *bytes, size_t length, enum image_format format,
		     uint32_t address, struct image *image, struct image_error *error)
{
	switch (format) {
	case IMAGE_IHEX:
		return image_parse_ihex(bytes, length, image, error);
	case IMAGE_SREC:
		return image_parse_srec(bytes, length, image, error);
	case IMAGE_ELF:
		return image_parse_elf(bytes, length, image, error);
	case IMAGE_DFUSE:
		return image_parse_dfuse(bytes, length, image, error);
	case IMAGE_DFU:
		return image_parse_dfu(bytes, length, address, image, error);
	default:
		return image_parse_raw(bytes, length, address, image, error);
	}
}

/* Text in the place of the program it stands for would pass every comparison: a HEX file that
 * begins with a byte-order mark, say. Its name tells what it should be. */
static const char *name_promises(const char *path)
{
	static const struct {
		const char *ending;
		enum image_format format;
	} endings[] = {
		{".hex", IMAGE_IHEX},  {".ihex", IMAGE_IHEX}, {".ihx", IMAGE_IHEX},
		{".srec", IMAGE_SREC}, {".s19", IMAGE_SREC},  {".s28", IMAGE_SREC},
		{".s37", IMAGE_SREC},  {".mot", IMAGE_SREC},  {".elf", IMAGE_ELF},
		{".axf", IMAGE_ELF},   {".dfu", IMAGE_DFUSE},
	};
	const char *ending = strrchr(path, '.');

	for (size_t i = 0; ending != NULL && i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (strcasecmp(ending, endings[i].ending) == 0)
			return format_names[endings[i].format];
	}
	return NULL;
}

static bool parse(const char *path, const uint8_t *bytes, size_t length, enum image_format format,
		  bool has_address, uint32_t address, struct image *image,
		  struct image_error *error)
{
	const char *promised = format == IMAGE_AUTO ? name_promises(path) : NULL;
	bool raw;

	if (length == 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "the file is empty");
	if (format == IMAGE_AUTO)
		format = image_detect(bytes, length);
	if (format == IMAGE_RAW && promised != NULL)
		return image_fail(error, IMAGE_BAD_CONTENT, 0,
				  "does not begin as a file of format %s; if these very bytes "
				  "belong into flash, say format: raw",
				  promised);
	raw = format == IMAGE_RAW || format == IMAGE_DFU;
	if (raw && !has_address)
		return image_fail(error, IMAGE_NO_ADDRESS, 0,
				  "a raw file (no other format is recognised) needs an address");
	if (!raw && has_address)
		return image_fail(error, IMAGE_HAS_ADDRESS, 0,
				  "a file of format %s has its own addresses",
				  image_format_name(format));
	if (!parse_as(bytes, length, format, address, image, error))
		return false;
	image->format = format;
	return true;
}

bool image_read(const char *path, enum image_format format, bool has_address, uint32_t address,
		const char *sha256, struct image *image, char file_sha256[SHA256_HEX_SIZE],
		struct image_error *error)
{
	uint8_t *bytes;
	size_t length;
	bool ok = false;

	*image = (struct image){0};
	file_sha256[0] = '\0';
	if (!image_file_bytes(path, IMAGE_FILE_MAX, &bytes, &length, error))
		return false;
	if (sha256_hex(bytes, length, file_sha256) != 0) {
		file_sha256[0] = '\0';
		image_fail(error, IMAGE_BAD_FILE, 0, "SHA-256 could not be computed");
	} else if (sha256 != NULL && strcasecmp(sha256, file_sha256) != 0) {
		image_fail(error, IMAGE_BAD_CONTENT, 0, "its SHA-256 is %s", file_sha256);
	} else {
		ok = parse(path, bytes, length, format, has_address, address, image, error);
	}
	free(bytes);
	return ok;
}
