/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys `serial` and `limits`: the resulting numbers, and refused values. */
#include "profile_folder.h"

#define COUNTER "serial:\n  source: {counter: {file: sn.state, start: 1, end: 999}}\n"
#define PATCH COUNTER "  patch:\n"
#define LIST "serial:\n  source: {list: {file: units.csv, column: sn}}\n"

static void unlink_list(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/units.csv", folder);
	unlink(path);
}

struct bad {
	const char *text;
	uint32_t line, column;
	const char *what;
};

static void complains(const char *text, uint32_t line, uint32_t column, const char *what)
{
	struct profile_problems problems;

	assert_null(load_bytes(text, strlen(text), &problems));
	for (size_t i = 0; i < problems.count; i++) {
		const struct profile_problem *problem = &problems.problem[i];

		if (problem->line == line && problem->column == column &&
		    strstr(problem->what, what) != NULL) {
			profile_problems_free(&problems);
			return;
		}
	}
	fail_msg("%s\nno \"%s\" at %u:%u; first is %u:%u: %s", text, what, line, column,
		 problems.problem[0].line, problems.problem[0].column, problems.problem[0].what);
}

static struct profile *load(const char *text)
{
	struct profile_problems problems;
	struct profile *profile = load_bytes(text, strlen(text), &problems);

	if (profile == NULL)
		fail_msg("%s\n%u:%u: %s", text, problems.problem[0].line,
			 problems.problem[0].column, problems.problem[0].what);
	return profile;
}

static void patch_is(const struct profile *profile, unsigned index, const char *number,
		     const char *bytes, size_t length)
{
	struct profile_unit unit = {.uid = "0123456789abcdef01234567"};
	const struct profile_patch *patch = &profile->serial->patch[index];
	uint8_t got[PROFILE_PATCH_MAX];
	char why[128];

	assert_true(profile_serial_find(profile->serial, number, &unit));
	assert_int_equal(patch->length, length);
	if (!profile_patch_bytes(profile->serial, patch, &unit, got, why, sizeof(why)))
		fail_msg("patch %u: %s", index, why);
	assert_memory_equal(got, bytes, length);
}

static void good_profile(void **state)
{
	struct profile *p = load(
		BASE
		"serial:\n"
		"  patch:\n"
		"    - {address: 0x081FFF00, encode: ascii, length: 8, pad: 0x20}\n"
		"    - {address: 0x081FFF20, encode: mac48, base: \"02:00:00:00:00:fe\"}\n"
		"    - {address: 0x081FFF26, encode: u16le}\n"
		"    - {address: 0x081FFF30, encode: u32le, value: \"{counter}\"}\n"
		"    - {address: 0x081FFF38, encode: u64le}\n"
		"    - {address: 0x081FFF40, encode: bytes, value: \"{uid}\"}\n"
		"    - {address: 0x081FFF50, encode: utf8, length: 9, value: "
		"\"\xc3\xbc{serial}\"}\n"
		"    - {address: 0x08000002, encode: bytes, value: \"CAFE\", secret: true}\n"
		"  source: {counter: {file: sn.state, start: 1, end: 999, format: \"A{:03d}b\"}}\n"
		"  on_fail: keep\n"
		"  unique_by: uid\n"
		"limits: {lot_quantity: 7, once_per_lot: true}\n"
		"start: {check: off}\n");

	(void)state;
	assert_true(p->serial->keep && p->serial->by_uid && !p->serial->from_list);
	assert_non_null(strstr(p->serial->state, "/sn.state"));
	assert_int_equal(p->limits.lot_quantity, 7);
	assert_true(p->limits.once_per_lot);
	patch_is(p, 0, "A258b", "A258b   ", 8);
	patch_is(p, 1, "A258b", "\x02\0\0\0\x02\0", 6); /* 0xfe + 258 */
	patch_is(p, 2, "A258b", "\x02\x01", 2);
	patch_is(p, 3, "A258b", "\x02\x01\0\0", 4);
	patch_is(p, 4, "A258b", "\x02\x01\0\0\0\0\0\0", 8);
	patch_is(p, 5, "A258b", "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67", 12);
	patch_is(p, 6, "A258b",
		 "\xc3\xbc"
		 "A258b\0\0",
		 9);
	patch_is(p, 7, "A258b", "\xca\xfe", 2);
	/* Sectors with patches are touched, patches over firmware are told. */
	assert_true(p->flash.touched[0] && p->flash.touched[15] && !p->flash.touched[14]);
	assert_true(p->serial->patch[7].over_image && !p->serial->patch[0].over_image);
	/* The shared image knows nothing of them. */
	assert_int_equal(p->flash.bytes[2], 1);
	assert_int_equal(p->flash.used, 8);
	profile_free(p);
}

