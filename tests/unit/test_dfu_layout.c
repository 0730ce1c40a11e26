/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "h7gang/dfu/layout.h"

/* Strings that ROMs really send, as far as listings show them. */
static const struct {
	const char *text, *name;
	uint32_t address, sectors, sector_bytes;
	bool readable, erasable, writable;
} real[] = {
	{"@Internal Flash   /0x08000000/16*128Kg", "Internal Flash", 0x08000000, 16, 131072, true,
	 true, true},
	{"@Internal Flash   /0x08000000/8*128Kg", "Internal Flash", 0x08000000, 8, 131072, true,
	 true, true},
	{"@Internal Flash   /0x08000000/256*08Kg", "Internal Flash", 0x08000000, 256, 8192, true,
	 true, true},
	{"@Internal Flash   /0x08000000/256*02Kg", "Internal Flash", 0x08000000, 256, 2048, true,
	 true, true},
	{"@Option Bytes   /0x5200201C/01*128 e", "Option Bytes", 0x5200201c, 1, 128, true, false,
	 true},
	{"@Option Bytes   /0x5200201C/01*88 e", "Option Bytes", 0x5200201c, 1, 88, true, false,
	 true},
	{"@Option Bytes   /0x1FF8000/01*128 e", "Option Bytes", 0x01ff8000, 1, 128, true, false,
	 true},
	{"@OTP Memory   /0x1FF7000/01*1024 e", "OTP Memory", 0x01ff7000, 1, 1024, true, false,
	 true},
	{"@OTP Memory   /0x1FF8000/01*1024 e", "OTP Memory", 0x01ff8000, 1, 1024, true, false,
	 true},
	{"@Ext File Flash  0MB   /0x00000000/0*4Kg", "Ext File Flash  0MB", 0, 0, 4096, true, true,
	 true},
	{"@X/0x0/1*1Mb", "X", 0, 1, 1048576, false, true, false},
	{"@Y/0xFFFFFF00/1*256Bd", "Y", 0xffffff00, 1, 256, false, false, true},
	{"@  /0xfffffffe/2*1a", "", 0xfffffffe, 2, 1, true, false, false},
};

static void strings_of_real_roms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
		struct dfu_layout layout;

		assert_true(dfu_layout_parse(real[i].text, &layout));
		assert_string_equal(layout.name, real[i].name);
		assert_int_equal(layout.regions, 1);
		assert_int_equal(layout.region[0].address, real[i].address);
		assert_int_equal(layout.region[0].sectors, real[i].sectors);
		assert_int_equal(layout.region[0].sector_bytes, real[i].sector_bytes);
		assert_int_equal(layout.region[0].readable, real[i].readable);
		assert_int_equal(layout.region[0].erasable, real[i].erasable);
		assert_int_equal(layout.region[0].writable, real[i].writable);
	}
}

static void several_segments(void **state)
{
	(void)state;
	struct dfu_layout layout;

	assert_true(dfu_layout_parse("@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"
				     "/0x08100000/ 2*1 Mg",
				     &layout));
	assert_int_equal(layout.regions, 4);
	assert_int_equal(layout.region[1].address, 0x08010000);
	assert_int_equal(layout.region[1].sector_bytes, 65536);
	assert_int_equal(layout.region[2].address, 0x08020000);
	assert_int_equal(layout.region[2].sectors, 7);
	assert_int_equal(layout.region[3].address, 0x08100000);
	assert_int_equal(layout.region[3].sector_bytes, 1048576);
}

static void what_is_no_layout(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"@",
		"@Name",
		"Internal Flash /0x08000000/16*128Kg",
		"@N/",
		"@N/0x",
		"@N/0x/1*1a",
		"@N/08000000/1*1a",
		"@N/0x100000000/1*1a",
		"@N/0x08000000",
		"@N/0x08000000/",
		"@N/0x08000000/16",
		"@N/0x08000000/16*",
		"@N/0x08000000/16*128",
		"@N/0x08000000/16*128K",
		"@N/0x08000000/16*128Kh",
		"@N/0x08000000/16*128KG",
		"@N/0x08000000/16*0Kg",
		"@N/0x08000000/-1*128Kg",
		"@N/0x08000000/16*128Kg,",
		"@N/0x08000000/16*128Kgx",
		"@N/0x08000000/16*128Kg/",
		"@N/0x08000000/4294967296*1a",
		"@N/0x08000000/1*4294967295Mg",
		"@N/0xFFFFFF00/1*257Bg",
		"@N/0x00000001/1*4096Mg",
		"@N/0x08000000/65536*65536a",
		"@N/0x80000000/2*1024Ma,1*1a",
		("@A name that is much longer than any that was ever seen on a part of this "
		 "family/0x0/1*1a"),
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		static const struct dfu_layout zero;
		struct dfu_layout layout;

		memset(&layout, 0x55, sizeof(layout));
		if (dfu_layout_parse(bad[i], &layout))
			fail_msg("accepted: %s", bad[i]);
		assert_memory_equal(&layout, &zero, sizeof(zero));
	}
}

static void more_regions_than_there_is_room_for(void **state)
{
	(void)state;
	struct dfu_layout layout;
	char text[512] = "@N/0x0/1*1a";

	for (int i = 1; i < DFU_LAYOUT_REGIONS; i++)
		strcat(text, ",1*1a");
	assert_true(dfu_layout_parse(text, &layout));
	assert_int_equal(layout.regions, DFU_LAYOUT_REGIONS);
	strcat(text, ",1*1a");
	assert_false(dfu_layout_parse(text, &layout));
}

static void control_characters_do_not_reach_a_terminal(void **state)
{
	(void)state;
	struct dfu_layout layout;

	assert_true(dfu_layout_parse("@a\x1b[2J\x7f/0x0/1*1a", &layout));
	assert_string_equal(layout.name, "a?[2J?");
}

/* Every prefix and every single changed byte of a real string: no crash, and a refusal zeroes. */
static void mangled_strings(void **state)
{
	(void)state;
	static const char text[] =
		"@Internal Flash   /0x08000000/16*128Kg,1*2Ma/0x1FF8000/01*128 e";
	struct dfu_layout layout;
	char copy[sizeof(text)];

	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		for (int byte = 0; byte < 256; byte++) {
			memcpy(copy, text, sizeof(text));
			copy[at] = (char)byte;
			if (!dfu_layout_parse(copy, &layout))
				assert_int_equal(layout.regions, 0);
			else
				assert_in_range(layout.regions, 1, DFU_LAYOUT_REGIONS);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_of_real_roms),
		cmocka_unit_test(several_segments),
		cmocka_unit_test(what_is_no_layout),
		cmocka_unit_test(more_regions_than_there_is_room_for),
		cmocka_unit_test(control_characters_do_not_reach_a_terminal),
		cmocka_unit_test(mangled_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
