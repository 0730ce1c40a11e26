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

/* The options that a command accepts, as a set of these bits; any other is a usage error. Macros:
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
#define CLI_PART CLI_BIT(42) /* of read alone */
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
#define CLI_SOCKET CLI_BIT(37)     /* of run alone */
#define CLI_CONNECT CLI_BIT(38)    /* of panel and status */
#define CLI_PROMETHEUS CLI_BIT(39) /* of status alone */
#define CLI_COMMANDS CLI_BIT(40)   /* of run alone */
/* of run and verify: the operator's station */
#define CLI_CLOCK_OK CLI_BIT(43)
#define CLI_EVENTS CLI_BIT(48)
/* of numbers alone */
#define CLI_NEXT CLI_BIT(52)
#define CLI_TAKEN CLI_BIT(53)
#define CLI_IDENTITY CLI_BIT(54) /* of list alone */

/* of audit and store: reports and exports */
#define CLI_UNTIL CLI_BIT(50)
#define CLI_TITLE CLI_BIT(51)
#define CLI_SHIFTS CLI_BIT(52)
#define CLI_TIME_ZONE CLI_BIT(53)
#define CLI_BY_OPERATOR CLI_BIT(54)
#define CLI_BASELINE CLI_BIT(55)
#define CLI_XLSX CLI_BIT(56)
#define CLI_CSV CLI_BIT(57)
#define CLI_FOR CLI_BIT(58)
#define CLI_SCANNER CLI_BIT(49)
#define CLI_NO_WAIT CLI_BIT(60)
#define CLI_LANGUAGE CLI_BIT(61)
#define CLI_TEST CLI_BIT(59) /* of scan alone */
/* of characterize alone */
#define CLI_BOARDS CLI_BIT(41) /* of check alone */
#define CLI_DESTRUCTIVE CLI_BIT(44)
#define CLI_CONFIRM CLI_BIT(45)
#define CLI_RESIDENT CLI_BIT(46)
#define CLI_RESUME CLI_BIT(47)

#define CLI_COMMON                                                                                 \
	(CLI_PROFILE | CLI_LOT | CLI_OPERATOR | CLI_STATION | CLI_TAG | CLI_AUDIT | CLI_SLOT |     \
	 CLI_UID | CLI_JSON | CLI_QUIET | CLI_NO_COLOR | CLI_LOG_LEVEL | CLI_TRACE)

struct cli_options {
	cli_accepts given;
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
	const char *summary; /* for the list of commands */
	const char *help;    /* whole */
	cli_accepts accepts;
	bool any_profile;    /* --profile may be left out */
	bool operands;       /* takes words that are not options */
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
