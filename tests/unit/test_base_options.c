/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a program's options: the results, and the messages of refusals. */
#include "h7gang/base/options.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct values {
	bool once;
	const char *log;
	const char *listen[2];
	unsigned listeners, wait;
};

static char message[1000];

/* Reads `words` up to its NULL; `message` gets the output on standard error. */
static enum options_read read_words(struct values *v, char **words)
{
	const struct option_row rows[] = {
		{.name = "once", .kind = OPTION_FLAG, .to = &v->once},
		{.name = "log", .kind = OPTION_TEXT, .to = &v->log},
		{.name = "listen",
		 .kind = OPTION_LIST,
		 .to = v->listen,
		 .count = &v->listeners,
		 .high = 2},
		{.name = "wait", .kind = OPTION_NUMBER, .to = &v->wait, .low = 1, .high = 60},
		{0},
	};
	int both[2], kept = dup(STDERR_FILENO), argc = 0;
	enum options_read found;
	ssize_t got;

	memset(v, 0, sizeof(*v));
	while (words[argc])
		argc++;
	assert_int_equal(pipe2(both, O_NONBLOCK), 0);
	dup2(both[1], STDERR_FILENO);
	found = options_read("program", "", rows, argc, words);
	dup2(kept, STDERR_FILENO);
	got = read(both[0], message, sizeof(message) - 1);
	message[got > 0 ? got : 0] = '\0';
	close(both[0]);
	close(both[1]);
	close(kept);
	return found;
}

static void test_values_are_taken(void **state)
{
	char *words[] = {"program",  "--log", "a",      "--listen=b", "--once",
			 "--listen", "c",     "--wait", "60",         NULL};
	struct values v;

	(void)state;
	assert_int_equal(read_words(&v, words), OPTIONS_GOOD);
	assert_true(v.once);
	assert_string_equal(v.log, "a");
	assert_int_equal(v.listeners, 2);
	assert_string_equal(v.listen[0], "b");
	assert_string_equal(v.listen[1], "c");
	assert_int_equal(v.wait, 60);
	assert_string_equal(message, "");
}

static void test_help_and_version_are_shown(void **state)
{
	struct values v;

	(void)state;
	assert_int_equal(read_words(&v, (char *[]){"program", "--help", NULL}), OPTIONS_SHOWN);
	assert_int_equal(read_words(&v, (char *[]){"program", "--version", "--nonsense", NULL}),
			 OPTIONS_SHOWN);
}

static void test_what_is_wrong_is_named(void **state)
{
	static const struct {
		char *word[4];
		const char *said;
	} cases[] = {
		{{"--lgo", "a"}, "the option --lgo; did you mean --log?"},
		{{"--lgo=a"}, "the option --lgo=a; did you mean --log?"},
		{{"--lo", "a"}, "the option --lo; did you mean --log?"},
		{{"--lo=a"}, "the option --lo=a; did you mean --log?"},
		{{"--nonsense"}, "does not know the option --nonsense;"},
		{{"-x"}, "does not know the option -x;"},
		{{"--once=3"}, "the option --once=3; did you mean --once?"},
		{{"--log"}, "--log needs a value"},
		{{"--log", ""}, "--log needs a value"},
		{{"--log", "a", "--log=a"}, "--log is given more than once"},
		{{"--listen=a", "--listen=b", "--listen=c"}, "--listen: at most 2 times"},
		{{"--wait", "0"}, "--wait: \"0\" is not a number from 1 to 60"},
		{{"--wait", "61"}, "\"61\" is not"},
		{{"--wait", "-1"}, "\"-1\" is not"},
		{{"--wait", "1x"}, "\"1x\" is not"},
		{{"--wait", "99999999999999999999"}, "is not a number"},
		{{"a.csv"}, "\"a.csv\" is none"},
		{{"--", "a.csv"}, "\"a.csv\" is none"},
	};
	struct values v;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *words[6] = {"program"};

		memcpy(words + 1, cases[i].word, sizeof(cases[i].word));
		assert_int_equal(read_words(&v, words), OPTIONS_WRONG);
		if (!strstr(message, cases[i].said))
			fail_msg("%s: %s", cases[i].word[0], message);
		assert_non_null(strstr(message, "program --help lists the options"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_taken),
		cmocka_unit_test(test_help_and_version_are_shown),
		cmocka_unit_test(test_what_is_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
