/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pattern that the C library needs minutes for is refused before it is compiled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "profile/pattern_cost.h"

static const struct {
	const char *pattern, *why; /* NULL: it is taken */
} cases[] = {
	{"", NULL},
	{"LOT-(.*)", NULL},
	{"([0-9A-F]{2}:){5}[0-9A-F]{2}", NULL},
	{"]C1SN([0-9|]{1,255})", NULL},
	{"([A-Z0-9]{1,4}-?){1,64}", NULL},
	{"[]{9,9}(){}[:digit:]{9}]{1,255}[^]({9}]", NULL},
	{"\\(\\{\\)[[:alpha:]]{2}", NULL},
	{"a{1,", NULL}, /* regcomp's to refuse */
	{"((((a{1,255}){1,255}){1,255}){1,255})", "written out"},
	{"(.{0,255}){0,200}", "written out"},
	{"a{0,255}{0,255}", "written out"},
	{"a{99999999999999999999}", "written out"},
	{".{250}.{250}.{250}.{250}.{250}", "written out"},
	{"(.*){0,255}", "groups"},
	{"(a?){0,250}a{0,250}", "groups"},
	{"((a?){0,32}|(.?){0,32}|(.*)*){0,8}", "groups"},
	{"a?{0,32}a?{0,250}", "groups"},
	{"(a*)*\\2b", "back reference"},
	{"a)|(b", ") without its ("},
};

static void patterns_are_weighed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = pattern_cost_trouble(cases[i].pattern);

		if (!cases[i].why != !why || (why && !strstr(why, cases[i].why)))
			fail_msg("%s: %s", cases[i].pattern, why ? why : "taken");
	}
}

/* 256 bytes are the longest pattern. */
static void deep_patterns_end(void **state)
{
	char pattern[257];

	(void)state;
	memset(pattern, '(', 256);
	pattern[256] = 0;
	assert_null(pattern_cost_trouble(pattern));
	memset(pattern, '[', 256);
	assert_null(pattern_cost_trouble(pattern));
	memset(pattern, '\\', 255);
	assert_null(pattern_cost_trouble(pattern));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_are_weighed),
		cmocka_unit_test(deep_patterns_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