static void numbers_there_and_back(void **state)
{
	struct profile *p = load(BASE "serial:\n  source: {counter: {file: s, start: 5, end: 300, "
				      "format: \"x-{:04X}\"}}\n");
	struct profile_unit unit = {.uid = ""};
	char text[PROFILE_SERIAL_SIZE];

	(void)state;
	assert_true(profile_serial_text(p->serial, 0xab, text));
	assert_string_equal(text, "x-00AB");
	assert_true(profile_serial_find(p->serial, text, &unit));
	assert_int_equal(unit.counter, 0xab);
	assert_false(profile_serial_find(p->serial, "x-00ab", &unit));
	assert_false(profile_serial_find(p->serial, "x-0AB", &unit));
	assert_false(profile_serial_find(p->serial, "y-00AB", &unit));
	assert_false(profile_serial_find(p->serial, "x-", &unit));
	assert_false(profile_serial_find(p->serial, "", &unit));
	profile_free(p);
}

static void a_list(void **state)
{
	struct profile *p;

	(void)state;
	write_text("units.csv", "sn,mac,\"the key\"\r\n"
				"S-1,02:00:00:00:00:01,00ff\r\n\r\n"
				"\"S,\"\"2\",02-00-00-00-00-02,0102\n");
	p = load(BASE LIST
		 "  patch:\n"
		 "    - {address: 0x08100000, encode: ascii, length: 6}\n"
		 "    - {address: 0x08100010, encode: mac48, value: \"{mac}\"}\n"
		 "    - {address: 0x08100020, encode: bytes, length: 2, value: \"{the key}\", "
		 "secret: true}\n");
	assert_int_equal(p->serial->list.rows, 2);
	patch_is(p, 0, "S,\"2", "S,\"2\0\0", 6);
	patch_is(p, 1, "S,\"2", "\x02\0\0\0\0\x02", 6);
	patch_is(p, 2, "S-1", "\0\xff", 2);
	assert_non_null(strstr(p->serial->state, "/units.csv.state"));
	profile_free(p);
}

#define ONE_PATCH(value)                                                                           \
	"  patch: [{address: 0x08100000, encode: ascii, length: 16, value: \"" value "\"}]\n"

/* {serial} and {uid} are no columns: the board would get another value than the list says. */
static void columns_with_names_of_other_values(void **state)
{
	static const char keyed[] =
		"serial:\n  source: {list: {file: units.csv, column: serial}}\n";
	char text[500];

	(void)state;
	write_text("units.csv", "serial,sn,uid\nX,A1,deadbeef\nY,A2,cafebabe\n");
	complains(BASE LIST ONE_PATCH("{serial}"), 7, 67,
		  "has a column 'serial', but {serial} is the number");
	complains(BASE LIST ONE_PATCH("a{uid}"), 7, 67, "has a column 'uid', but {uid} is the UID");
	complains(BASE LIST "boot: {usb: {vid: 1, pid: 2, serial: \"{serial}\"}}\n", 7, 38,
		  "rename the column");
	profile_free(load(BASE LIST ONE_PATCH("{sn}")));
	profile_free(
		load(BASE LIST "  patch: [{address: 0x08100000, encode: ascii, length: 16}]\n"));
	snprintf(text, sizeof(text), BASE "%s" ONE_PATCH("{serial}"), keyed);
	profile_free(load(text));
	unlink_list();
}

