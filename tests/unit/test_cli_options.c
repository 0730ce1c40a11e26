/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The option table: a command takes its own options and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <string.h>

#include "cli/cli.h"

static struct cli_options options;

#define PARSE(command, ...)                                                                        \
	parse(command, (char *[]){(char *)(uintptr_t)(command)->name, __VA_ARGS__, NULL})

static enum cli_parsed parse(const struct cli_command *command, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return cli_options_parse(&options, command, argc, argv);
}

static int done(void **state)
{
	(void)state;
	cli_options_free(&options);
	return 0;
}

static void options_of_run_are_taken(void **state)
{
	(void)state;
	assert_int_equal(PARSE(&cli_run, "--profile", "p.yaml", "--count=3", "--wait", "0",
			       "--slot", "A1", "--slot", "A2", "--tag", "shift=2", "--tag",
			       "line=a b", "--uid", "2F0030000F51353232363631", "--json", "--json",
			       "--once", "--log-level", "error"),
			 CLI_PARSED);
	assert_string_equal(options.profile, "p.yaml");
	assert_int_equal(options.count, 3);
	assert_int_equal(options.wait_s, 0);
	assert_int_equal(options.slots, 2);
	assert_string_equal(options.slot[1], "A2");
	assert_string_equal(options.tags, "shift=2;line=a b");
	assert_string_equal(options.uid[0], "2f0030000f51353232363631");
	assert_int_equal(options.level, UI_ERROR);
	assert_true(options.given[CLI_JSON]);
	assert_false(options.given[CLI_QUIET]);
}

static void absent_options_have_their_defaults(void **state)
{
	(void)state;
	assert_int_equal(PARSE(&cli_run, "--profile", "p"), CLI_PARSED);
	assert_int_equal(options.wait_s, 10);
	assert_int_equal(options.count, 0);
	assert_string_equal(options.tags, "");
	assert_null(options.lot);
}

static void options_that_do_not_exist_are_refused(void **state)
{
	static char *const words[] = {"--watch", "--stor", "--prof", "--lo=1",
				      "-x",      "--on",   "--slots"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(PARSE(&cli_run, "--profile", "p", words[i], "1"), CLI_WRONG);
		cli_options_free(&options);
	}
}

/* Every option, with every command: its own are known and in its help, all others are wrong. */
static void a_command_takes_its_own_options_only(void **state)
{
	unsigned own = 0;

	(void)state;
	for (unsigned c = 0; cli_commands[c]; c++) {
		const struct cli_command *command = cli_commands[c];

		for (unsigned i = 0; i < CLI_OPTIONS; i++) {
			enum cli_option option = (enum cli_option)i;
			char word[40];

			assert_true(cli_option_name(option)[0]);
			if (option == CLI_HELP)
				continue;
			snprintf(word, sizeof(word), "--%s", cli_option_name(option));
			if (cli_listed(command->accepts, option) && !strstr(command->help, word))
				fail_msg("the help of %s lacks %s", command->name, word);
			if (!cli_listed(command->accepts, option)) {
				assert_int_equal(PARSE(command, word, "1"), CLI_WRONG);
				assert_false(options.given[option]);
			} else if (PARSE(command, word, "1") == CLI_PARSED) {
				own++;
				assert_int_equal(cli_given_beyond(&options, CLI_LIST(option)),
						 CLI_OPTIONS);
				assert_int_equal(cli_given_of(&options, command->accepts), option);
			}
			cli_options_free(&options);
		}
	}
	assert_true(own > CLI_OPTIONS / 2);
}

static void options_of_another_command_are_refused(void **state)
{
	(void)state;
	assert_int_equal(PARSE(&cli_verify, "--profile", "p", "--count", "1"), CLI_WRONG);
	cli_options_free(&options);
	assert_int_equal(PARSE(&cli_list, "--trace", "t"), CLI_WRONG);
	cli_options_free(&options);
	assert_int_equal(PARSE(&cli_check, "--profile", "p", "--lot", "x"), CLI_WRONG);
	cli_options_free(&options);
	assert_int_equal(PARSE(&cli_run, "--profile", "p", "--continues", "x"), CLI_WRONG);
}

