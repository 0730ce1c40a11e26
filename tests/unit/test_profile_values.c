/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Key tables and lists of words of any length: nothing about them overflows or is cut off. */
#include "profile/values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { KEYS = 100 };

static char names[KEYS][16];

static void read_number(struct values *values, const struct tree_node *node, void *into)
{
	int64_t number;

	if (values_integer(values, node, 0, KEYS, &number))
		*(int64_t *)into += number;
}

static struct values_key *make_keys(void)
{
	static struct values_key keys[KEYS];

	for (size_t i = 0; i < KEYS; i++) {
		snprintf(names[i], sizeof(names[i]), "key_%02zu", i);
		keys[i] = (struct values_key){names[i], i == KEYS - 1, read_number};
	}
	return keys;
}

static int64_t read_map(const char *yaml, struct profile_problems *problems)
{
	struct values values = {.file = "p.yaml", .problems = problems, .key = "profile"};
	struct tree_node *root =
		tree_read((const uint8_t *)yaml, strlen(yaml), values.file, problems);
	int64_t sum = 0;

	assert_non_null(root);
	values_map(&values, root, make_keys(), KEYS, &sum);
	tree_free(root);
	return sum;
}

static void test_a_map_has_any_number_of_keys(void **state)
{
	struct profile_problems problems = {0};
	char yaml[KEYS * 20] = "";
	size_t used = 0;

	(void)state;
	for (size_t i = 0; i < KEYS; i++)
		used += (size_t)snprintf(yaml + used, sizeof(yaml) - used, "key_%02zu: 1\n", i);
	assert_int_equal(read_map(yaml, &problems), KEYS);
	assert_int_equal(problems.count, 0);
	profile_problems_free(&problems);
}

static void test_the_last_key_is_checked_like_the_first(void **state)
{
	struct profile_problems problems = {0};

	(void)state;
	assert_int_equal(read_map("key_00: 1\nkey_98: 2\nkey_98: 2\nkey_9: 1\n", &problems), 3);
	profile_problems_sort(&problems);
	assert_int_equal(problems.count, 3);
	assert_non_null(strstr(problems.problem[0].what, "'key_99' is missing"));
	assert_non_null(strstr(problems.problem[1].what, "key 'key_98' again"));
	assert_non_null(strstr(problems.problem[2].what, "unknown key 'key_9'"));
	profile_problems_free(&problems);
}

static void test_every_allowed_word_is_shown(void **state)
{
	static const char *const words[] = {
		"a-word-that-is-long-1", "a-word-that-is-long-2", "a-word-that-is-long-3",
		"a-word-that-is-long-4", "a-word-that-is-long-5", "a-word-that-is-long-6",
		"a-word-that-is-long-7", "the-last-word",         NULL};
	struct profile_problems problems = {0};
	struct values values = {.file = "p.yaml", .problems = &problems, .key = "word"};
	struct tree_node *root = tree_read((const uint8_t *)"none", 4, "p.yaml", &problems);
	unsigned index;

	(void)state;
	assert_false(values_choice(&values, root, words, &index));
	assert_int_equal(problems.count, 1);
	assert_non_null(strstr(problems.problem[0].what, "the-last-word, not 'none'"));
	tree_free(root);
	profile_problems_free(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_map_has_any_number_of_keys),
		cmocka_unit_test(test_the_last_key_is_checked_like_the_first),
		cmocka_unit_test(test_every_allowed_word_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
