/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: one table of options, one file a command. */
#ifndef H7GANG_SRC_CLI_CLI_H
#define H7GANG_SRC_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/base/errors.h"
#include "h7gang/profile/profile.h"
#include "h7gang/ui/ui.h"

#define CLI_COUNT_MAX 1000000u
#define CLI_WAIT_MAX 86400u /* s: a day */
#define CLI_WAIT_DEFAULT 10u
#define CLI_LIMIT_MAX 1000000u /* rows held in memory */

/* What a command accepts; an option that is not its own is a usage error. A set of these bits. Macros:
 * an enumerator has to fit an int. */
typedef uint64_t cli_accepts;
#define CLI_BIT(n) (UINT64_C(1) << (n))
#define CLI_PROFILE CLI_BIT(0)
#define CLI_ONCE CLI_BIT(1)
#define CLI_COUNT CLI_BIT(2)
#define CLI_WAIT CLI_BIT(3)
#define CLI_ALL_SLOTS CLI_BIT(4)
#define CLI_LOT CLI_BIT(5)
#define CLI_OPERATOR CLI_BIT(6)
#define CLI_STATION CLI_BIT(7)
#define CLI_TAG CLI_BIT(8)
#define CLI_AUDIT CLI_BIT(9)
#define CLI_SLOT CLI_BIT(10)
#define CLI_UID CLI_BIT(11)
#define CLI_JSON CLI_BIT(12)
#define CLI_QUIET CLI_BIT(13)
#define CLI_NO_COLOR CLI_BIT(14)
#define CLI_LOG_LEVEL CLI_BIT(15)
#define CLI_CONTINUES CLI_BIT(16)
#define CLI_HELP CLI_BIT(17)
#define CLI_WATCH CLI_BIT(18)
#define CLI_LEARN CLI_BIT(19)
#define CLI_REWORK CLI_BIT(20)
#define CLI_PATH CLI_BIT(21)
#define CLI_BANK CLI_BIT(22)
/* of audit alone */
#define CLI_SERIAL CLI_BIT(23)
#define CLI_SINCE CLI_BIT(24)
#define CLI_ERROR CLI_BIT(25)
#define CLI_RESULT CLI_BIT(26)
#define CLI_HTML CLI_BIT(27)
#define CLI_KEY CLI_BIT(28)
#define CLI_OUTPUT CLI_BIT(29)
#define CLI_EACH CLI_BIT(30)
/* of run and verify */
#define CLI_TRACE CLI_BIT(31)
/* of store, run and verify */
#define CLI_STORE CLI_BIT(32)
/* of store alone */
#define CLI_FIRMWARE CLI_BIT(33)
#define CLI_LIMIT CLI_BIT(34)
#define CLI_LOG CLI_BIT(35)
#define CLI_YES CLI_BIT(36)
#define CLI_COMMANDS CLI_BIT(40) /* of run alone */

#define CLI_COMMON                                                                                 \
	(CLI_PROFILE | CLI_LOT | CLI_OPERATOR | CLI_STATION | CLI_TAG | CLI_AUDIT | CLI_SLOT |     \
	 CLI_UID | CLI_JSON | CLI_QUIET | CLI_NO_COLOR | CLI_LOG_LEVEL | CLI_TRACE)

struct cli_options {
	cli_accepts given;
	const char *profile, *lot, *operator_name, *station, *audit,
		*continues, *trace; /* NULL if absent */
	const char *path, *bank, *output;                         /* likewise */
	const char *serial, *since, *error, *result, *html, *key; /* likewise */
	const char *store, *firmware;				  /* likewise */
	unsigned limit, log;
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
	cli_accepts accepts;
	bool any_profile;    /* --profile may be left out */
	bool operands;	     /* takes words that are not options */
	bool drains;	     /* SIGINT and SIGTERM are its own to take */
	enum h7_exit (*run)(const struct cli_options *options);
};

extern const struct cli_command cli_run, cli_verify, cli_list, cli_check, cli_slots, cli_read,
	cli_audit, cli_store, cli_doctor, cli_version, cli_help;

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
