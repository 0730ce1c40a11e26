/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are no firmware, by their content: archives, programs of other machines, text. A board
 * would take them as well as any other bytes. */
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "dfu.h"
#include "format.h"
#include "text.h"

#define TEXT_MIN 8           /* bytes; less may be a constant of some kind */
#define TEXT_8BIT_MIN 24     /* bytes; one of 20 random keys of 8 bytes looks like text */
#define ZLIB_OUT (64u << 10) /* unpacked bytes that prove zlib data */
#define LINES_MAX 1000       /* in which a record behind other lines is looked for */

/* Bytes that a file of some kind holds at a fixed place. */
struct magic {
	uint32_t at;
	uint8_t length;
	const char *bytes;
	const char *kind, *advice;
};

#define UNPACK "Unpack it and name the firmware file in it."

static const struct magic magics[] = {
	{0, 4, "PK\3\4", "a zip archive", UNPACK},
	{0, 4, "PK\5\6", "an empty zip archive", UNPACK},
	{0, 4, "PK\7\x8", "a split zip archive", UNPACK},
	{0, 3, "\x1F\x8B\x8", "a gzip file", "Unpack it with gunzip."},
	{0, 6,
	 "\xFD"
	 "7zXZ\0",
	 "an xz file", "Unpack it with unxz."},
	{0, 4, "\x28\xB5\x2F\xFD", "a zstd file", "Unpack it with unzstd."},
	{0, 4, "\x04\x22\x4D\x18", "an lz4 file", "Unpack it with unlz4."},
	{0, 4, "\x02\x21\x4C\x18", "an lz4 file", "Unpack it with unlz4."},
	{0, 4, "LZIP", "an lzip file", "Unpack it with lzip -d."},
	{0, 9, "\x89LZO\0\r\n\x1A\n", "an lzop file", "Unpack it with lzop -d."},
	{0, 3, "\x1F\x9D\x90", "a compressed file (.Z)", "Unpack it with uncompress."},
	{0, 13, "\x5D\0\0\x80\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "an lzma file",
	 "Unpack it with unlzma."},
	{0, 5, "07070", "a cpio archive", UNPACK},
	{0, 8, "Salted__", "a file that openssl encrypted", "Decrypt it first."},
	{0, 4, "\x27\x05\x19\x56", "a U-Boot image", "Name the file that was packed into it."},
	{0, 4, "STM2", "an image for STM32MP or STM32N6 (.stm32)",
	 "Name firmware for the STM32H7."},
	{0, 6, "7z\xBC\xAF\x27\x1C", "a 7z archive", UNPACK},
	{0, 6, "Rar!\x1A\x7", "a rar archive", UNPACK},
	{257, 5, "ustar", "a tar archive", UNPACK},
	{0, 8, "!<arch>\n", "a library or Debian package (ar)",
	 "Name the linked firmware instead."},
	{0, 8, "!<thin>\n", "a library (thin ar)", "Name the linked firmware instead."},
	{0, 4, "\xED\xAB\xEE\xDB", "an RPM package", UNPACK},
	{0, 4, "MSCF", "a Windows cabinet", UNPACK},
	{0, 5, "%PDF-", "a PDF document", "Name the firmware file instead."},
	{0, 4, "\xFE\xED\xFA\xCE", "a Mach-O program", "Build the firmware for arm-none-eabi."},
	{0, 4, "\xFE\xED\xFA\xCF", "a Mach-O program", "Build the firmware for arm-none-eabi."},
	{0, 4, "\xCE\xFA\xED\xFE", "a Mach-O program", "Build the firmware for arm-none-eabi."},
	{0, 4, "\xCF\xFA\xED\xFE", "a Mach-O program", "Build the firmware for arm-none-eabi."},
	{0, 4, "\xCA\xFE\xBA\xBF", "a Mach-O program", "Build the firmware for arm-none-eabi."},
	{0, 4, "\xCA\xFE\xBA\xBE", "a Java class or Mach-O program",
	 "Build the firmware for arm-none-eabi."},
	{0, 4, "\0asm", "a WebAssembly module", "Build the firmware for arm-none-eabi."},
	{0, 8, "\x89PNG\r\n\x1A\n", "a PNG image", "Name the firmware file instead."},
	{0, 3, "\xFF\xD8\xFF", "a JPEG image", "Name the firmware file instead."},
	{0, 4, "GIF8", "a GIF image", "Name the firmware file instead."},
	{0, 15, "SQLite format 3", "an SQLite database", "Name the firmware file instead."},
	{0, 8, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Office document or installer",
	 "Name the firmware file instead."},
};

static bool starts(const uint8_t *bytes, size_t length, const char *with)
{
	size_t size = strlen(with);

	return length >= size && memcmp(bytes, with, size) == 0;
}

static bool holds(const uint8_t *bytes, size_t length, const char *what)
{
	return memmem(bytes, length, what, strlen(what)) != NULL;
}

