/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles with one thing wrong each: line, column and a word of the message. */
#include "profile_folder.h"

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
	{BASE "serial: {}\n", 5, 9, "'source' is missing"},
	{BASE "audit: {file: sn.csv}\nserial: {source: {counter: {file: sn.csv, start: 1, end: 9, "
	      "format: \"{}\"}}, patch: [{address: 0x08100000, encode: u32le, value: "
	      "\"{counter}\"}]}\n",
	 6, 35, "serial.source.counter.file is the log of audit.file"},
	{BASE "audit: {file: sn.csv}\nserial: {source: {counter: {file: ./sn.csv.begun, start: 1, "
	      "end: 9, format: \"{}\"}}, patch: [{address: 0x08100000, encode: u32le, value: "
	      "\"{counter}\"}]}\n",
	 6, 35, "serial.source.counter.file is the log of audit.file"},
	{BASE "cloud: {}\n", 5, 1, "unknown key 'cloud'"},
	{BASE "store: {ulr: x}\n", 5, 9, "unknown key 'ulr'"},
	{BASE "store: {url: 5}\n", 5, 14, "url: must be sqlite:FILE or postgresql://..."},
	{BASE "stores: {}\n", 5, 1, "unknown key 'stores'"},
	{BASE "store: {offline: go}\n", 5, 18, "stop"},
	{BASE "store: {lease: {size: 0}}\n", 5, 23, "size"},
	{BASE "store: {lease: {unused: lose}}\n", 5, 25, "keep"},
	{BASE "store: {url: \"mysql://x\"}\n", 5, 14, "sqlite:FILE"},
	{BASE "Erase: auto\n", 5, 1, "unknown key 'Erase'"},
	/* scan */
	{BASE "scan: {lot: \"(\"}\n", 5, 13, "no POSIX extended regular expression"},
	{BASE "scan: {lot: \"(a)\\\\2\"}\n", 5, 13, "back reference"},
	{BASE "scan: {lot: \"(.*){99}\"}\n", 5, 13, "repeats groups"},
	/* power and boot */
	{BASE "power: {cycle: [recover]}\n", 5, 16, "no slot has 'power: true'"},
	{BASE "slots: [{name: a, path: 1-1, power: true}]\npower: {cycle: [recover, recover]}\n", 6,
	 26, "'recover' again"},
	{BASE "power: {cycle: [never]}\n", 5, 17, "recover"},
	{BASE "power: {cycle: []}\n", 5, 16, "cycle"},
	{BASE "power: {off_ms: 99}\n", 5, 17, "100"},
	{BASE "slots: [{name: a, path: 1-1, power: yes}]\n", 5, 37, "false, true"},
	{BASE "boot: {within_s: 5}\n", 5, 7, "'usb' is missing"},
	{BASE "boot: {usb: {vid: 1}}\n", 5, 13, "'pid' is missing"},
	{BASE "boot: {usb: {vid: 1, pid: 2}, within_s: 61}\n", 5, 41, "60"},
	{BASE "boot: {usb: {vid: 1, pid: 2, serial: \"{lot}\"}}\n", 5, 38, "only in {serial}"},
	{BASE "boot: {usb: {vid: 1, pid: 2, serial: \"{serial}\"}}\n", 5, 38, "needs the key"},
	{BASE "boot: {usb: {vid: 0x483, pid: 0xdf11}}\n", 5, 7, "of the bootloader"},
	{BASE "enter: {usb: {vid: 1, pid: 2}, by: detach}\n", 5, 8, "needs 'slots'"},
	{BASE "slots: [{name: a, path: 1-1}]\nenter: {by: detach}\n", 6, 8, "'usb' is missing"},
	{BASE "leave: false\nboot: {usb: {vid: 1, pid: 2}}\n", 6, 7, "nothing starts"},
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
	{HEAD "target: {part: stm32f407vg}\n" FIRMWARE, 3, 16,
	 "programs STM32H7 parts; h7gang help"},
	{HEAD "target: {part: stm32h563zi}\n" FIRMWARE, 3, 16,
	 "programs STM32H7 parts; h7gang help"},
	{HEAD "target: {part: stm32h735xe}\n" FIRMWARE, 3, 16, "did you mean 'stm32h735xg'?"},
	{HEAD "target: {part: stm32h734xg}\n" FIRMWARE, 3, 16, "did you mean 'stm32h7"},
	{HEAD "target: {part: STM32H753VGT6}\n" FIRMWARE, 3, 16, "no such size"},
	{HEAD "target: {part: stm32h7s3x8}\n" FIRMWARE, 3, 16, "not supported yet; h7gang help"},
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
	{BASE "upload_window: 0\n", 5, 16, "from 1 to 16"},
	{BASE "upload_window: 17\n", 5, 16, "from 1 to 16"},
	{BASE "upload_window: all\n", 5, 16, "a whole number"},
	{BASE "timeouts: {transfer_ms: 99}\n", 5, 25, "from 100 to 60000"},
	{BASE "timeouts: {unit_s: 3601}\n", 5, 20, "from 1 to 3600"},
	{BASE "timeouts: {unit_ms: 5}\n", 5, 12, "did you mean 'unit_s'?"},
	{BASE "require: lot\n", 5, 10, "must be a list"},
	{BASE "require: [lots]\n", 5, 11, "one of lot, operator"},
	{BASE "require: [lot, operator, lot]\n", 5, 26, "'lot' again"},
	{BASE "audit: a.csv\n", 5, 8, "must be a map"},
	{BASE "audit: {}\n", 5, 8, "'file' is missing"},
	{BASE "audit: {file: a.csv, rotate_mb: 0}\n", 5, 33, "from 1 to"},
	{BASE "audit: {file: a.csv, rotate_lot: yes}\n", 5, 34, "must be one of"},
	{BASE "audit: {file: a.csv, key: \"\"}\n", 5, 27, "is empty"},
	{BASE "audit: {file: a.csv, seal_every: 0}\n", 5, 34, "from 1 to 1000000"},
	{BASE "audit: {file: \"{LOT}.csv\"}\n", 5, 15, "only in {lot}"},
	{BASE "audit: {file: \"{lot.csv\"}\n", 5, 15, "only in {lot}"},
	{BASE "audit: {file: \"lot}.csv\"}\n", 5, 15, "only in {lot}"},
	/* slots */
	{BASE "hooks: []\n", 5, 8, "must be a map of keys"},
	{BASE "hooks: {gat: {command: [true]}}\n", 5, 9, "unknown key 'gat'; did you mean 'gate'?"},
	{BASE "hooks: {gate: {}}\n", 5, 15, "'command' is missing"},
	{BASE "hooks: {gate: [sh]}\n", 5, 15, "must be a map of keys"},
	{BASE "hooks: {gate: {command: sh -c x}}\n", 5, 25, "must be a list"},
	{BASE "hooks: {gate: {command: []}}\n", 5, 25, "list is empty"},
	{BASE "hooks: {gate: {command: [sh, [x]]}}\n", 5, 30, "must be text"},
	{BASE "hooks: {gate: {command: [sh, \"a\\0\"]}}\n", 5, 30, "control character"},
	{BASE "hooks: {gate: {command: [no-such-program-0]}}\n", 5, 26, "there is no program"},
	{BASE "hooks: {gate: {command: [./app.hex]}}\n", 5, 26, "there is no program './app.hex'"},
	{BASE "hooks: {gate: {command: [/tmp]}}\n", 5, 26, "there is no program"},
	{BASE "hooks: {end: {command: [sh], timeout_s: 0}}\n", 5, 41, "from 1 to 3600"},
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
	{HEAD TARGET "firmware: [{file: no.hex}]\n", 4, 19,
	 "cannot open firmware \"no.hex\" (resolved to "},
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

/* A mistake in a text file is reported with that file's line and the place in the profile. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_profiles),
		cmocka_unit_test(errors_of_firmware_files),
	};

	return cmocka_run_group_tests_name("profile/bad", tests, make_folder, remove_folder);
}
