/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether two patterns have a text in common, and which one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <regex.h>
#include <stdio.h>

#include "profile/overlap.h"

static const struct {
	const char *one, *other;
	int shown; /* 1: there is a text; 0: there is none, or it cannot be shown */
} cases[] = {
	{"LOT-(.*)", "SN[0-9]+", 0},
	{"LOT-(.*)", ".*7", 1},
	{"[A-Z]{2}[0-9]{4}", "AB(12|34)*", 1},
	{"[A-Z]{2}[0-9]{4}", "AB(12|34){3}", 0},
	{"a|b|c", "[^ab]", 1},
	{"a|b", "[^ab]", 0},
	{"x?y+", "xx*y", 1},
	{"[[:digit:]]+", "[[:alpha:]]+", 0},
	{"[[:alnum:]]+", "[[:alpha:]]+", 1},
	{"[]a-]+", "-]", 1},
	{"\\.x", ".x", 1},
	{"(a)(b)?", "ab", 1},
	{"a{0}b", "b", 1},
	{"a{2,3}", "aaaa", 0},
	{"^SN(.*)$", "SN1", 1},
	{"x^y", "x^y", 0},   /* not understood */
	{"(a)\\1", "aa", 0}, /* not understood */
	{"((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))", "a", 0},
	{".{90}.{90}.{90}.{90}.{90}", ".*", 0}, /* too large */
	{"", "", 0},                            /* an empty scan is none */
};

static void texts_match_both(void **state)
{
	char text[256], whole[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *patterns[] = {cases[i].one, cases[i].other};

		for (int turn = 0; turn < 2; turn++) {
			bool found =
				overlap_find(patterns[turn], patterns[!turn], text, sizeof(text));

			if (found != (cases[i].shown == 1))
				fail_msg("%s and %s", cases[i].one, cases[i].other);
			for (int p = 0; found && p < 2; p++) {
				regex_t regex;

				snprintf(whole, sizeof(whole), "^(%s)$", patterns[p]);
				assert_int_equal(regcomp(&regex, whole, REG_EXTENDED), 0);
				assert_int_equal(regexec(&regex, text, 0, NULL, 0), 0);
				regfree(&regex);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(texts_match_both)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
