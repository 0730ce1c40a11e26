/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: one table of options, one file a command. */
#ifndef H7GANG_SRC_CLI_CLI_H
#define H7GANG_SRC_CLI_CLI_H

#include <stdbool.h>

#include "h7gang/base/errors.h"
#include "h7gang/profile/profile.h"
#include "h7gang/ui/ui.h"

#define CLI_COUNT_MAX 1000000u
#define CLI_WAIT_MAX 86400u /* s: a day */
#define CLI_WAIT_DEFAULT 10u

/* What a command accepts; an option that is not its own is a usage error. */
enum cli_accepts {
	CLI_PROFILE = 1u << 0,
	CLI_ONCE = 1u << 1,
	CLI_COUNT = 1u << 2,
	CLI_WAIT = 1u << 3,
	CLI_ALL_SLOTS = 1u << 4,
	CLI_LOT = 1u << 5,
	CLI_OPERATOR = 1u << 6,
	CLI_STATION = 1u << 7,
	CLI_TAG = 1u << 8,
	CLI_AUDIT = 1u << 9,
	CLI_SLOT = 1u << 10,
	CLI_UID = 1u << 11,
	CLI_JSON = 1u << 12,
	CLI_QUIET = 1u << 13,
	CLI_NO_COLOR = 1u << 14,
	CLI_LOG_LEVEL = 1u << 15,
	CLI_CONTINUES = 1u << 16,
	CLI_HELP = 1u << 17,
	CLI_WATCH = 1u << 18,
	CLI_LEARN = 1u << 19,
	CLI_PATH = 1u << 21,
	CLI_BANK = 1u << 22,
	CLI_REWORK = 1u << 20,
	/* of audit alone */
	CLI_SERIAL = 1u << 23,
	CLI_SINCE = 1u << 24,
	CLI_ERROR = 1u << 25,
	CLI_RESULT = 1u << 26,
	CLI_HTML = 1u << 27,
	CLI_KEY = 1u << 28,
	CLI_OUTPUT = 1u << 29,
	CLI_EACH = 1u << 30
};
#define CLI_TRACE (1u << 31) /* the last one: an enumerator would have to fit an int */

#define CLI_COMMON                                                                                 \
	(CLI_PROFILE | CLI_LOT | CLI_OPERATOR | CLI_STATION | CLI_TAG | CLI_AUDIT | CLI_SLOT |     \
	 CLI_UID | CLI_JSON | CLI_QUIET | CLI_NO_COLOR | CLI_LOG_LEVEL |       \
	 CLI_TRACE)

struct cli_options {
	unsigned given; /* enum cli_accepts */
	const char *profile, *lot, *operator_name, *station, *audit,
		*continues, *trace; /* NULL if absent */
	const char *path, *bank, *output;                         /* likewise */
	const char *serial, *since, *error, *result, *html, *key; /* likewise */
	unsigned count, wait_s;
	enum ui_level level;
	const char **slot; /* --slot, in order */
	unsigned slots;
	const char **uid; /* --uid, lower case; each owned */
	unsigned uids;
	char *tags; /* "k=v;k=v", "" if none; owned */
	char **operand;
	int operands;
};

struct cli_command {
	const char *name;
	const char *summary; /* for the list of commands */
	const char *help;    /* whole */
	unsigned accepts;    /* enum cli_accepts */
	bool operands;	     /* takes words that are not options */
	bool drains;	     /* SIGINT and SIGTERM are its own to take */
	enum h7_exit (*run)(const struct cli_options *options);
};

extern const struct cli_command cli_run, cli_verify, cli_list, cli_check, cli_slots, cli_read,
	cli_audit, cli_doctor, cli_version, cli_help;

/* All commands in the order of the help, NULL at the end; and one by name, NULL if there is none.
 */
extern const struct cli_command *const cli_commands[];
const struct cli_command *cli_find(const char *name);

/* What became of the words of a command line. */
enum cli_parsed { CLI_PARSED, CLI_WANTS_HELP, CLI_WRONG, CLI_NO_MEMORY };

/* `argv[0]` is the command's name. Says on standard error what is wrong. Free in any case. */
enum cli_parsed cli_options_parse(struct cli_options *options, const struct cli_command *command,
				  int argc, char **argv);
void cli_options_free(struct cli_options *options);

/* "h7gang: ..." on standard error; the usage one adds where to read on and returns H7_EXIT_USAGE.
 */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
enum h7_exit cli_usage(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Loads a profile; its problems go to standard error as FILE:LINE:COLUMN: what. */
struct profile *cli_profile(const char *path, struct profile_problems *problems);
void cli_profile_problems(const struct profile_problems *problems);

/* Of two exit statuses the one that the contract puts first. */
enum h7_exit cli_first_of(enum h7_exit a, enum h7_exit b);

#endif
