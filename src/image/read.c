/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/image/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "build.h"
#include "format.h"

#define NS_PER_S INT64_C(1000000000)
#define RECENT_S 2        /* a file that was written less long ago may be half written */
#define CHUNK (64u << 10) /* of the second reading */

/* At most `size` bytes from `offset`. Fewer: the file ends. -1: errno. */
static ssize_t read_at(int fd, uint8_t *bytes, size_t size, size_t offset)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = pread(fd, bytes + got, size - got, (off_t)(offset + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static bool same_bytes(int fd, const uint8_t *bytes, size_t size)
{
	uint8_t *again = malloc(CHUNK);
	bool same = again != NULL;

	for (size_t at = 0; same && at < size; at += CHUNK) {
		size_t length = size - at < CHUNK ? size - at : CHUNK;

		same = read_at(fd, again, length, at) == (ssize_t)length &&
		       memcmp(again, bytes + at, length) == 0;
	}
	free(again);
	return same;
}

static bool same_time(struct timespec one, struct timespec other)
{
	return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

/* Whether the bytes, which were read since `before`, are the file at one moment. A program that
 * writes over it leaves the size as it is, and its times may change only once, before we came. */
static bool is_whole(int fd, const struct stat *before, const uint8_t *bytes)
{
	const time_t recent = (time_t)(clock_wall() / NS_PER_S) - RECENT_S;
	struct stat after;

	if (fstat(fd, &after) != 0 || after.st_size != before->st_size ||
	    !same_time(after.st_mtim, before->st_mtim) ||
	    !same_time(after.st_ctim, before->st_ctim))
		return false;
	return (after.st_mtim.tv_sec < recent && after.st_ctim.tv_sec < recent) ||
	       same_bytes(fd, bytes, (size_t)after.st_size);
}

static bool read_all(int fd, size_t limit, const char *advice, uint8_t **bytes, size_t *length,
		     struct image_error *error)
{
	struct stat status;
	uint8_t *buffer;
	size_t size;
	ssize_t got;

	if (fstat(fd, &status) != 0)
		return image_fail(error, IMAGE_BAD_FILE, 0, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return image_fail(error, IMAGE_BAD_FILE, 0,
				  "is a %s, not a regular file; name the file itself",
				  S_ISDIR(status.st_mode) ? "folder" : "device, pipe or socket");
	if (status.st_size < 0 || (uintmax_t)status.st_size > limit)
		return image_fail(error, IMAGE_BAD_FILE, 0, "larger than %zu KiB; %s", limit >> 10,
				  advice);
	size = (size_t)status.st_size;
	buffer = malloc(size + 1);
	if (buffer == NULL)
		return image_fail(error, IMAGE_BAD_FILE, 0, "not enough memory");
	/* One byte more than it had shows that it still grows. */
	got = read_at(fd, buffer, size + 1, 0);
	if (got < 0)
		image_fail(error, IMAGE_BAD_FILE, 0, "%s", strerror(errno));
	else if ((size_t)got != size || !is_whole(fd, &status, buffer))
		image_fail(error, IMAGE_BAD_FILE, 0,
			   "changes while it is read; wait until it has been written");
	else {
		*bytes = buffer;
		*length = size;
		return true;
	}
	free(buffer);
	return false;
}

bool image_file_bytes(const char *path, size_t limit, const char *advice, uint8_t **bytes,
		      size_t *length, struct image_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool ok;

	if (fd < 0)
		return image_fail(error, IMAGE_BAD_FILE, 0, "%s", strerror(errno));
	ok = read_all(fd, limit, advice, bytes, length, error);
	close(fd);
	return ok;
}

/* Bytes that are no firmware, with advice. */
static bool refuse_foreign(const struct image_foreign *foreign, struct image_error *error)
{
	return image_fail(error, IMAGE_BAD_CONTENT, foreign->line, "is %s, not firmware. %s%s",
			  foreign->kind, foreign->advice,
			  foreign->raw_ok ? " If these very bytes belong into flash as data, say "
					    "format: raw."
					  : "");
}

/* Bytes of no known format are raw, unless the name promises one. */
static bool accept_unknown(const struct format *promised, struct image_error *error)
{
	if (promised == NULL)
		return true;
	return image_fail(
		error, IMAGE_BAD_CONTENT, 0,
		"does not begin as a file of format %s, which its name promises: it may be "
		"damaged. To program these bytes unchanged, set format: raw",
		promised->name);
}

static bool choose_format(const char *path, const uint8_t *bytes, size_t length,
			  enum image_format *format, struct image_error *error)
{
	enum image_format found = image_detect(bytes, length);
	const struct format *promised = format_by_ending(path);
	struct image_foreign foreign;

	/* A damaged first record: its parser finds the error in it. */
	if (found == IMAGE_RAW && *format == IMAGE_AUTO && promised != NULL &&
	    promised->first != '\0' && format_first_character(bytes, length) == promised->first)
		found = format_number(promised);
	if (*format == IMAGE_RAW || *format == found)
		return true;
	if (found == IMAGE_RAW && image_foreign(bytes, length, &foreign))
		return refuse_foreign(&foreign, error);
	if (*format != IMAGE_AUTO)
		return true;
	*format = found;
	return found != IMAGE_RAW || accept_unknown(promised, error);
}

/* Most errors of a parser have one cause. Where there is another, the message has its own advice
 * behind a semicolon. */
static void advise(const struct format *format, struct image_error *error)
{
	size_t used = strlen(error->why);

	if (error->fault == IMAGE_BAD_CONTENT && strchr(error->why, ';') == NULL)
		snprintf(error->why + used, sizeof(error->why) - used,
			 "; the %s file is damaged: copy or build it again", format->name);
}

static bool parse(const char *path, const uint8_t *bytes, size_t length,
		  const struct image_ask *ask, struct image *image, struct image_error *error)
{
	enum image_format chosen = ask->format;
	const struct format *format;

	if (length == 0)
		return image_fail(error, IMAGE_BAD_CONTENT, 0, "the file is empty");
	if (!choose_format(path, bytes, length, &chosen, error))
		return false;
	format = format_of(chosen);
	if (format->needs_address && !ask->has_address)
		return image_fail(error, IMAGE_NO_ADDRESS, 0,
				  "a raw file (no other format is recognised) needs an address");
	if (ask->alternate != IMAGE_ANY_ALTERNATE && chosen != IMAGE_DFUSE)
		return image_fail(error, IMAGE_NO_ALTERNATE, 0,
				  "a file of format %s has no alternate settings, only dfuse has",
				  format->name);
	if (!format->parse(bytes, length, ask, image, error)) {
		advise(format, error);
		return false;
	}
	if (!format->needs_address && ask->has_address) {
		image_free(image);
		return image_fail(error, IMAGE_HAS_ADDRESS, 0,
				  "a file of format %s has its own addresses; offset moves it",
				  format->name);
	}
	image->format = chosen;
	return true;
}

bool image_read(const char *path, const struct image_ask *ask, const char *sha256,
		struct image *image, char file_sha256[SHA256_HEX_SIZE], struct image_error *error)
{
	uint8_t *bytes;
	size_t length;
	bool ok = false;

	*image = (struct image){0};
	file_sha256[0] = '\0';
	if (!image_file_bytes(path, IMAGE_FILE_MAX,
			      "of a binary file that spans flash and RAM, take the ELF or HEX "
			      "file; an ELF file gets smaller with arm-none-eabi-strip -g",
			      &bytes, &length, error))
		return false;
	if (sha256_hex(bytes, length, file_sha256) != 0) {
		file_sha256[0] = '\0';
		image_fail(error, IMAGE_BAD_FILE, 0, "SHA-256 could not be computed");
	} else if (sha256 != NULL && strcasecmp(sha256, file_sha256) != 0) {
		image_fail(error, IMAGE_BAD_CONTENT, 0, "its SHA-256 is %s", file_sha256);
	} else {
		ok = parse(path, bytes, length, ask, image, error);
	}
	free(bytes);
	return ok;
}
