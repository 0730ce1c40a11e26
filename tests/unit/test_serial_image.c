/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image of one unit, byte for byte against one put together the plain way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/serial/unit_image.h"

enum { LENGTH = 600, ROOM = 128 };

static char value[] = "01020304050607", one[] = "AA", format[] = "{}";
static struct profile_serial serial = {
	.format = format,
	.patches = 3,
	.patch =
		{
			{.offset = 100,
			 .length = 7,
			 .encode = PROFILE_ENCODE_BYTES,
			 .value = value},
			{.offset = 0,
			 .length = 1,
			 .encode = PROFILE_ENCODE_BYTES,
			 .value = one,
			 .secret = true},
			{.offset = 593,
			 .length = 7,
			 .encode = PROFILE_ENCODE_BYTES,
			 .value = value},
		},
};

static void every_range(void **state)
{
	uint8_t shared[LENGTH], wanted[LENGTH], room[ROOM];
	struct image_flash flash = {.bytes = shared, .length = LENGTH};
	struct profile_unit unit = {.uid = ""};
	struct unit_image image;
	char why[200];

	(void)state;
	for (size_t i = 0; i < LENGTH; i++)
		shared[i] = (uint8_t)(i * 7 + 3);
	memcpy(wanted, shared, LENGTH);
	unit_image_init(&image, &flash);
	assert_ptr_equal(unit_image_bytes(&image, 90, 40, room), shared + 90);
	assert_int_equal(unit_image_shared(&image, 0, LENGTH, 32), LENGTH);
	assert_true(unit_image_fill(&image, &serial, &unit, why, sizeof(why)));
	memcpy(wanted + 100, "\1\2\3\4\5\6\7", 7);
	wanted[0] = 0xaa;
	memcpy(wanted + 593, "\1\2\3\4\5\6\7", 7);
	for (uint32_t from = 0; from < LENGTH; from++) {
		for (uint32_t length = 1; length <= ROOM && from + length <= LENGTH; length++) {
			const uint8_t *got = unit_image_bytes(&image, from, length, room);
			uint32_t n = unit_image_shared(&image, from, length, 8);

			assert_memory_equal(got, wanted + from, length);
			assert_memory_equal(shared + from, wanted + from, n);
			assert_true(n == length || n % 8 == 0);
			assert_int_equal(unit_image_secret(&image, from, length), from == 0);
		}
	}
	unit_image_free(&image);
	/* A value that does not fit leaves the shared image. */
	serial.patch[2].length = 6;
	assert_false(unit_image_fill(&image, &serial, &unit, why, sizeof(why)));
	assert_ptr_equal(unit_image_bytes(&image, 90, 40, room), shared + 90);
	serial.patch[2].length = 7;
	unit_image_free(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_range)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