static bool found(struct image_foreign *foreign, const char *kind, const char *advice)
{
	*foreign = (struct image_foreign){.kind = kind, .advice = advice};
	return true;
}

static bool may_be_data(struct image_foreign *foreign, const char *kind, const char *advice)
{
	found(foreign, kind, advice);
	foreign->raw_ok = true;
	return true;
}

static bool is_bzip2(const uint8_t *bytes, size_t length)
{
	return length >= 10 && memcmp(bytes, "BZh", 3) == 0 && bytes[3] >= '1' && bytes[3] <= '9' &&
	       (memcmp(bytes + 4, "1AY&SY", 6) == 0 ||
		memcmp(bytes + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

/* "MZ", and the place of a PE header. */
static bool is_pe(const uint8_t *bytes, size_t length)
{
	uint32_t at;

	if (length < 64 || memcmp(bytes, "MZ", 2) != 0)
		return false;
	at = dfu_le32(bytes + 60);
	return at <= length - 4 && memcmp(bytes + at, "PE\0", 4) == 0;
}

/* RFC 1950: two bytes alone are no proof, since one of 16,000 random files begins with them. It is
 * zlib data if it unpacks: to its end with the right checksum, or as far as ZLIB_OUT. */
static bool is_zlib(const uint8_t *bytes, size_t length)
{
	z_stream stream = {.next_in = (z_const Bytef *)(uintptr_t)bytes};
	int result = Z_OK;

	if (length <= 8 || length > UINT_MAX || bytes[0] != 0x78 || inflateInit(&stream) != Z_OK)
		return false;
	stream.avail_in = (uInt)length;
	while (result == Z_OK && stream.total_out < ZLIB_OUT) {
		uint8_t out[4096];

		stream.next_out = out;
		stream.avail_out = sizeof(out);
		result = inflate(&stream, Z_NO_FLUSH);
	}
	inflateEnd(&stream);
	return result == Z_OK || result == Z_STREAM_END;
}

/* The header of an ESP application image: segments, flash mode, and an entry point in IRAM or in
 * the cache of the flash. */
static bool is_esp(const uint8_t *bytes, size_t length)
{
	return length > 24 && bytes[0] == 0xE9 && bytes[1] >= 1 && bytes[1] <= 16 &&
	       bytes[2] <= 5 && (bytes[7] == 0x40 || bytes[7] == 0x42);
}

static bool find_binary(const uint8_t *bytes, size_t length, struct image_foreign *foreign)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		const struct magic *m = &magics[i];

		if (length >= m->at + m->length && memcmp(bytes + m->at, m->bytes, m->length) == 0)
			return found(foreign, m->kind, m->advice);
	}
	if (is_bzip2(bytes, length))
		return found(foreign, "a bzip2 file", "Unpack it with bunzip2.");
	if (is_pe(bytes, length))
		return found(foreign, "a Windows program", "Build the firmware for arm-none-eabi.");
	if (is_zlib(bytes, length))
		return found(foreign, "zlib data", "Name the file that was packed into it.");
	if (is_esp(bytes, length))
		return found(foreign, "an ESP32 image", "Build the firmware for arm-none-eabi.");
	return false;
}

/* UTF-16 with a byte-order mark, whose first characters are ASCII. */
static bool is_utf16(const uint8_t *bytes, size_t length)
{
	bool little = starts(bytes, length, "\xFF\xFE"), big = starts(bytes, length, "\xFE\xFF");
	size_t end = length < 64 ? length : 64;

	if ((!little && !big) || length < 6)
		return false;
	for (size_t i = 2; i + 1 < end; i += 2) {
		uint8_t high = bytes[i + (little ? 1 : 0)], low = bytes[i + (little ? 0 : 1)];

		if (high != 0 || low == 0)
			return false;
	}
	return true;
}

static bool is_ascii_text(uint8_t byte)
{
	return (byte >= ' ' && byte < 0x7F) || (byte != '\0' && strchr("\t\n\r\f\x1B", byte));
}

/* Lines of ASCII in units of `width` bytes, of which byte `low` holds the character. */
static bool is_wide(const uint8_t *bytes, size_t length, size_t width, size_t low)
{
	bool lines = false;

	for (size_t i = 0; i < length; i++) {
		if (i % width != low ? bytes[i] != 0 : !is_ascii_text(bytes[i]))
			return false;
		lines = lines || bytes[i] == '\n' || bytes[i] == '\r';
	}
	return lines && length % width == 0 && length / width >= TEXT_MIN;
}

static bool is_utf32(const uint8_t *bytes, size_t length)
{
	size_t mark = length >= 4 && (memcmp(bytes, "\xFF\xFE\0\0", 4) == 0 ||
				      memcmp(bytes, "\0\0\xFE\xFF", 4) == 0)
			      ? 4
			      : 0;

	return is_wide(bytes + mark, length - mark, 4, 0) ||
	       is_wide(bytes + mark, length - mark, 4, 3);
}

/* Length of the UTF-8 character at `at`, 0 if there is none. */
static size_t character(const uint8_t *at, size_t left)
{
	size_t size = *at < 0x80 ? 1 : *at >= 0xF0 ? 4 : *at >= 0xE0 ? 3 : *at >= 0xC2 ? 2 : 0;

	if (size > left || *at > 0xF4 || (size == 1 && !is_ascii_text(*at)))
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	return size;
}

/* Text in some set of 8-bit characters: mostly ASCII. */
static bool is_8bit_text(const uint8_t *bytes, size_t length)
{
	size_t ascii = 0;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] < 0x80 && !is_ascii_text(bytes[i]))
			return false;
		ascii += bytes[i] < 0x80;
	}
	return length >= TEXT_8BIT_MIN && ascii >= length - length / 4;
}

