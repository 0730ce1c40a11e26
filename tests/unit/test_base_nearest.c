/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which name a misspelt word suggests. */
#include "h7gang/base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const char *const commands[] = {"run", "verify", "list", "check", "read", "audit", NULL};

static const char *at(const void *names, size_t i)
{
	return ((const char *const *)names)[i];
}

static void test_a_misspelt_word_suggests_its_neighbour(void **state)
{
	static const char *const cases[][2] = {
		{"rnu", "run"},    {"runn", "run"},  {"vefiry", "verify"}, {"veriyf", "verify"},
		{"lsit", "list"},  {"lst", "list"},  {"chek", "check"},    {"audti", "audit"},
		{"reads", "read"}, {"list", "list"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(nearest_name(cases[i][0], at, commands), cases[i][1]);
}

static void test_a_foreign_word_suggests_nothing(void **state)
{
	static const char *const words[] = {
		"",         "x",    "program",
		"12345678", "tsil", "a-word-that-is-longer-than-any-name-in-the-list-is"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_null(nearest_name(words[i], at, commands));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_misspelt_word_suggests_its_neighbour),
		cmocka_unit_test(test_a_foreign_word_suggests_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
