/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole profiles through profile_load; test_profile_bad.c has those with one thing wrong. */
#include "profile_folder.h"

#include <dirent.h>

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
	assert_int_equal(p->upload_window, 8);
	assert_int_equal(p->leave, PROFILE_LEAVE_TRUE);
	assert_int_equal(p->attempts, 2);
	assert_int_equal(p->transfer_ms, 5000);
	assert_int_equal(p->claim_ms, 2000);
	assert_int_equal(p->power.cycle, 0);
	assert_int_equal(p->power.off_ms, 1500);
	assert_false(p->boot.given);
	assert_int_equal(p->unit_s, 300);
	assert_false(p->require_lot || p->require_operator);
	assert_int_equal(p->slots, 0);
	assert_null(p->audit_file);
	assert_null(p->audit_key);
	assert_int_equal(p->audit_seal_every, 100);
	assert_int_equal(p->audit_rotate_mb, 0);
	assert_false(p->audit_rotate_lot);
	assert_int_equal(strlen(p->sha256), 64);
	assert_int_equal(p->files, 1);
	assert_string_equal(p->file[0].file, "app.hex");
	assert_int_equal(p->file[0].line, 4);
	assert_int_equal(p->file[0].column, 19);
	assert_int_equal(strlen(p->file[0].actual), 64);
	assert_int_equal(p->flash.used, 8);
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
		"start: {address: 0x08000100, check: off}\n"
		"upload_window: 16\n"
		"timeouts: {transfer_ms: 100, unit_s: 3600, claim_ms: 0}\n"
		"require: [operator, lot]\n"
		"slots:\n"
		"  - {name: A1, path: 1-1.1, row: 1, column: 2}\n"
		"  - {name: 2, path: pci-0000:00:14.0-usb-0:1.1}\n"
		"audit: {file: \"audit/{lot}/{lot}.csv\", key: keys/station.key, seal_every: 7, "
		"rotate_mb: 9, rotate_lot: true}\n...\n");

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
	assert_int_equal(p->upload_window, 16);
	assert_int_equal(p->transfer_ms, 100);
	assert_int_equal(p->claim_ms, 0);
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
	snprintf(expected, sizeof(expected), "%s/keys/station.key", folder);
	assert_string_equal(p->audit_key, expected);
	assert_int_equal(p->audit_seal_every, 7);
	assert_int_equal(p->audit_rotate_mb, 9);
	assert_true(p->audit_rotate_lot);
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
		{1, 10}, {2, 7}, {3, 16}, {3, 33}, {5, 12},  {5, 29},  {6, 12},  {6, 21},
		{7, 5},  {8, 8}, {9, 1},  {10, 9}, {10, 20}, {10, 27}, {11, 15},
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

static void hooks(void **state)
{
	struct profile *p =
		load(BASE "hooks:\n"
			  "  start: {command: [sh, -c, 'cat; exit 0'], timeout_s: 3600}\n"
			  "  gate: {command: [/bin/sh]}\n");

	(void)state;
	assert_non_null(strstr(p->hook[PROFILE_HOOK_START].program, "/sh"));
	assert_string_equal(p->hook[PROFILE_HOOK_START].argv[0], "sh");
	assert_string_equal(p->hook[PROFILE_HOOK_START].argv[2], "cat; exit 0");
	assert_null(p->hook[PROFILE_HOOK_START].argv[3]);
	assert_int_equal(p->hook[PROFILE_HOOK_START].timeout_s, 3600);
	assert_string_equal(p->hook[PROFILE_HOOK_GATE].program, "/bin/sh");
	assert_int_equal(p->hook[PROFILE_HOOK_GATE].timeout_s, 30);
	assert_null(p->hook[PROFILE_HOOK_AFTER].program);
	assert_null(p->hook[PROFILE_HOOK_END].argv);
	for (unsigned i = 0; i < PROFILE_HOOKS; i++)
		assert_string_not_equal(profile_hook_name((enum profile_hook_time)i), "unknown");
	profile_free(p);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_of_the_contract),
		cmocka_unit_test(every_key),
		cmocka_unit_test(erase_decides_the_default_of_verify),
		cmocka_unit_test(all_errors_in_one_run),
		cmocka_unit_test(findings_before_a_syntax_error_are_kept),
		cmocka_unit_test(hostile_profiles_stay_small),
		cmocka_unit_test(hooks),
		cmocka_unit_test(byte_order_mark_and_crlf),
		cmocka_unit_test(unreadable_profiles),
		cmocka_unit_test(names),
		cmocka_unit_test(example_profiles),
	};

	return cmocka_run_group_tests_name("profile/load", tests, make_folder, remove_folder);
}
