/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the part starts from power-on, against what the job leaves there. */
#include "profile_folder.h"

#define HIGH HEAD TARGET "firmware: [{file: high.hex}]\n"
#define AT_HIGH "start: 0x08020000\n"
#define SET(what) "option_bytes: {set: {" what "}}\n"
#define EXPECT(what) "option_bytes: {expect: {" what "}}\n"
#define ERASED "power-on, and this job erases them"
#define ERASED_SWAPPED "power-on once its banks are swapped, and this job erases them"

enum kind { SILENT, WARNING, PROBLEM };

static const struct {
	const char *text;
	enum kind kind;
	const char *word; /* SILENT: what is not told */
} cases[] = {
	/* the boot loader of the board */
	{HIGH, WARNING, "0x08000000, where the part starts from " ERASED "; use erase: touched"},
	{HIGH AT_HIGH, WARNING, "0x08000000, where the part starts from " ERASED},
	{HIGH AT_HIGH "leave: false\n", WARNING, ERASED},
	{HIGH AT_HIGH "erase: mass\n", WARNING, ERASED},
	{HIGH AT_HIGH "erase: touched\n", SILENT, "power-on"},
	{HIGH AT_HIGH EXPECT("boot_add0: 0x0802"), SILENT, "power-on"},
	{HIGH AT_HIGH EXPECT("boot_add0: 0x0800") "erase: touched\n", SILENT, "power-on"},
	{HEAD TARGET "firmware: [{file: high.hex}, {file: app.bin, address: 0x08000100}]\n" AT_HIGH
		     "erase: touched\n",
	 WARNING, "keep this sector free of firmware"},
	{HEAD TARGET "firmware: [{file: high.hex}, {file: app.bin, address: 0x08000000}]\n" AT_HIGH,
	 WARNING, "no application starts at 0x08000000"},
	{HEAD TARGET "firmware: [{file: high.hex}, {file: app.hex}]\n" AT_HIGH, SILENT, "starts"},
	{HEAD "target: {part: stm32h7a3xi}\nfirmware: [{file: high.hex}]\n" AT_HIGH, WARNING,
	 "or add the boot loader to firmware"},
	{HIGH "leave: required\n", PROBLEM, "say where it starts with start: ADDRESS, or use "},
	{HIGH "leave: required\nerase: touched\n", PROBLEM, "or leave: true if it is on the board"},
	/* boot_add0 */
	{BASE "start: 0x08000000\n" SET("boot_add0: 0x0804"), PROBLEM,
	 "0x08040000, where the part"},
	{BASE SET("boot_add0: 0x0804"), PROBLEM, "0x08040000, where the part"},
	{BASE "leave: false\n" SET("boot_add0: 0x0804"), PROBLEM, "correct boot_add0"},
	{BASE "start: 0x08000000\n" EXPECT("boot_add0: 0x0804"), PROBLEM, "correct boot_add0"},
	{BASE "start: {address: 0x08000000, check: off}\n" SET("boot_add0: 0x0804"), WARNING,
	 "0x08040000, where the part"},
	{BASE "start: 0x08000000\nerase: touched\n" SET("boot_add0: 0x0804"), WARNING,
	 "make sure that the boards hold a program there"},
	{BASE "start: 0x08000000\n" SET("boot_add0: 0x1FF0"), WARNING, "system memory"},
	{BASE "start: 0x08000000\n" SET("boot_add0: 0x2400"), WARNING, "RAM"},
	{BASE "start: 0x08000000\n" SET("boot_add0: 0x0800"), SILENT, "power-on"},
	{HEAD TARGET "firmware: [{file: app.hex}, {file: app.bin, address: 0x08040000}]\n"
		     "start: 0x08000000\n" SET("boot_add0: 0x0804"),
	 PROBLEM, "no application starts at 0x08040000"},
	/* swap_bank: as delivered, banks are not swapped */
	{BASE SET("swap_bank: true"), WARNING,
	 "0x08100000, where the part starts from " ERASED_SWAPPED},
	{HEAD TARGET
	 "firmware: [{file: app.hex, offset: 0x100000}]\nleave: false\n" SET("swap_bank: true"),
	 SILENT, "starts"},
	{BASE SET("swap_bank: false"), SILENT, "power-on"},
	{BASE "option_bytes: {expect: {swap_bank: true}, set: {swap_bank: true}}\n", SILENT,
	 "power-on"},
};

static bool remarked(const struct profile *profile, const char *word)
{
	for (size_t i = 0; i < profile->remarks; i++)
		if (profile->remark[i].warning && strstr(profile->remark[i].text, word) != NULL)
			return true;
	return false;
}

static bool reported(const struct profile_problems *problems, const char *word)
{
	for (size_t i = 0; i < problems->count; i++)
		if (strstr(problems->problem[i].what, word) != NULL)
			return true;
	return false;
}

static void a_start_from_power_on(void **state)
{
	struct profile_problems problems;

	(void)state;
	write_text("high.hex", ":020000040802F0\n:0800000000FF012005000208C9\n:00000001FF\n");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct profile *p = load_bytes(cases[i].text, strlen(cases[i].text), &problems);
		bool as_wanted = (p == NULL) == (cases[i].kind == PROBLEM);

		if (p != NULL)
			as_wanted = as_wanted &&
				    remarked(p, cases[i].word) == (cases[i].kind == WARNING);
		else
			as_wanted = as_wanted && reported(&problems, cases[i].word);
		if (!as_wanted)
			fail_msg("%s\n'%s': %s", cases[i].text, cases[i].word,
				 p == NULL        ? problems.problem[0].what
				 : p->remarks > 0 ? p->remark[0].text
						  : "nothing is told");
		profile_free(p);
		profile_problems_free(&problems);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_from_power_on),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