/* The same list as spreadsheets save it. */
static void lists_of_spreadsheets(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} lists[] = {
#define LIST_OF(text) {text, sizeof(text) - 1}
		LIST_OF("\xEF\xBB\xBFsn;mac\r\nA1;02:00:00:00:00:01\r\nA2;02:00:00:00:00:02\r\n"),
		LIST_OF("sn\tmac\nA1\t02:00:00:00:00:01\nA2\t02:00:00:00:00:02\n\t\n"),
		LIST_OF("sep=;\r\nsn;mac\r\nA1;02:00:00:00:00:01\r\nA2;02:00:00:00:00:02\r\n;\r\n"),
		LIST_OF("sn,mac\rA1,02:00:00:00:00:01\rA2,02:00:00:00:00:02\r,\r"),
		LIST_OF("sn;mac;;\r\nA1;02:00:00:00:00:01;;\r\nA2;02:00:00:00:00:02;;\r\n;;;\r\n"),
		LIST_OF("sn,mac\nA1,02:00:00:00:00:01,,\nA2,02:00:00:00:00:02\n"),
		/* A number that goes into no board may have any text. */
		LIST_OF("sn;mac;note\nA1;02:00:00:00:00:01;1.5E+12\nA2;02:00:00:00:00:02;#N/A\n"),
		LIST_OF("\"sn\";\"m,a\"\"c\"\nA1;\"02:00:00:00:00:01\"\nA2;02:00:00:00:00:02"),
		LIST_OF("\xFF\xFEs\0n\0\t\0m\0a\0c\0\r\0\n\0A\0\x31\0\t\0"
			"0\0002\0:\0000\0000\0:\0000\0000\0:\0000\0000\0:\0000\0000\0:"
			"\0000\0001\0\r\0\n\0"
			"A\0\x32\0\t\0"
			"0\0002\0:\0000\0000\0:\0000\0000\0:\0000\0000\0:\0000\0000\0:"
			"\0000\0002\0"),
		LIST_OF("\xFE\xFF\0s\0n\0;\0m\0a\0c\0\n\0A\0\x31\0;"
			"\0000\0002\0:\0000\0000\0:\0000\0000\0:\0000\0000\0:\0000\0000\0:"
			"\0000\0001\0\n"
			"\0A\0\x32\0;"
			"\0000\0002\0:\0000\0000\0:\0000\0000\0:\0000\0000\0:\0000\0000\0:"
			"\0000\0002\0\n"),
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(lists); i++) {
		struct profile *p;

		write_bytes("units.csv", lists[i].bytes, lists[i].length);
		p = load(strstr(lists[i].bytes, "m,a") ? BASE LIST
				 "  patch: [{address: 0x08100010, encode: mac48, "
				 "value: '{m,a\"c}'}]\n"
						       : BASE LIST
				 "  patch: [{address: 0x08100010, encode: mac48, value: "
				 "\"{mac}\"}]\n");
		assert_int_equal(p->serial->list.rows, 2);
		patch_is(p, 0, "A1", "\x02\0\0\0\0\x01", 6);
		patch_is(p, 0, "A2", "\x02\0\0\0\0\x02", 6);
		profile_free(p);
	}
	write_bytes("units.csv", "\xFF\xFEs\0\0\xD8", 6);
	complains(BASE LIST, 6, 25, "not UTF-16");
	write_bytes("units.csv", "PK\3\4 and so on", 14);
	complains(BASE LIST, 6, 25, "a workbook");
	write_bytes("units.csv", "\xD0\xCF\x11\xE0 and so on", 14);
	complains(BASE LIST, 6, 25, "a workbook");
	unlink_list();
}

#define MAC_LIST BASE LIST "  patch: [{address: 0x08100010, encode: mac48, value: \"{mac}\"%s}]\n"

