/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: one table of options, one file a command. */
#ifndef H7GANG_SRC_CLI_CLI_H
#define H7GANG_SRC_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "h7gang/base/errors.h"
#include "h7gang/base/nearest.h"
#include "h7gang/profile/profile.h"
#include "h7gang/ui/ui.h"

#define CLI_COUNT_MAX 1000000u
#define CLI_WAIT_MAX 86400u /* s: a day */
#define CLI_WAIT_DEFAULT 10u
#define CLI_LIMIT_MAX 1000000u /* rows held in memory */

/* The options, in any order. Each has a row in the table of options.c. */
enum cli_option {
	CLI_PROFILE,
	CLI_LOT,
	CLI_OPERATOR,
	CLI_STATION,
	CLI_TAG,
	CLI_AUDIT,
	CLI_SLOT,
	CLI_UID,
	CLI_JSON,
	CLI_QUIET,
	CLI_NO_COLOR,
	CLI_LOG_LEVEL,
	CLI_TRACE,
	CLI_STORE,
	CLI_HELP,
	/* of run and verify */
	CLI_ONCE,
	CLI_WATCH,
	CLI_COUNT,
	CLI_WAIT,
	CLI_ALL_SLOTS,
	CLI_REWORK,
	CLI_COMMANDS,
	CLI_SOCKET,
	CLI_EVENTS,
	CLI_SCANNER,
	CLI_NO_WAIT,
	CLI_LANGUAGE,
	CLI_CLOCK_OK,
	/* of audit and store */
	CLI_CONTINUES,
	CLI_EACH,
	CLI_SERIAL,
	CLI_SINCE,
	CLI_UNTIL,
	CLI_ERROR,
	CLI_RESULT,
	CLI_FIRMWARE,
	CLI_LIMIT,
	CLI_LOG,
	CLI_YES,
	CLI_HTML,
	CLI_KEY,
	CLI_OUTPUT,
	CLI_TITLE,
	CLI_SHIFTS,
	CLI_TIME_ZONE,
	CLI_BY_OPERATOR,
	CLI_BASELINE,
	CLI_XLSX,
	CLI_CSV,
	CLI_FOR,
	/* of panel and status */
	CLI_CONNECT,
	CLI_PROMETHEUS,
	/* of one command each */
	CLI_BOARDS,
	CLI_IDENTITY,
	CLI_LEARN,
	CLI_NEXT,
	CLI_TAKEN,
	CLI_TEST,
	CLI_PATH,
	CLI_BANK,
	CLI_PART,
	CLI_DESTRUCTIVE,
	CLI_CONFIRM,
	CLI_RESIDENT,
	CLI_RESUME,
	CLI_OPTIONS /* their number; it ends a list of options */
};

/* A list of options: those that a command accepts. Any other is a usage error. */
#define CLI_LIST(...) ((const enum cli_option[]){__VA_ARGS__, CLI_OPTIONS})

#define CLI_COMMON                                                                                 \
	CLI_PROFILE, CLI_LOT, CLI_OPERATOR, CLI_STATION, CLI_TAG, CLI_AUDIT, CLI_SLOT, CLI_UID,    \
		CLI_JSON, CLI_QUIET, CLI_NO_COLOR, CLI_LOG_LEVEL, CLI_TRACE

struct cli_options {
	bool given[CLI_OPTIONS];
	const char *profile, *lot, *operator_name, *station, *audit, *continues,
		*trace;                                           /* NULL if absent */
	const char *path, *bank, *output;                         /* likewise */
	const char *serial, *since, *error, *result, *html, *key; /* likewise */
	const char *next, *taken;                                 /* likewise */
	const char *store, *firmware;                             /* likewise */
	const char *events, *scanner, *language;                  /* likewise */
	const char *socket, *connect;                             /* likewise */
	const char *until, *title, *shifts, *time_zone;           /* likewise */
	const char *baseline, *xlsx, *purpose;                    /* likewise */
	const char *confirm, *part;                               /* likewise */
	unsigned limit, log;
	unsigned count, boards, wait_s;
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
	const char *summary;            /* for the list of commands */
	const char *help;               /* whole */
	const enum cli_option *accepts; /* a CLI_LIST; NULL: none */
	bool any_profile;               /* --profile may be left out */
	bool operands;                  /* takes words that are not options */
	const char *program; /* it is a program of its own, which takes the words; or NULL */
	bool drains;         /* it handles SIGINT and SIGTERM itself */
	enum h7_exit (*run)(const struct cli_options *options);
};

extern const struct cli_command cli_run, cli_verify, cli_list, cli_check, cli_slots, cli_scan,
	cli_read, cli_characterize, cli_audit, cli_store, cli_numbers, cli_panel, cli_status,
	cli_doctor, cli_web, cli_publish, cli_power, cli_version, cli_help;

/* All commands in the order of the help, NULL at the end; and one by name, NULL if there is none.
 */
extern const struct cli_command *const cli_commands[];
const struct cli_command *cli_find(const char *name);
nearest_at cli_command_at; /* the names of the commands */

/* The result of parsing a command line. */
enum cli_parsed { CLI_PARSED, CLI_WANTS_HELP, CLI_WANTS_VERSION, CLI_WRONG, CLI_NO_MEMORY };

/* `argv[0]` is the command's name. Errors go to standard error. Free in any case. */
enum cli_parsed cli_options_parse(struct cli_options *options, const struct cli_command *command,
				  int argc, char **argv);
void cli_options_free(struct cli_options *options);

/* Whether the list (may be NULL) has the option. */
bool cli_listed(const enum cli_option *list, enum cli_option option);

/* The first option of the list that is given; the first that is given and not in the list.
 * CLI_OPTIONS: there is none. */
enum cli_option cli_given_of(const struct cli_options *options, const enum cli_option *list);
enum cli_option cli_given_beyond(const struct cli_options *options, const enum cli_option *list);

/* "profile" for --profile. */
const char *cli_option_name(enum cli_option option);

/* Text that a file, a board or the command line brought in, made fit for a terminal: as it is, as a
 * line of standard error, or within a line of standard output. */
void cli_shown(FILE *to, const char *text);
void cli_line(const char *text);
void cli_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "h7gang: ..." on standard error; the usage one adds where to read on and returns H7_EXIT_USAGE.
 */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
enum h7_exit cli_usage(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says that there is no such `what` (a command, a kind of audit) and which name is nearest. Returns
 * H7_EXIT_USAGE. */
enum h7_exit cli_unknown(const char *command, const char *what, const char *word, nearest_at *at,
			 const void *names);

/* Whether the word is the path of a file that exists. */
bool cli_is_file(const char *word);

/* Loads a profile; its problems go to standard error as FILE:LINE:COLUMN: TEXT. */
struct profile *cli_profile(const char *path, struct profile_problems *problems);

/* The same for a command that starts work with the boards, `verifies` if it only compares; the
 * profile's warnings go to standard error, too. */
struct profile *cli_profile_for_work(const char *path, bool verifies,
				     struct profile_problems *problems);
void cli_profile_problems(const struct profile_problems *problems);

/* Of two exit statuses the one that the contract puts first. */
enum h7_exit cli_first_of(enum h7_exit a, enum h7_exit b);

#endif
