/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole profiles through profile_load, good ones and bad ones. */
#include "h7gang/profile/profile.h"

#include <dirent.h>
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
static char *const files[] = {"app.hex",   "app.bin", "low.srec",    "none.hex", "bad.hex",
			      "twice.hex", "p.yaml",  "foreign.dfu", "empty.bin"};

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

static struct profile *load(const char *text)
{
	struct profile_problems problems;
	struct profile *profile = load_bytes(text, strlen(text), &problems);

	if (profile == NULL)
		fail_msg("%s\n%u:%u: %s", text, problems.problem[0].line,
			 problems.problem[0].column, problems.problem[0].what);
	assert_int_equal(problems.count, 0);
	profile_problems_free(&problems);
	return profile;
}

static void defaults_of_the_contract(void **state)
{
	struct profile *p = load(BASE);

	(void)state;
	assert_string_equal(p->name, "n");
	assert_ptr_equal(p->part, stm32_part_find("stm32h743xi"));
	assert_int_equal(p->usb.vid, 0x0483);
	assert_int_equal(p->usb.pid, 0xdf11);
	assert_int_equal(p->bootloaders, 0);
	assert_string_equal(p->firmware_version, "");
	assert_int_equal(p->erase, PROFILE_ERASE_AUTO);
	assert_int_equal(p->verify, PROFILE_VERIFY_FULL);
	assert_int_equal(p->poll, PROFILE_POLL_ADAPTIVE);
	assert_int_equal(p->leave, PROFILE_LEAVE_TRUE);
	assert_int_equal(p->attempts, 2);
	assert_int_equal(p->transfer_ms, 5000);
	assert_int_equal(p->unit_s, 300);
	assert_false(p->require_lot || p->require_operator);
	assert_int_equal(p->slots, 0);
	assert_null(p->audit_file);
	assert_int_equal(strlen(p->sha256), 64);
	assert_int_equal(p->files, 1);
	assert_string_equal(p->file[0].file, "app.hex");
	assert_int_equal(p->file[0].line, 4);
	assert_int_equal(p->file[0].column, 19);
	assert_int_equal(strlen(p->file[0].actual), 64);
	assert_int_equal(p->flash.used, 4);
	assert_int_equal(strlen(p->flash.sha256), 64);
	profile_free(p);
}

static void every_key(void **state)
{
	char expected[160];
	struct profile *p = load(
		"%YAML 1.1\n---\n# a comment\n"
		"profile: 1\n"
		"name: controller-a\n"
		"target:\n"
		"  part: stm32h743xi\n"
		"  usb: {vid: 0x1234, pid: 0}\n"
		"  bootloaders: [V9.0, \"V9.2\", 'V13.2']\n"
		"firmware_version: 2.4\n"
		"firmware:\n"
		"  - {file: app.hex, format: ihex, range: {first: 0x08000000, last: 0x08000001},\n"
		"     offset: 0x100}\n"
		"  - file: app.bin\n"
		"    address: 135266304\n" /* 0x08100000 */
		"    offset: -16\n"
		"    sha256: BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
		"  - {file: low.srec, offset: 0x08000000}\n"
		"erase: mass\nverify: image\npoll: spec\nleave: required\nattempts: 9\n"
		"timeouts: {transfer_ms: 100, unit_s: 3600}\n"
		"require: [operator, lot]\n"
		"slots:\n"
		"  - {name: A1, path: 1-1.1, row: 1, column: 2}\n"
		"  - {name: 2, path: pci-0000:00:14.0-usb-0:1.1}\n"
		"audit: {file: \"audit/{lot}/{lot}.csv\"}\n...\n");

	(void)state;
	assert_string_equal(p->name, "controller-a");
	assert_int_equal(p->usb.vid, 0x1234);
	assert_int_equal(p->usb.pid, 0);
	assert_int_equal(p->bootloaders, 3);
	assert_memory_equal(p->bootloader, "\x90\x92\xD2", 3);
	assert_string_equal(p->firmware_version, "2.4");
	assert_int_equal(p->files, 3);
	assert_int_equal(p->file[0].used, 2);
	assert_int_equal(p->file[0].lowest, 0x08000100);
	assert_int_equal(p->file[1].lowest, 0x080FFFF0);
	assert_int_equal(p->file[1].highest, 0x080FFFF2);
	assert_string_equal(p->file[1].sha256, p->file[1].actual);
	assert_int_equal(p->file[2].lowest, 0x08000010);
	assert_int_equal(p->erase, PROFILE_ERASE_MASS);
	assert_int_equal(p->verify, PROFILE_VERIFY_IMAGE);
	assert_int_equal(p->poll, PROFILE_POLL_SPEC);
	assert_int_equal(p->leave, PROFILE_LEAVE_REQUIRED);
	assert_int_equal(p->attempts, 9);
	assert_int_equal(p->transfer_ms, 100);
	assert_int_equal(p->unit_s, 3600);
	assert_true(p->require_lot && p->require_operator);
	assert_int_equal(p->slots, 2);
	assert_string_equal(p->slot[0].name, "A1");
	assert_string_equal(p->slot[0].path, "1-1.1");
	assert_false(p->slot[0].by_id_path);
	assert_int_equal(p->slot[0].row, 1);
	assert_int_equal(p->slot[0].column, 2);
	assert_string_equal(p->slot[1].name, "2");
	assert_true(p->slot[1].by_id_path);
	assert_int_equal(p->slot[1].row, 0);
	snprintf(expected, sizeof(expected), "%s/audit/{lot}/{lot}.csv", folder);
	assert_string_equal(p->audit_file, expected);
	assert_memory_equal(p->flash.bytes + 0xFFFF0, "abc\xFF", 4);
	profile_free(p);
}

