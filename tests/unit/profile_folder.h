/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of firmware files, and profiles loaded from it. */
#ifndef PROFILE_FOLDER_H
#define PROFILE_FOLDER_H

#include "h7gang/profile/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define HEAD "profile: 1\nname: n\n"
#define TARGET "target: {part: stm32h743xi}\n"
#define FIRMWARE "firmware: [{file: app.hex}]\n"
#define BASE HEAD TARGET FIRMWARE /* lines 1 to 4 */
#define ZEROS_32 "00000000000000000000000000000000"

static char folder[] = "/tmp/test_profile_XXXXXX";
static char *const files[] = {"app.hex",   "app.bin", "low.srec",    "none.hex",  "bad.hex",
			      "twice.hex", "p.yaml",  "foreign.dfu", "empty.bin", "high.hex"};

static void write_bytes(const char *name, const char *bytes, size_t length)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void write_text(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

static struct profile *load_bytes(const char *bytes, size_t length,
				  struct profile_problems *problems)
{
	char path[128];

	write_bytes("p.yaml", bytes, length);
	snprintf(path, sizeof(path), "%s/p.yaml", folder);
	return profile_load(path, problems);
}

static uint32_t crc_of(const uint8_t *bytes, size_t length)
{
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
	}
	return crc;
}

static int make_folder(void **state)
{
	uint8_t dfu[] = {'a',  'b',  'c', 'd', 0,   0,  0x78, 0x56, 0x34, 0x12,
			 0x00, 0x01, 'U', 'F', 'D', 16, 0,    0,    0,    0};
	uint32_t crc = crc_of(dfu, sizeof(dfu) - 4);

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	for (unsigned i = 0; i < 4; i++)
		dfu[sizeof(dfu) - 4 + i] = (uint8_t)(crc >> 8 * i);
	write_text("app.hex", ":020000040800F2\n:0800000000FF012005000008CB\n:00000001FF\n");
	write_text("bad.hex", ":020000040800F2\n:0400000001020304F3\n:00000001FF\n");
	write_text("twice.hex", ":020000040800F2\n:0400000001020304F2\n:0100010003FB\n"
				":00000001FF\n");
	write_text("none.hex", ":00000001FF\n");
	write_text("low.srec", "S104001042A9\nS9030000FC\n");
	write_text("app.bin", "abc");
	write_text("empty.bin", "");
	write_bytes("foreign.dfu", (const char *)dfu, sizeof(dfu));
	return 0;
}

static int remove_folder(void **state)
{
	char path[128];

	(void)state;
	for (size_t i = 0; i < LENGTH(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	return rmdir(folder);
}

#endif