static void addresses_of_devices(void **state)
{
	static const struct {
		const char *list, *unique;
		uint32_t line; /* 0: accepted */
		const char *what;
		size_t remarks;
	} cases[] = {
		{"sn,mac\nA,020000000001\nB,020000000002\n", "", 0, "", 0},
		{"sn,mac\nA,020000000001\nB,020000000001\n", "", 3, "that of line 2", 0},
		{"sn,mac\nA,02-00-00-00-00-0a\nB,0200:\nC,02000000000A\n", "", 3, "no MAC", 0},
		{"sn,mac\nA,020000000001\nB,020000000001\n", ", unique: true", 3, "line 2", 0},
		{"sn,mac\nA,020000000001\nB,020000000001\n", ", unique: false", 0, "", 0},
		{"sn,mac\nA,000000000000\n", "", 2, "zeros", 0},
		{"sn,mac\nA,ffffffffffff\n", "", 2, "broadcast", 0},
		{"sn,mac\nA,01005e000001\n", ", unique: false", 2, "multicast", 0},
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		write_text("units.csv", cases[i].list);
		snprintf(text, sizeof(text), MAC_LIST, cases[i].unique);
		if (cases[i].line != 0)
			complains(text, cases[i].line, 1, cases[i].what);
		else
			profile_free(load(text));
	}
	complains(BASE PATCH
		  "    - {address: 0x08100000, encode: mac48, base: 01-00-00-00-00-00}\n",
		  8, 7, "multicast");
	/* Good ends, and a multicast address between them. */
	complains(BASE "serial:\n  source: {counter: {file: n, start: 0, end: 0x20000000000}}\n"
		       "  patch:\n"
		       "    - {address: 0x08100000, encode: mac48, base: 00-00-00-00-00-01}\n",
		  8, 7, "multicast");
	complains(BASE PATCH "    - {address: 0x08100000, encode: mac48, value: 020000000001}\n", 8,
		  7, "the same for every board");
	unlink_list();
}

#define FROM_TO(counter, patch)                                                                    \
	BASE "serial:\n  source: {counter: {file: n, " counter "}}\n  patch:\n    - {" patch "}\n"

/* The first and the last number fit, others do not. */
static void numbers_between_the_ends(void **state)
{
	struct profile *p;

	(void)state;
	complains(FROM_TO("start: 98, end: 9999, format: \"{}\"",
			  "address: 0x08100000, encode: bytes, length: 4, pad: 0, value: "
			  "\"{serial}\""),
		  8, 7, "number 100 is not pairs");
	complains(FROM_TO("start: 8, end: 0x99, format: \"{:02x}\"",
			  "address: 0x08100000, encode: u32le, value: \"{serial}\""),
		  8, 7, "use {counter}");
	profile_free(load(FROM_TO("start: 8, end: 0x99, format: \"0x{:02x}\"",
				  "address: 0x08100000, encode: u32le, value: \"{serial}\"")));
	complains(FROM_TO("start: 16, end: 25, format: \"{:X}\"",
			  "address: 0x08100000, encode: u32le, value: \"1{serial}\""),
		  8, 7, "use {counter}");
	complains(FROM_TO("start: 16, end: 25, format: \"x{:X}\"",
			  "address: 0x08100000, encode: u32le, value: \"00{serial}\""),
		  8, 7, "use {counter}");
	profile_free(load(FROM_TO("start: 16, end: 25, format: \"{:X}\"",
				  "address: 0x08100000, encode: u32le, value: \"0x1{serial}\"")));
	profile_free(load(FROM_TO("start: 16, end: 25, format: \"x{:X}\"",
				  "address: 0x08100000, encode: u32le, value: \"0{serial}\"")));
	/* A counter without an end. */
	complains(FROM_TO("start: 1", "address: 0x08100000, encode: u32le"), 8, 7,
		  "set end: at most 4294967295 (u32le)");
	complains(FROM_TO("start: 1", "address: 0x08100000, encode: u16le"), 8, 7,
		  "set end: at most 65535 (u16le)");
	complains(FROM_TO("start: 70000", "address: 0x08100000, encode: u16le"), 8, 7,
		  "number 70000 is no whole number");
	/* The border of the banks. */
	complains(FROM_TO("end: 9", "address: 0x080FFFFE, encode: u32le"), 8, 17,
		  "crosses from bank 1 into bank 2 at 0x08100000; move it or split it");
	complains(FROM_TO("end: 9", "address: 0x081FFFFE, encode: u32le"), 8, 17, "are not flash");
	p = load(FROM_TO("start: 254, end: 511",
			 "address: 0x08100000, encode: mac48, base: 00-80-E1-FF-FF-00"));
	assert_int_equal(p->remarks, 1);
	assert_non_null(strstr(p->remark[0].text, "run from 00:80:E1 into 00:80:E2"));
	profile_free(p);
	p = load(FROM_TO("start: 254, end: 511",
			 "address: 0x08100000, encode: mac48, base: 02-80-E1-FF-FF-00"));
	assert_int_equal(p->remarks, 0);
	profile_free(p);
}