static void erase_decides_the_default_of_verify(void **state)
{
	static const struct {
		const char *text;
		enum profile_erase erase;
		enum profile_verify verify;
	} cases[] = {
		{BASE "erase: auto\n", PROFILE_ERASE_AUTO, PROFILE_VERIFY_FULL},
		{BASE "erase: mass\n", PROFILE_ERASE_MASS, PROFILE_VERIFY_FULL},
		{BASE "erase: touched\n", PROFILE_ERASE_TOUCHED, PROFILE_VERIFY_IMAGE},
		{BASE "erase: none\n", PROFILE_ERASE_NONE, PROFILE_VERIFY_IMAGE},
		{BASE "verify: image\n", PROFILE_ERASE_AUTO, PROFILE_VERIFY_IMAGE},
		{BASE "verify: image\nerase: mass\n", PROFILE_ERASE_MASS, PROFILE_VERIFY_IMAGE},
		{BASE "verify: full\nerase: touched\n", PROFILE_ERASE_TOUCHED, PROFILE_VERIFY_FULL},
		{BASE "erase: none\nverify: full\n", PROFILE_ERASE_NONE, PROFILE_VERIFY_FULL},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct profile *p = load(cases[i].text);

		assert_int_equal(p->erase, cases[i].erase);
		assert_int_equal(p->verify, cases[i].verify);
		profile_free(p);
	}
}

