/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang help [COMMAND | ERROR | errors | parts]\n"
	"\n"
	"Without a word, help lists the commands.\n"
	"  COMMAND  describes a command and its options; so does h7gang COMMAND --help\n"
	"  ERROR    explains an error of the log, such as read_protected, or what a slot shows:\n"
	"           not_recorded, blocked, stopped; and what to do next\n"
	"  errors   lists all errors\n"
	"  parts    lists the parts that a profile can name\n";

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "h7gang/stm32/part.h"
#include "table.h"

const struct cli_command *const cli_commands[] = {
	&cli_run,     &cli_verify,  &cli_list,         &cli_check,  &cli_slots,
	&cli_scan,    &cli_read,    &cli_characterize, &cli_power,  &cli_audit,
	&cli_store,   &cli_numbers, &cli_panel,        &cli_status, &cli_web,
	&cli_publish, &cli_doctor,  &cli_version,      &cli_help,   NULL};

const char *cli_command_at(const void *names, size_t i)
{
	(void)names;
	return cli_commands[i] ? cli_commands[i]->name : NULL;
}

const struct cli_command *cli_find(const char *name)
{
	for (unsigned i = 0; cli_commands[i]; i++)
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	return NULL;
}

static void all(void)
{
	printf("h7gang COMMAND [OPTIONS]   program STM32H7 boards over USB DFU, a tray at a "
	       "time\n\n");
	for (unsigned i = 0; cli_commands[i]; i++)
		printf("  %-12s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
	printf("\nh7gang help COMMAND describes a command and its options. h7gang help ERROR "
	       "explains an\n"
	       "error of the log.\n\n"
	       "Exit status: 0 success; 1 a unit failed or was aborted, or a log is not intact;\n"
	       "2 mistake in options, profile or image, no board was touched; 3 no board; 4 the "
	       "log\n"
	       "cannot be written, is locked or is damaged; 5 internal error. If several apply, "
	       "the\n"
	       "order of precedence is 5, 4, 2, 1, 3.\n");
}

static void explain(enum h7_error error)
{
	printf("%s\n\n%s\n\n%s\n%s\n", h7_error_name(error), h7_error_advice(error),
	       h7_error_retried(error)
		       ? "The unit is tried again while the profile's 'attempts' allow it and the "
			 "board is still there."
		       : "The unit is not tried again: a further attempt would end the same way.",
	       h7_error_counted(error) ? "In yields, such a unit counts as failed."
				       : "Such a unit counts in no yield.");
}

/* States of a slot that no row can hold. */
static const struct {
	const char *name, *text;
} signs[] = {
	{"not_recorded",
	 "The log could not be written, so the verdict of the unit does not count: its board "
	 "counts "
	 "as not finished. Nothing further starts, and the run ends with exit status 4.\n\n"
	 "Stop and call the engineer. Run 'h7gang doctor --audit LOG': the disk may be full, "
	 "read-only or gone. Then run the board again."},
	{"blocked",
	 "Too many boards failed in the slot (the profile's stop: slot_consecutive), so no unit "
	 "starts there. The slot stays blocked if the program is started again.\n\n"
	 "Call the engineer: look at the rows of the slot with 'h7gang audit find --slot SLOT "
	 "LOG', "
	 "then at its seat, cable and hub. 'unlock SLOT', or u in the panel, releases the slot; it "
	 "needs an operator, whose name is in the log."},
	{"stopped",
	 "Too many boards failed (the profile's stop: consecutive, same_error or "
	 "first_pass_below), "
	 "a hook failed, a file of the profile changed, or 'stop' was given. No unit starts.\n\n"
	 "Call the engineer: the head line of the panel and 'h7gang status' say why. 'unlock', or "
	 "u "
	 "in the panel, lets the station go on. If a file changed, start the run again."},
};

static bool explain_sign(const char *name)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (strcasecmp(name, signs[i].name) == 0) {
			printf("%s\n\n%s\n", signs[i].name, signs[i].text);
			return true;
		}
	}
	return false;
}

static void errors(void)
{
	for (unsigned i = H7_OK + 1; i < H7_ERROR_COUNT; i++)
		printf("%-18s %s\n", h7_error_name((enum h7_error)i),
		       h7_error_advice((enum h7_error)i));
}

static bool add_part(struct table *table, const struct stm32_part *part)
{
	char flash[16], banks[16], sectors[32];
	const char *cells[] = {part->name, flash, banks, sectors};

	snprintf(flash, sizeof(flash), "%u KiB", part->flash_kib);
	snprintf(banks, sizeof(banks), "%u", part->banks);
	snprintf(sectors, sizeof(sectors), "%" PRIu32 " x %" PRIu32 " KiB", part->bank[0].sectors,
		 part->sector_bytes / 1024);
	return table_add(table, cells);
}

static bool parts(void)
{
	static const char *const heads[] = {"PART", "FLASH", "BANKS", "SECTORS PER BANK"};
	struct table *table = table_new(sizeof(heads) / sizeof(heads[0]), heads);
	const struct stm32_part *part;
	bool done = table != NULL;

	for (unsigned i = 0; done && (part = stm32_part_at(i)); i++)
		done = add_part(table, part);
	if (done) {
		table_print(table, stdout);
		printf("\nA full ordering code selects its part, in any case: STM32H743ZIT6 is "
		       "stm32h743xi.\nSTM32H7R and STM32H7S are not supported yet.\n");
	}
	table_free(table);
	return done;
}

/* All topics of help. */
static const char *topic_at(const void *names, size_t i)
{
	static const char *const words[] = {"errors", "parts"};
	const size_t count = sizeof(words) / sizeof(words[0]);
	size_t commands = 0;

	(void)names;
	while (cli_commands[commands])
		commands++;
	if (i < commands)
		return cli_commands[i]->name;
	i -= commands;
	if (i < count)
		return words[i];
	i += 1 - count; /* past H7_OK */
	return i < H7_ERROR_COUNT ? h7_error_name((enum h7_error)i) : NULL;
}

static enum h7_exit run(const struct cli_options *options)
{
	const struct cli_command *command;
	enum h7_error error;

	if (options->operands > 1)
		return cli_usage(NULL, "help takes one word, the name of a command or an error");
	if (options->operands == 0) {
		all();
		return H7_EXIT_OK;
	}
	if (strcmp(options->operand[0], "errors") == 0) {
		errors();
		return H7_EXIT_OK;
	}
	if (strcmp(options->operand[0], "parts") == 0)
		return parts() ? H7_EXIT_OK : H7_EXIT_INTERNAL;
	if (explain_sign(options->operand[0]))
		return H7_EXIT_OK;
	error = h7_error_find(options->operand[0]);
	if (error != H7_OK && error != H7_ERROR_COUNT) {
		explain(error);
		return H7_EXIT_OK;
	}
	command = cli_find(options->operand[0]);
	if (!command)
		return cli_unknown(NULL, "command or error", options->operand[0], topic_at, NULL);
	fputs(command->help, stdout);
	return H7_EXIT_OK;
}

const struct cli_command cli_help = {
	.name = "help",
	.summary = "describe a command or an error",
	.help = help_text,
	.operands = true,
	.run = run,
};