static void repeated_values_are_remarked(void **state)
{
	struct profile *p;

	(void)state;
	write_text("units.csv", "sn,rev\nA,7\nB,8\nC,7\n");
	p = load(BASE LIST "  patch: [{address: 0x08100010, encode: u32le, value: \"{rev}\"}]\n");
	assert_int_equal(p->remarks, 1);
	assert_true(p->remark[0].warning);
	assert_non_null(strstr(p->remark[0].text, "1 rows of the list repeat"));
	assert_non_null(strstr(p->remark[0].text, "line 4 that of line 2"));
	profile_free(p);
	p = load(BASE LIST "  patch: [{address: 0x08100010, encode: u32le, value: \"{rev}\", "
			   "unique: false}]\n");
	assert_int_equal(p->remarks, 0);
	profile_free(p);
	complains(BASE LIST "  patch: [{address: 0x08100010, encode: u32le, value: \"{rev}\", "
			    "unique: true}]\n",
		  4, 1, "that of line 2");
	complains(BASE LIST "  patch: [{address: 0x08100010, encode: ascii, length: 40, value: "
			    "\"a{rev}\", unique: true}]\n",
		  4, 1, "that of line 2");
	complains(BASE LIST "  patch: [{address: 0x08100010, encode: u32le, value: \"{rev}\", "
			    "secret: true, unique: true}]\n",
		  4, 1, "that of line 2");
	unlink_list();
}

static void bad_profiles(void **state)
{
	static const struct bad bad[] = {
		{BASE "serial: 1\n", 5, 9, "map of keys"},
		{BASE "serial: {on_fail: burn}\n", 5, 9, "'source' is missing"},
		{BASE "serial:\n  source: {counter: {file: a}, list: {file: b, column: c}}\n", 6,
		 11, "one of counter, list, scan and hook"},
		{BASE "serial:\n  source: {counter: {start: 1}}\n", 6, 21, "'file' is missing"},
		{BASE "serial:\n  source: {counter: {file: a, start: 9, end: 8}}\n", 6, 21,
		 "before"},
		{BASE "serial:\n  source: {counter: {file: a, start: -1}}\n", 6, 38, "range"},
		{BASE "serial:\n  source: {counter: {file: a, format: \"x\"}}\n", 6, 39, "once"},
		{BASE "serial:\n  source: {counter: {file: a, format: \"{}{}\"}}\n", 6, 39, "once"},
		{BASE "serial:\n  source: {counter: {file: a, format: \"{:9s}\"}}\n", 6, 39,
		 "once"},
		{BASE COUNTER "  on_fail: lose\n", 7, 12, "burn, keep"},
		{BASE COUNTER "  unique_by: mac\n", 7, 14, "one of uid"},
		{BASE COUNTER "  patch: []\n", 7, 10, "empty"},
		{BASE PATCH "    - {encode: ascii, length: 4}\n", 8, 7, "'address' is missing"},
		{BASE PATCH "    - {address: 0x08200000, encode: u32le}\n", 8, 17, "not flash"},
		{BASE PATCH "    - {address: 0x081FFFFE, encode: u32le}\n", 8, 17, "not flash"},
		{BASE PATCH "    - {address: 0x080FFFFE, encode: u32le}\n", 8, 17,
		 "from bank 1 into bank 2"},
		{BASE PATCH "    - {address: 0x08100000, encode: u8}\n", 8, 37, "ascii, utf8"},
		{BASE PATCH "    - {address: 0x08100000, encode: ascii}\n", 8, 7, "'length'"},
		{BASE PATCH "    - {address: 0x08100000, encode: bytes}\n", 8, 7, "'value'"},
		{BASE PATCH "    - {address: 0x08100000, encode: u32le, length: 4}\n", 8, 7,
		 "go with"},
		{BASE PATCH
		 "    - {address: 0x08100000, encode: u32le, base: \"02:00:00:00:00:00\"}\n",
		 8, 7, "mac48 only"},
		{BASE PATCH "    - {address: 0x08100000, encode: mac48, base: \"02:00\"}\n", 8, 50,
		 "MAC address"},
		{BASE PATCH "    - {address: 0x08100000, encode: u32le, value: \"{key}\"}\n", 8, 51,
		 "there is no '{key}'"},
		{BASE PATCH "    - {address: 0x08100000, encode: u32le, value: \"{counter\"}\n", 8,
		 51, "braces"},
		{BASE PATCH "    - {address: 0x08100000, encode: u32le, value: \"x{counter}\"}\n",
		 8, 7, "whole number"},
		{BASE PATCH "    - {address: 0x08100000, encode: ascii, length: 2}\n", 8, 7,
		 "number 999 is longer"},
		{BASE PATCH "    - {address: 0x08100000, encode: mac48, base: ff-ff-ff-ff-ff-ff}\n",
		 8, 7, "last MAC"},
		{BASE PATCH "    - {address: 0x08100000, encode: u32le}\n"
			    "    - {address: 0x08100003, encode: u16le}\n",
		 9, 17, "overlaps the patch in line 8"},
		{BASE PATCH "    - {address: 0x08100000, encode: bytes, value: \"123\"}\n", 8, 7,
		 "hexadecimal"},
		{BASE PATCH
		 "    - {address: 0x08100000, encode: bytes, value: \"{uid}\", secret: true}\n",
		 8, 51, "cannot be secret"},
		{BASE LIST, 6, 25, "units.csv"},
		{BASE "limits: {lot_quantity: 0}\n", 5, 24, "range"},
		{BASE "limits: {once_per_lot: \"true\"}\n", 5, 24, "quotes"},
	};

	(void)state;
	unlink_list();
	for (size_t i = 0; i < LENGTH(bad); i++)
		complains(bad[i].text, bad[i].line, bad[i].column, bad[i].what);
}