/* One thing wrong each. */
static const struct {
	const char *text;
	unsigned line, column;
	const char *word;
} bad[] = {
	{"", 1, 1, "empty"},
	{"# nothing\n", 1, 1, "empty"},
	{"--- \n", 2, 1, "no value"},
	{"- 1\n", 1, 1, "must be a map of keys, not a list"},
	{"hello\n", 1, 1, "must be a map of keys, not text"},
	/* keys */
	{"name: n\n" TARGET FIRMWARE, 1, 1, "'profile' is missing"},
	{"profile: 1\n" TARGET FIRMWARE, 1, 1, "'name' is missing"},
	{HEAD FIRMWARE, 1, 1, "'target' is missing"},
	{HEAD TARGET, 1, 1, "'firmware' is missing"},
	{HEAD "target: {}\n" FIRMWARE, 3, 9, "'part' is missing"},
	{HEAD TARGET "firmware: [{}]\n", 4, 12, "'file' is missing"},
	{BASE "erse: auto\n", 5, 1, "unknown key 'erse'; did you mean 'erase'?"},
	{BASE "serial: {}\n", 5, 1, "unknown key 'serial'"},
	{BASE "option_bytes: {}\n", 5, 1, "unknown key 'option_bytes'"},
	{BASE "limits: {}\n", 5, 1, "unknown key 'limits'"},
	{BASE "hooks: {}\n", 5, 1, "unknown key 'hooks'"},
	{BASE "store: {}\n", 5, 1, "unknown key 'store'"},
	{BASE "Erase: auto\n", 5, 1, "unknown key 'Erase'"},
	{BASE "erase: auto\nerase: auto\n", 6, 1, "key 'erase' again; it already stands in line 5"},
	{BASE "\"name\": n\n", 5, 1, "key 'name' again; it already stands in line 2"},
	{BASE "[erase]: auto\n", 5, 1, "must be a word"},
	{BASE "erase:\n", 5, 7, "has no value"},
	{BASE "erase: ~\n", 5, 8, "has no value"},
	{BASE "timeouts: null\n", 5, 11, "has no value"},
	/* YAML that a profile may not use */
	{BASE "poll: &p spec\n", 5, 7, "anchors"},
	{BASE "timeouts: &p {unit_s: 5}\n", 5, 11, "anchors"},
	{BASE "require: &p [lot]\n", 5, 10, "anchors"},
	{BASE "poll: *p\n", 5, 7, "aliases"},
	{BASE "*p : 5\n", 5, 1, "aliases"},
	{BASE "<<: {erase: auto}\n", 5, 1, "merge keys"},
	{BASE "poll: !!str spec\n", 5, 7, "tags"},
	{BASE "poll: ! spec\n", 5, 7, "tags"},
	{BASE "require: !x [lot]\n", 5, 10, "tags"},
	{BASE "---\nname: other\n", 5, 1, "second document"},
	{BASE "  erase: auto\n", 5, 3, "not YAML"},
	{BASE "require: [\n", 6, 1, "not YAML"},
	{BASE "erase: \"auto\n", 6, 1, "not YAML"},
	{BASE "\terase: auto\n", 5, 1, "not YAML"},
	{BASE "erase: au\xFFto\n", 5, 10, "not UTF-8"},
	{BASE "# \xC3\xA4 \xC3\n", 5, 5, "not UTF-8"},
	{BASE "# \xED\xA0\x80\n", 5, 3, "not UTF-8"},
	{BASE "# \xC0\x80\n", 5, 3, "not UTF-8"},
	{BASE "# \x07\n", 5, 3, "control character"},
	/* values */
	{"profile: 2\nname: n\n" TARGET FIRMWARE, 1, 10, "schema version 2"},
	{"profile: \"1\"\nname: n\n" TARGET FIRMWARE, 1, 10, "not text in quotes"},
	{"profile: one\nname: n\n" TARGET FIRMWARE, 1, 10, "whole number"},
	{"profile: 1\nname: -x\n" TARGET FIRMWARE, 2, 7, "begin with a letter or digit"},
	{"profile: 1\nname: a/b\n" TARGET FIRMWARE, 2, 7, "must be 1 to 64"},
	{"profile: 1\nname: \"\"\n" TARGET FIRMWARE, 2, 7, "is empty"},
	{"profile: 1\nname: \"a\\0\"\n" TARGET FIRMWARE, 2, 7, "control character"},
	{"profile: 1\nname: \xC3\xA4\n" TARGET FIRMWARE, 2, 7, "must be 1 to 64"},
	{"profile: 1\nname: [a]\n" TARGET FIRMWARE, 2, 7, "must be text, not a list"},
	{"profile: 1\nname: " ZEROS_32 ZEROS_32 "0\n" TARGET FIRMWARE, 2, 7, "1 to 64"},
	{HEAD "target: {part: stm32h743}\n" FIRMWARE, 3, 16, "did you mean 'stm32h743xi'?"},
	{HEAD "target: {part: stm32f407vg}\n" FIRMWARE, 3, 16, "unknown part"},
	{HEAD "target: stm32h743xi\n" FIRMWARE, 3, 9, "must be a map of keys, not text"},
	{HEAD "target: {part: stm32h743xi, usb: {vid: 0x10000}}\n" FIRMWARE, 3, 40, "to 0xFFFF"},
	{HEAD "target: {part: stm32h743xi, usb: {pid: -1}}\n" FIRMWARE, 3, 40, "out of range"},
	{HEAD "target: {part: stm32h743xi, usb: {sn: 1}}\n" FIRMWARE, 3, 35, "unknown key"},
	{HEAD "target: {part: stm32h743xi, bootloaders: []}\n" FIRMWARE, 3, 42, "list is empty"},
	{HEAD "target: {part: stm32h743xi, bootloaders: V9.0}\n" FIRMWARE, 3, 42, "must be a list"},
	{HEAD "target: {bootloaders: [V9.0, V9.3], part: stm32h743xi}\n" FIRMWARE, 3, 30,
	 "'V9.3' is no bootloader of the stm32h743xi; known are "},
	{HEAD "target: {part: stm32h723xg, bootloaders: [V9.0]}\n" FIRMWARE, 3, 43,
	 "no bootloader"},
	{HEAD "target: {part: stm32h743xi, bootloaders: [V9.0, V9.0]}\n" FIRMWARE, 3, 49, "again"},
	{BASE "firmware_version: \"a\\nb\"\n", 5, 19, "control character"},
	{BASE "firmware_version: {}\n", 5, 19, "must be text"},
	{BASE "erase: masss\n", 5, 8, "one of auto, touched, mass, none"},
	{BASE "verify: none\n", 5, 9, "one of full, image"},
	{BASE "poll: fast\n", 5, 7, "one of adaptive, spec"},
	{BASE "leave: yes\n", 5, 8, "one of false, true, required"},
	{BASE "leave: \"true\"\n", 5, 8, "without quotes"},
	{BASE "attempts: 0\n", 5, 11, "from 1 to 9"},
	{BASE "attempts: 10\n", 5, 11, "from 1 to 9"},
	{BASE "attempts: 99999999999999999999\n", 5, 11, "from 1 to 9"},
	{BASE "attempts: 18446744073709551618\n", 5, 11, "from 1 to 9"},
	{BASE "attempts: 2.0\n", 5, 11, "whole number"},
	{BASE "attempts: 02\n", 5, 11, "whole number"},
	{BASE "attempts: 0x\n", 5, 11, "whole number"},
	{BASE "attempts: +2\n", 5, 11, "whole number"},
	{BASE "timeouts: {transfer_ms: 99}\n", 5, 25, "from 100 to 60000"},
	{BASE "timeouts: {unit_s: 3601}\n", 5, 20, "from 1 to 3600"},
	{BASE "timeouts: {unit_ms: 5}\n", 5, 12, "did you mean 'unit_s'?"},
	{BASE "require: lot\n", 5, 10, "must be a list"},
	{BASE "require: [lots]\n", 5, 11, "one of lot, operator"},
	{BASE "require: [lot, operator, lot]\n", 5, 26, "'lot' again"},
	{BASE "audit: a.csv\n", 5, 8, "must be a map"},
	{BASE "audit: {}\n", 5, 8, "'file' is missing"},
	{BASE "audit: {file: \"{LOT}.csv\"}\n", 5, 15, "only in {lot}"},
	{BASE "audit: {file: \"{lot.csv\"}\n", 5, 15, "only in {lot}"},
	{BASE "audit: {file: \"lot}.csv\"}\n", 5, 15, "only in {lot}"},
	/* slots */
	{BASE "slots: []\n", 5, 8, "list is empty"},
	{BASE "slots: [{name: a}]\n", 5, 9, "'path' is missing"},
	{BASE "slots: [{path: 1-1}]\n", 5, 9, "'name' is missing"},
	{BASE "slots: [{name: a b, path: 1-1}]\n", 5, 16, "1 to 64"},
	{BASE "slots: [{name: a, path: 1-1}, {name: a, path: 1-2}]\n", 5, 38, "already a slot"},
	{BASE "slots: [{name: a, path: 1-1}, {name: b, path: 1-1}]\n", 5, 47, "already the path"},
	{BASE "slots: [{name: a, path: 1-1, row: 0}]\n", 5, 35, "from 1 to 1000"},
	{BASE "slots: [{name: a, path: 1-1, column: a}]\n", 5, 38, "whole number"},
	{BASE "slots: [{name: a, path: \"1\"}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: 1-}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: 1-0}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: 1-1.}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: 1-01}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: \"1-1:1.0\"}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: usb1}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: 1-1.1.1.1.1.1.1.1}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: \"-usb-0:1\"}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: \"pci-0-usb-0:1:1.0\"}]\n", 5, 25, "no port path"},
	{BASE "slots: [{name: a, path: \"pci-0-usb-0\"}]\n", 5, 25, "no port path"},
	/* firmware */
	{HEAD TARGET "firmware: []\n", 4, 11, "list is empty"},
	{HEAD TARGET "firmware: app.hex\n", 4, 11, "must be a list"},
	{HEAD TARGET "firmware: [app.hex]\n", 4, 12, "must be a map"},
	{HEAD TARGET "firmware: [{file: no.hex}]\n", 4, 19, "no.hex: No such file"},
	{HEAD TARGET "firmware: [{file: .}]\n", 4, 19, "not a regular file"},
	{HEAD TARGET "firmware: [{file: empty.bin}]\n", 4, 19, "empty"},
	{HEAD TARGET "firmware: [{file: none.hex}]\n", 4, 19, "states no bytes"},
	{HEAD TARGET "firmware: [{file: app.bin}]\n", 4, 19, "needs an address"},
	{HEAD TARGET "firmware: [{file: app.hex, address: 0}]\n", 4, 37, "its own addresses"},
	{HEAD TARGET "firmware: [{file: app.bin, address: 0x08200000}]\n", 4, 37, "is not flash"},
	{HEAD TARGET "firmware: [{file: app.bin, address: 0x081FFFFE}]\n", 4, 37, "0x08200000 is"},
	{HEAD TARGET "firmware: [{file: app.bin, address: 0x108000000}]\n", 4, 37, "0xFFFFFFFF"},
	{HEAD TARGET "firmware: [{file: app.bin, address: \"0\"}]\n", 4, 37, "in quotes"},
	{HEAD TARGET "firmware: [{file: app.hex, sha256: abc}]\n", 4, 36, "64 hexadecimal"},
	{HEAD TARGET "firmware: [{file: app.hex, sha256: " ZEROS_32 ZEROS_32 "}]\n", 4, 36,
	 "differs"},
	{HEAD TARGET "firmware: [{file: app.hex, format: hex}]\n", 4, 36,
	 "one of auto, raw, ihex, srec, elf, dfuse, dfu"},
	{HEAD TARGET "firmware: [{file: app.hex, format: elf}]\n", 4, 19, "not an ELF file"},
	{HEAD TARGET "firmware: [{file: app.hex, range: {first: 0}}]\n", 4, 35,
	 "'last' is missing"},
	{HEAD TARGET "firmware: [{file: app.hex, range: {first: 9, last: 8}}]\n", 4, 35, "before"},
	{HEAD TARGET "firmware: [{file: app.hex, range: {first: 0, last: 8}}]\n", 4, 35,
	 "nothing lies"},
	{HEAD TARGET "firmware: [{file: app.hex, offset: 0xF8000000}]\n", 4, 36,
	 "out of the 32-bit"},
	{HEAD TARGET "firmware: [{file: foreign.dfu, address: 0x08000000}]\n", 4, 19,
	 "for devices 1234:5678, not 0483:df11"},
};

