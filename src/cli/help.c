/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang help [COMMAND | errors]\n"
	"\n"
	"Without a word: the commands. With a command: its options. \"errors\": every name that\n"
	"can stand in the log's column `error`, and what to do about it.\n";

#include <stdio.h>
#include <string.h>

#include "cli.h"

const struct cli_command *const cli_commands[] = {
	&cli_run,  &cli_verify, &cli_list,   &cli_check,   &cli_slots, &cli_read,
	&cli_audit, &cli_store, &cli_doctor, &cli_version, &cli_help, NULL};

const struct cli_command *cli_find(const char *name)
{
	for (unsigned i = 0; cli_commands[i]; i++)
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	return NULL;
}

static void all(void)
{
	printf("h7gang COMMAND [OPTIONS]   gang programming of STM32H7 boards over ROM DFU\n\n");
	for (unsigned i = 0; cli_commands[i]; i++)
		printf("  %-8s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
	printf("\nh7gang help COMMAND tells a command's options.\n\n"
	       "Exit status: 0 all well; 1 a unit failed or was aborted, or a log is not intact;\n"
	       "2 usage, profile or image error, no target was touched; 3 no target; 4 the log "
	       "cannot\n"
	       "be written, is locked or damaged; 5 internal error. Of several, the first of\n"
	       "5, 4, 2, 1, 3 is given.\n");
}

static void errors(void)
{
	for (unsigned i = H7_OK + 1; i < H7_ERROR_COUNT; i++)
		printf("%-18s %s\n", h7_error_name((enum h7_error)i),
		       h7_error_advice((enum h7_error)i));
}

static enum h7_exit run(const struct cli_options *options)
{
	const struct cli_command *command;

	if (options->operands > 1)
		return cli_usage(NULL, "help takes one command");
	if (options->operands == 0) {
		all();
		return H7_EXIT_OK;
	}
	if (strcmp(options->operand[0], "errors") == 0) {
		errors();
		return H7_EXIT_OK;
	}
	command = cli_find(options->operand[0]);
	if (!command)
		return cli_usage(NULL, "there is no command \"%s\"", options->operand[0]);
	fputs(command->help, stdout);
	return H7_EXIT_OK;
}

const struct cli_command cli_help = {
	.name = "help",
	.summary = "what a command does; what an error means",
	.help = help_text,
	.operands = true,
	.run = run,
};