static void wrong_values_are_refused(void **state)
{
	static char *const words[][2] = {
		{"--count", "0"},
		{"--count", "1000001"},
		{"--count", "1x"},
		{"--count", "-1"},
		{"--count", " 1"},
		{"--wait", "99999999999999999999"},
		{"--wait", ""},
		{"--lot", ""},
		{"--tag", "k"},
		{"--tag", "=v"},
		{"--tag", "k=a;b=c"},
		{"--tag", "k=\n"},
		{"--tag", "a b=c"},
		{"--uid", "12"},
		{"--uid", "2f0030000f5135323236363g"},
		{"--log-level", "all"},
		{"--slot", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(PARSE(&cli_run, "--profile", "p", words[i][0], words[i][1]),
				 CLI_WRONG);
		cli_options_free(&options);
	}
}

static void repeating_what_may_not_be_repeated_is_refused(void **state)
{
	(void)state;
	assert_int_equal(PARSE(&cli_run, "--profile", "p", "--lot", "a", "--lot", "b"), CLI_WRONG);
	cli_options_free(&options);
	assert_int_equal(
		PARSE(&cli_run, "--profile", "p", "--tag", "a=1", "--tag", "ab=2", "--tag", "a=3"),
		CLI_WRONG);
}

static void profile_and_operands_are_checked(void **state)
{
	(void)state;
	assert_int_equal(PARSE(&cli_run, "--json"), CLI_WRONG);
	cli_options_free(&options);
	assert_int_equal(PARSE(&cli_run, "--profile", "p", "stray"), CLI_WRONG);
	cli_options_free(&options);
	assert_int_equal(PARSE(&cli_run, "--profile"), CLI_WRONG);
	cli_options_free(&options);
	assert_int_equal(PARSE(&cli_audit, "verify", "a.csv", "--continues", "x", "b.csv"),
			 CLI_PARSED);
	assert_int_equal(options.operands, 3);
	assert_string_equal(options.operand[2], "b.csv");
	cli_options_free(&options);
	assert_int_equal(PARSE(&cli_audit, "--help"), CLI_WANTS_HELP);
}

static void statuses_come_in_the_order_of_the_contract(void **state)
{
	(void)state;
	assert_int_equal(cli_first_of(H7_EXIT_FAILED, H7_EXIT_LOG), H7_EXIT_LOG);
	assert_int_equal(cli_first_of(H7_EXIT_LOG, H7_EXIT_INTERNAL), H7_EXIT_INTERNAL);
	assert_int_equal(cli_first_of(H7_EXIT_NO_TARGET, H7_EXIT_FAILED), H7_EXIT_FAILED);
	assert_int_equal(cli_first_of(H7_EXIT_USAGE, H7_EXIT_FAILED), H7_EXIT_USAGE);
	assert_int_equal(cli_first_of(H7_EXIT_OK, H7_EXIT_NO_TARGET), H7_EXIT_NO_TARGET);
	assert_int_equal(cli_first_of(H7_EXIT_OK, H7_EXIT_OK), H7_EXIT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(options_of_run_are_taken, done),
		cmocka_unit_test_teardown(absent_options_have_their_defaults, done),
		cmocka_unit_test(options_that_do_not_exist_are_refused),
		cmocka_unit_test(a_command_takes_its_own_options_only),
		cmocka_unit_test_teardown(options_of_another_command_are_refused, done),
		cmocka_unit_test(wrong_values_are_refused),
		cmocka_unit_test_teardown(repeating_what_may_not_be_repeated_is_refused, done),
		cmocka_unit_test_teardown(profile_and_operands_are_checked, done),
		cmocka_unit_test(statuses_come_in_the_order_of_the_contract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