static void bad_profiles(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct profile_problems problems;
		struct profile *profile = load_bytes(bad[i].text, strlen(bad[i].text), &problems);
		const struct profile_problem *problem = problems.problem;

		if (profile == NULL && problems.count == 1 && problem->line == bad[i].line &&
		    problem->column == bad[i].column &&
		    strstr(problem->what, bad[i].word) != NULL) {
			profile_problems_free(&problems);
			continue;
		}
		failed++;
		print_error("%s\nshould be %u:%u: %s\n", bad[i].text, bad[i].line, bad[i].column,
			    bad[i].word);
		for (size_t p = 0; p < problems.count; p++)
			print_error("is %u:%u: %s\n", problem[p].line, problem[p].column,
				    problem[p].what);
		profile_free(profile);
		profile_problems_free(&problems);
	}
	assert_int_equal(failed, 0);
}

/* What is wrong inside a text file has that file's line, and names the place in the profile. */
static void errors_of_firmware_files(void **state)
{
	static const struct {
		const char *text, *file;
		unsigned line;
		const char *word, *place;
	} cases[] = {
		{HEAD TARGET "firmware: [{file: bad.hex}]\n", "bad.hex", 2, "bad checksum",
		 ":4:19)"},
		{HEAD TARGET "firmware:\n  - file: twice.hex\n", "twice.hex", 3,
		 "0x08000001 is already stated by line 2", ":5:11)"},
		{HEAD TARGET "firmware: [{file: app.hex}, {file: app.hex}]\n", "app.hex", 2,
		 "0x08000000 is already stated by an earlier file, app.hex", ":4:36)"},
		{HEAD "target: {part: stm32h750xb}\n"
		      "firmware: [{file: app.hex, offset: 0x1FFFE}]\n",
		 "app.hex", 2, "0x08020000 is not flash of the stm32h750xb", ":4:19)"},
		{HEAD TARGET "firmware: [{file: low.srec}]\n", "low.srec", 1, "0x00000010 is not",
		 ":4:19)"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct profile_problems problems;
		const struct profile_problem *problem;

		assert_null(load_bytes(cases[i].text, strlen(cases[i].text), &problems));
		assert_int_equal(problems.count, 1);
		problem = &problems.problem[0];
		if (strstr(problem->file, cases[i].file) == NULL ||
		    problem->line != cases[i].line ||
		    strstr(problem->what, cases[i].word) == NULL ||
		    strstr(problem->what, cases[i].place) == NULL)
			fail_msg("%s\n%s:%u: %s", cases[i].text, problem->file, problem->line,
				 problem->what);
		profile_problems_free(&problems);
	}
}

static void assert_places(const char *text, size_t length, const unsigned (*places)[2],
			  size_t count)
{
	struct profile_problems problems;

	assert_null(load_bytes(text, length, &problems));
	for (size_t i = 0; i < problems.count; i++)
		if (i >= count || problems.problem[i].at_line != places[i][0] ||
		    problems.problem[i].at_column != places[i][1])
			fail_msg("%u:%u: %s", problems.problem[i].at_line,
				 problems.problem[i].at_column, problems.problem[i].what);
	assert_int_equal(problems.count, count);
	profile_problems_free(&problems);
}

static void all_errors_in_one_run(void **state)
{
	static const char text[] = "profile: 3\n"
				   "name: /\n"
				   "target: {part: h743, usb: {vid: x}}\n"
				   "firmware:\n"
				   "  - {file: bad.hex, sha256: 1}\n"
				   "  - {file: missing, addres: 5}\n"
				   "  - 7\n"
				   "erase: all\n"
				   "erase: all\n"
				   "slots: [{name: a}, {path: 1}]\n"
				   "audit: {file: \"{x}\"}\n";
	static const unsigned places[][2] = {
		{1, 10}, {2, 7}, {3, 16}, {3, 33}, {5, 12},  {5, 29},  {6, 12},	 {6, 21},
		{7, 5},	 {8, 8}, {9, 1},  {10, 9}, {10, 20}, {10, 27}, {11, 15},
	};

	(void)state;
	assert_places(text, strlen(text), places, LENGTH(places));
}

/* Nothing is said to be missing from a profile that was not read to its end. */
static void findings_before_a_syntax_error_are_kept(void **state)
{
	static const char syntax[] = "profile: 3\nfirmware: [{file: bad.hex}, {file: app.bin\n"
				     "x: ]\n";
	static const unsigned syntax_places[][2] = {{1, 10}, {2, 19}, {3, 2}};
	static const char nul[] = "profile: 3\nname: a\0b\nerase: x\n";
	static const unsigned nul_places[][2] = {{1, 10}, {2, 8}};

	(void)state;
	assert_places(syntax, sizeof(syntax) - 1, syntax_places, LENGTH(syntax_places));
	assert_places(nul, sizeof(nul) - 1, nul_places, LENGTH(nul_places));
}

static void hostile_profiles_stay_small(void **state)
{
	struct profile_problems problems;
	size_t length = 1u << 20;
	char *text = malloc(length + 1);

	(void)state;
	assert_non_null(text);
	memset(text, '[', length);
	assert_null(load_bytes(text, length, &problems));
	assert_non_null(strstr(problems.problem[problems.count - 1].what, "nested too deep"));
	profile_problems_free(&problems);
	for (size_t i = 0; i < length; i += 2)
		memcpy(text + i, i == 0 ? "[a" : ",a", 2);
	assert_null(load_bytes(text, length, &problems));
	assert_non_null(strstr(problems.problem[problems.count - 1].what, "too many values"));
	profile_problems_free(&problems);
	for (size_t i = 0; i < length; i += 4)
		memcpy(text + i, "a:\n\n", 4);
	assert_null(load_bytes(text, length, &problems));
	assert_int_equal(problems.count, 1001);
	assert_non_null(strstr(problems.problem[1000].what, "too many errors"));
	profile_problems_free(&problems);
	memset(text, '#', length + 1);
	assert_null(load_bytes(text, length + 1, &problems));
	assert_non_null(strstr(problems.problem[0].what, "larger than 1024 KiB"));
	profile_problems_free(&problems);
	free(text);
}

static void byte_order_mark_and_crlf(void **state)
{
	struct profile *p = load("\xEF\xBB\xBFprofile: 1\r\nname: n\r\n"
				 "target: {part: stm32h743xi}\r\nfirmware: [{file: app.hex}]\r\n");

	(void)state;
	assert_int_equal(p->file[0].line, 4);
	profile_free(p);
}

static void unreadable_profiles(void **state)
{
	struct profile_problems problems;

	(void)state;
	assert_null(profile_load("/nonexistent/p.yaml", &problems));
	assert_int_equal(problems.count, 1);
	assert_string_equal(problems.problem[0].file, "/nonexistent/p.yaml");
	assert_non_null(strstr(problems.problem[0].what, "No such file"));
	profile_problems_free(&problems);
	assert_null(profile_load(folder, &problems));
	assert_int_equal(problems.count, 1);
	profile_problems_free(&problems);
}

static void names(void **state)
{
	(void)state;
	assert_true(profile_name_ok("a"));
	assert_true(profile_name_ok("0-._Z"));
	assert_true(profile_name_ok(ZEROS_32 ZEROS_32));
	assert_false(profile_name_ok(ZEROS_32 ZEROS_32 "0"));
	assert_false(profile_name_ok(""));
	assert_false(profile_name_ok("."));
	assert_false(profile_name_ok("-a"));
	assert_false(profile_name_ok("a/b"));
	assert_false(profile_name_ok("a b"));
	assert_false(profile_name_ok("\xC3\xA4"));
}

/* Nothing but their firmware is missing from the examples. Found from the top of the tree. */
static void example_profiles(void **state)
{
	DIR *examples = opendir("profiles");
	const struct dirent *entry;

	(void)state;
	if (examples == NULL)
		skip();
	while ((entry = readdir(examples)) != NULL) {
		struct profile_problems problems;
		char path[300];

		if (strstr(entry->d_name, ".yaml") == NULL)
			continue;
		snprintf(path, sizeof(path), "profiles/%s", entry->d_name);
		profile_free(profile_load(path, &problems));
		for (size_t i = 0; i < problems.count; i++)
			if (strstr(problems.problem[i].what, "No such file") == NULL)
				fail_msg("%s:%u: %s", path, problems.problem[i].line,
				         problems.problem[i].what);
		profile_problems_free(&problems);
	}
	closedir(examples);
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
	uint8_t dfu[] = {'a',  'b',  'c', 'd', 0,   0,	0x78, 0x56, 0x34, 0x12,
			 0x00, 0x01, 'U', 'F', 'D', 16, 0,    0,    0,	  0};
	uint32_t crc = crc_of(dfu, sizeof(dfu) - 4);

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	for (unsigned i = 0; i < 4; i++)
		dfu[sizeof(dfu) - 4 + i] = (uint8_t)(crc >> 8 * i);
	write_text("app.hex", ":020000040800F2\n:0400000001020304F2\n:00000001FF\n");
	write_text("bad.hex", ":020000040800F2\n:0400000001020304F3\n:00000001FF\n");
	write_text("twice.hex", ":020000040800F2\n:0400000001020304F2\n:0100010002FC\n"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_of_the_contract),
		cmocka_unit_test(every_key),
		cmocka_unit_test(erase_decides_the_default_of_verify),
		cmocka_unit_test(bad_profiles),
		cmocka_unit_test(errors_of_firmware_files),
		cmocka_unit_test(all_errors_in_one_run),
		cmocka_unit_test(findings_before_a_syntax_error_are_kept),
		cmocka_unit_test(hostile_profiles_stay_small),
		cmocka_unit_test(byte_order_mark_and_crlf),
		cmocka_unit_test(unreadable_profiles),
		cmocka_unit_test(names),
		cmocka_unit_test(example_profiles),
	};

	return cmocka_run_group_tests_name("profile/load", tests, make_folder, remove_folder);
}