static bool is_text(const uint8_t *bytes, size_t length)
{
	size_t at = 0, step;

	while (at < length && (step = character(bytes + at, length - at)) > 0)
		at += step;
	return length >= TEXT_MIN && (at == length || is_8bit_text(bytes, length));
}

/* HEX or S-records that begin behind lines of another kind. */
static bool find_records(const uint8_t *bytes, size_t length, struct image_foreign *foreign)
{
	struct image_text text = image_text_begin(bytes, length);

	for (unsigned lines = 0; lines < LINES_MAX && image_text_next(&text); lines++) {
		bool ihex = format_is_ihex(text.at, text.length);

		if (!ihex && !format_is_srec(text.at, text.length))
			continue;
		found(foreign,
		      ihex ? "text with an Intel HEX file behind other lines"
			   : "text with S-records behind other lines",
		      "Remove the lines before the first record.");
		foreign->line = text.line;
		return true;
	}
	return false;
}

/* The kinds of JSON in which flight controllers' firmware is shipped. */
static bool find_json(const uint8_t *bytes, size_t length, struct image_foreign *foreign)
{
	if (holds(bytes, length, "APJFWv1"))
		return found(foreign, "an ArduPilot .apj",
			     "An ArduPilot .apj has no address; use the *_with_bl.hex file.");
	if (holds(bytes, length, "PX4FWv1"))
		return found(foreign, "a PX4 .px4",
			     "A PX4 .px4 has no address; use the .elf or .bin file of the build.");
	return may_be_data(foreign, "JSON text", "Name the firmware file instead.");
}

#define PAGE "This file is a web page; download the firmware file itself."
#define INSTEAD "Name the firmware file instead."

/* Pointers and hexadecimal text stand for other bytes: they are no data. */
static const struct {
	const char *start, *kind, *advice;
	bool data;
} texts[] = {
	{"version https://git-lfs.github.com/spec/", "a Git LFS pointer",
	 "Fetch the file itself: git lfs pull.", false},
	{"/annex/objects/", "a git-annex pointer", "Fetch the file itself: git annex get.", false},
	{"<!DOCTYPE html", "an HTML page", PAGE, true},
	{"<!doctype html", "an HTML page", PAGE, true},
	{"<html", "an HTML page", PAGE, true},
	{"<HTML", "an HTML page", PAGE, true},
	{"<", "XML or HTML text", INSTEAD, true},
	{"-----BEGIN ", "a PEM key or certificate", INSTEAD, true},
	{"#!", "a script", "Name the firmware file that it makes.", true},
	{"@", "hexadecimal text with @ADDRESS lines (TI-TXT or Verilog)",
	 "Convert it to Intel HEX, for example with srec_cat.", false},
	{"", "text", INSTEAD, true},
};

static bool find_text(const uint8_t *bytes, size_t length, struct image_foreign *foreign)
{
	if (starts(bytes, length, "\xEF\xBB\xBF")) {
		bytes += 3;
		length -= 3;
	}
	while (length > 0 && strchr(" \t\r\n", *bytes) != NULL && *bytes != '\0') {
		bytes++;
		length--;
	}
	if (starts(bytes, length, "{") || starts(bytes, length, "["))
		return find_json(bytes, length, foreign);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (starts(bytes, length, texts[i].start))
			return (texts[i].data ? may_be_data : found)(foreign, texts[i].kind,
								     texts[i].advice);
	return false;
}

bool image_foreign(const uint8_t *bytes, size_t length, struct image_foreign *foreign)
{
	if (find_binary(bytes, length, foreign)) {
		foreign->raw_ok = true;
		return true;
	}
	if (is_utf32(bytes, length))
		return found(foreign, "text in UTF-32", "Save it as UTF-8 or ASCII.");
	if (is_utf16(bytes, length) || is_wide(bytes, length, 2, 0) || is_wide(bytes, length, 2, 1))
		return found(foreign, "text in UTF-16",
			     "Save it as UTF-8 or ASCII; Windows PowerShell writes UTF-16 with >.");
	if (length > 0 && bytes[length - 1] == 0x1A) /* Ctrl-Z, of MS-DOS */
		length--;
	if (!is_text(bytes, length))
		return false;
	return find_records(bytes, length, foreign) || find_text(bytes, length, foreign);
}
