/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang store init    [--store URL]\n"
	"h7gang store migrate [--store URL]\n"
	"h7gang store status  [--store URL]\n"
	"h7gang store push    [--store URL] [--station NAME] LOG...\n"
	"h7gang store find    [--store URL] [--uid HEX] [--serial TEXT] [--lot ID] [--firmware "
	"TEXT]\n"
	"                     [--since TIME] [--station NAME] [--slot NAME] [--error NAME]\n"
	"                     [--result RESULT] [--limit N] [--json]\n"
	"h7gang store export  [--store URL] --json [--log N] [--lot ID] [--firmware TEXT] [--since "
	"TIME]\n"
	"h7gang store export  [--store URL] --log N | --output FOLDER\n"
	"h7gang store release [--store URL] [--station NAME] [--yes]\n"
	"\n"
	"The store holds what the logs of all stations say, and gives out numbers and places in a\n"
	"lot to them. Each station's log stays its own truth; rows can be made again from the "
	"logs.\n"
	"\n"
	"  --store URL   sqlite:FILE, for the stations of one machine, or\n"
	"                postgresql://HOST/DATABASE for those of several; without it the\n"
	"                environment's H7GANG_STORE. No password stands in it: libpq reads\n"
	"                ~/.pgpass, service files and certificates.\n"
	"\n"
	"init makes the tables in an empty database, and in PostgreSQL the roles h7gang_station "
	"and\n"
	"h7gang_reader if it may. migrate takes a store that an older program made to this\n"
	"program's schema; programs of different schemas do not share a store. status says what\n"
	"is in it: logs, pools of numbers, leases, units on the way.\n"
	"\n"
	"push brings logs into the store, each with the files it was rotated into (LOG.0001 ...),\n"
	"which may lie elsewhere and be named in any order, as often as you like: what the store\n"
	"has is passed over. A log that was changed or cut\n"
	"after it was pushed, or that is the fork of another, is refused, and the store keeps "
	"that.\n"
	"\n"
	"  --station NAME  who pushes; default: the host's name\n"
	"\n"
	"find prints the rows that answer all that is asked, the newest first; --uid and --slot "
	"may\n"
	"be repeated. --since takes a time in UTC or its beginning, and goes by finished_at.\n"
	"\n"
	"  --limit N      at most so many rows (1000)\n"
	"\n"
	"export gives rows as JSON lines, or logs as they were, byte for byte: audit verify "
	"accepts\n"
	"them. Log numbers are those of status.\n"
	"\n"
	"  --log N          that log, without --json as CSV on standard output\n"
	"  --output FOLDER  every log as FOLDER/log-N.csv\n"
	"\n"
	"release is for a station that never runs again. It says what the store has of that "
	"station:\n"
	"its logs, the units that it had begun and whose rows are missing, the numbers that were\n"
	"leased to it and that no row tells of; without a name, which stations there are. Push "
	"its\n"
	"log first, as far as there is one: what the log tells is over then.\n"
	"\n"
	"  --station NAME  which\n"
	"  --yes           those units no longer count in their lots, those boards no longer wait "
	"for\n"
	"                  their number, and those numbers are burned: nobody ever gets them\n"
	"\n"
	"Exit status: 0; 1 push: a log was refused, find: nothing found, export: a row has not "
	"its\n"
	"hash, release: no such station; 2 usage, or not this program's schema; 4 the "
	"store cannot be reached or\n"
	"used; 5 internal error.\n";

#include <stdlib.h>
#include <string.h>

#include "store.h"

static const struct cli_store_kind *const kinds[] = {
	&cli_store_init, &cli_store_migrate, &cli_store_status,	 &cli_store_push,
	&cli_store_find, &cli_store_export,  &cli_store_release,
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *cli_store_url(const struct cli_options *options, const char *of_profile)
{
	const char *environment;

	if (options->store)
		return options->store;
	if (of_profile)
		return of_profile;
	environment = getenv("H7GANG_STORE");
	return environment && environment[0] ? environment : NULL;
}

enum h7_exit cli_store_failed(enum db_error error, const char *why)
{
	cli_say("store: %s", why);
	switch (error) {
	case DB_SCHEMA:
	case DB_URL:
		return H7_EXIT_USAGE;
	case DB_MEMORY:
		return H7_EXIT_INTERNAL;
	default:
		return H7_EXIT_LOG;
	}
}

static enum h7_exit run(const struct cli_options *options)
{
	const struct cli_store_kind *kind = NULL;
	const char *url;

	if (options->operands == 0)
		return cli_usage("store", "store: say what to do: init, migrate, status, push, "
					  "find, export or release");
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(options->operand[0], kinds[i]->name) == 0)
			kind = kinds[i];
	}
	if (!kind)
		return cli_usage("store", "there is no \"store %s\"", options->operand[0]);
	if (options->given & ~(kind->accepts | CLI_STORE))
		return cli_usage("store", "an option that store %s does not take", kind->name);
	if (options->operands > 1 && !kind->files)
		return cli_usage("store", "store %s takes no file", kind->name);
	if (options->operands == 1 && kind->files)
		return cli_usage("store", "store %s needs a log", kind->name);
	url = cli_store_url(options, NULL);
	if (!url)
		return cli_usage("store", "no store: neither --store nor H7GANG_STORE");
	return kind->run(options, url, options->operand + 1, (size_t)options->operands - 1);
}

const struct cli_command cli_store = {
	.name = "store",
	.summary = "one place for the logs of many stations",
	.help = help_text,
	.accepts = CLI_STORE | CLI_STATION | CLI_UID | CLI_SERIAL | CLI_SLOT | CLI_LOT |
		   CLI_FIRMWARE | CLI_SINCE | CLI_ERROR | CLI_RESULT | CLI_LIMIT | CLI_JSON |
		   CLI_LOG | CLI_OUTPUT | CLI_YES,
	.operands = true,
	.run = run,
};