/* The vector table is the same in all boards: a number cannot be patched into it. */
static void patches_of_the_vector_table(void **state)
{
#define PATCH_AT(address)                                                                          \
	BASE "serial:\n  source: {counter: {file: s, start: 1, end: 9}}\n"                         \
	     "  patch: [{address: " address ", encode: u32le}]\n"
	(void)state;
	complains(PATCH_AT("0x08000000"), 7, 21, "overwrites the stack pointer or the reset");
	complains(PATCH_AT("0x08000007"), 7, 21, "overwrites the stack pointer or the reset");
	complains(PATCH_AT("0x08100002") "start: 0x08100004\n", 7, 21, "at 0x08100004");
	profile_free(load(PATCH_AT("0x08000008")));
	profile_free(load(PATCH_AT("0x08000004") "start: {check: off}\n"));
}

static void bad_lists(void **state)
{
	static const struct {
		const char *list;
		uint32_t line;
		const char *what;
	} bad[] = {
		{"sn\nA\nB\nA\n", 4, "earlier row"},
		{"sn\nA\n\"\"\n", 3, "1 to 64"},
		{"sn,key\nA,01\nB\n", 3, "1 fields, not 2"},
		{"sn,sn\nA,01\n", 1, "same name"},
		{"sn,\nA,01\n", 2, "2 fields, not 1"},
		{"sn,,key\nA,,01\n", 1, "no name"},
		{"sn,key\n1.23E+12,01\n", 2, "'sn' is in scientific notation"},
		{"sn,key\nA,01\nB,1E+15\n", 3, "'key' is in scientific notation"},
		{"sn;key\n\"4,50E+11\";01\n", 2, "scientific"},
		{"sn,key\nA,#N/A\n", 2, "an error of a spreadsheet"},
		{"sn,key\n########,01\n", 2, "an error of a spreadsheet"},
		{"sn,key\nA\xC2\xA0,01\n", 2, "'sn' has a no-break space"},
		{"sn,key\nA\xC2\xA0"
		 "1,01\n",
		 2, "'sn' has a no-break space"},
		{"sn,key\nA,\xE2\x80\x8B"
		 "01\n",
		 2, "'key' has a no-break space"},
		{"sn,key\nA ,01\n", 2, "ends with a space"},
		{"sn,key\nA,\"0\n1\"\n", 2, "remove line breaks"},
		{"sn,key\nA,M\xFCller\n", 2, "CSV UTF-8"},
		{"sn,key\nA,\"01\n", 2, "not closed"},
		{"sn,key\nA,0\"1\n", 2, "a quote inside"},
		{"sn,key\nA,\"01\"x\n", 2, "after a closing"},
		{"sn,key\nA,0\t1\n", 2, "control"},
		{"sn,key\nA,\xff\n", 2, ""},
		{"sn,key\nA,01\nB,012345\n", 3, "is longer than the patch"},
		{"sn,key\nA,01\nB,zz\n", 3, "hexadecimal"},
	};
	static const char text[] = BASE LIST "  patch: [{address: 0x08100000, encode: bytes, "
					     "length: 2, pad: 0, value: \"{key}\", "
					     "secret: true}]\n";
	static const char plain[] = BASE LIST;

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		write_text("units.csv", bad[i].list);
		complains(i < 2 ? plain : text, bad[i].line, 1, bad[i].what);
	}
	write_text("units.csv", "sn,key\nA,01\n");
	complains(BASE LIST
		  "  patch: [{address: 0x08100000, encode: ascii, length: 2, value: \"{key}\"},"
		  "\n {address: 0x08100010, encode: bytes, length: 1, value: \"{key}\", "
		  "secret: true}]\n",
		  7, 66, "say secret: true");
	complains(BASE "serial: {source: {list: {file: units.csv, column: nr}}}\n", 5, 51,
		  "no column 'nr'");
	unlink_list();
}

static void option_bytes(void **state)
{
	static const struct bad bad[] = {
		{BASE "option_bytes: {set: {rdp: 2}}\n", 5, 27, "level 2 is never set"},
		{BASE "option_bytes: {expect: {rdp: 1}}\n", 5, 30, "level 0"},
		{BASE "option_bytes: {expect: {bor: 4}}\n", 5, 30, "range"},
		{BASE "option_bytes: {expect: {iwdg1_sw: 1}}\n", 5, 35, "true"},
		{BASE "option_bytes: {expect: {boot_cm4: true}}\n", 5, 25, "has no option"},
		{BASE "option_bytes: {expect: {wrpsn1: 255}}\n", 5, 25, "has no option"},
		{BASE "option_bytes: {expect: {wrp: [16]}}\n", 5, 31, "range"},
		{BASE "option_bytes: {expect: {bor: 1, bor: 2}}\n", 5, 33, "again"},
		{BASE "option_bytes: {set: 1}\n", 5, 21, "map"},
		{BASE "option_bytes: {unprotect: 1}\n", 5, 27, "true"},
		{HEAD "target: {part: stm32h7a3xi}\n" FIRMWARE "option_bytes: {expect: {bor: 0}}\n",
		 5, 15, "registers differ"},
	};
	struct stm32_option_block block = {.length = STM32_OPTION_BYTES};
	struct profile *p =
		load("option_bytes: {set: {rdp: 1, wrp: [0, 9], swap_bank: true}, "
		     "unprotect: true}\n" HEAD "target: {part: stm32h745xi}\n" FIRMWARE);

	(void)state;
	assert_true(p->options.unprotect);
	assert_int_equal(p->options.set.count, 4);
	for (unsigned i = 0; i < p->options.set.count; i++)
		stm32_option_put(&block, p->options.set.option[i].field,
				 p->options.set.option[i].value);
	/* Both the register in force and the one to be programmed; RM0433 4.9. */
	for (uint32_t twin = 0; twin <= 4; twin += 4) {
		assert_int_equal(stm32_option_register(&block, 0x00 + twin), 0x80005500);
		assert_int_equal(stm32_option_register(&block, 0x1C + twin), 0xFE);
		assert_int_equal(stm32_option_register(&block, 0x11C + twin), 0xFD);
	}
	assert_int_equal(stm32_option_get(&block, stm32_option_find(p->part, "rdp")), 0x55);
	block.length = 128;
	assert_false(stm32_option_known(&block, stm32_option_find(p->part, "wrpsn2")));
	assert_true(stm32_option_known(&block, stm32_option_find(p->part, "boot_add1")));
	profile_free(p);
	for (size_t i = 0; i < LENGTH(bad); i++)
		complains(bad[i].text, bad[i].line, bad[i].column, bad[i].what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_profile),
		cmocka_unit_test(numbers_there_and_back),
		cmocka_unit_test(a_list),
		cmocka_unit_test(bad_profiles),
		cmocka_unit_test(bad_lists),
		cmocka_unit_test(patches_of_the_vector_table),
		cmocka_unit_test(columns_with_names_of_other_values),
		cmocka_unit_test(lists_of_spreadsheets),
		cmocka_unit_test(addresses_of_devices),
		cmocka_unit_test(numbers_between_the_ends),
		cmocka_unit_test(repeated_values_are_remarked),
		cmocka_unit_test(option_bytes),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
