/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang store init    [--store URL]\n"
	"h7gang store migrate [--store URL]\n"
	"h7gang store status  [--store URL]\n"
	"h7gang store push    [--store URL] [--station NAME] LOG...\n"
	"h7gang store find    [--store URL] [--uid HEX] [--serial TEXT] [--lot ID]\n"
	"                     [--firmware TEXT] [--since TIME] [--station NAME] [--slot NAME]\n"
	"                     [--error NAME] [--result RESULT] [--limit N] [--json]\n"
	"h7gang store export  [--store URL] --json | --xlsx FILE | --csv --for spreadsheet\n"
	"                     [--log N] [--lot ID] [--firmware TEXT] [--since TIME]\n"
	"h7gang store export  [--store URL] --log N | --output FOLDER\n"
	"h7gang store release [--store URL] [--station NAME] [--yes]\n"
	"h7gang store retire  [--store URL] [--station NAME] [--yes]\n"
	"h7gang store adopt   [--store URL] [--station NAME] [--yes]\n"
	"\n"
	"A store holds the rows of all stations' logs and gives serial numbers and places in a\n"
	"lot to the stations. Each station's log stays the authoritative record: all rows can be\n"
	"pushed again from the logs.\n"
	"\n"
	"  --store URL   sqlite:FILE for the stations of one machine, postgresql://HOST/DATABASE\n"
	"                for several machines; without it, the environment variable H7GANG_STORE.\n"
	"                A URL contains no password: libpq reads ~/.pgpass, service files and\n"
	"                certificates\n"
	"\n"
	"init creates the tables in an empty database and, in PostgreSQL, the roles\n"
	"h7gang_station and h7gang_reader, if the user may. migrate updates a store of an older\n"
	"program to this program's schema; programs with different schemas cannot share a store.\n"
	"status prints the logs, pools of numbers, leases and running units.\n"
	"\n"
	"push pushes logs with the files that they were rotated into (LOG.0001 ...). Files in\n"
	"other folders may be named in any order. Rows that the store has are skipped. push\n"
	"refuses a log that was changed or cut after it was pushed, or that is a fork of another\n"
	"log, and the store records this.\n"
	"\n"
	"  --station NAME  the station that pushes; default: the host name\n"
	"\n"
	"find prints the rows that match all options, the newest first. --uid and --slot may be\n"
	"repeated. --since compares finished_at with a time in UTC or its beginning.\n"
	"\n"
	"  --limit N      print at most N rows (1000)\n"
	"\n"
	"export prints rows as JSON lines, or writes logs byte for byte, as audit verify accepts\n"
	"them. status prints the log numbers.\n"
	"\n"
	"  --xlsx FILE      the rows as a workbook, with a sheet that names the logs\n"
	"  --csv --for spreadsheet  the rows as CSV whose texts a spreadsheet does not convert\n"
	"  --log N          export that log; without --json as CSV on standard output\n"
	"  --output FOLDER  export every log as FOLDER/log-N.csv\n"
	"\n"
	"release is for a station that never runs again. It prints the station's logs, the units\n"
	"that it began and whose rows are missing, and the leased numbers that no row contains.\n"
	"Without a name, it lists the stations. Push the station's log first, as far as it "
	"exists.\n"
	"\n"
	"  --station NAME  the station to release\n"
	"  --yes           the units no longer count in their lots, the boards no longer wait for\n"
	"                  their numbers, and the numbers are discarded: no board gets them\n"
	"\n"
	"retire is another word for release.\n"
	"\n"
	"adopt is for a station that a run refuses because its number file or its log is an old\n"
	"state or a copy, from a disk that was restored or cloned. It prints the same as release.\n"
	"With --yes the station goes on: numbers of its old leases that no row contains are\n"
	"discarded, and its next run gets new leases. Move a refused log and its rotated files\n"
	"away before that run; store export prints all its rows.\n"
	"\n"
	"Exit status: 0 success; 1 push: a log was refused; find: nothing was found; export: a "
	"row\n"
	"does not match its hash; release, retire, adopt: the store knows no such station; 2 "
	"usage,\n"
	"or another schema; 4 the store cannot be reached or used; 5 internal error.\n";

#include <string.h>

#include "store.h"

static const struct cli_store_kind *const kinds[] = {
	&cli_store_init,   &cli_store_migrate, &cli_store_status, &cli_store_push,  &cli_store_find,
	&cli_store_export, &cli_store_release, &cli_store_retire, &cli_store_adopt,
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *kind_at(const void *names, size_t i)
{
	(void)names;
	return i < KINDS ? kinds[i]->name : NULL;
}

static enum h7_exit run(const struct cli_options *options)
{
	const struct cli_store_kind *kind = NULL;
	enum cli_option stray;
	const char *url;

	if (options->operands == 0)
		return cli_usage("store",
				 "store: a command is missing: init, migrate, status, push, "
				 "find, export, release, retire or adopt");
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(options->operand[0], kinds[i]->name) == 0)
			kind = kinds[i];
	}
	if (!kind)
		return cli_unknown("store", "store command", options->operand[0], kind_at, NULL);
	if ((stray = cli_given_beyond(options, kind->accepts)) != CLI_OPTIONS)
		return cli_usage("store",
				 "store %s does not know the option --%s; other commands do",
				 kind->name, cli_option_name(stray));
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
	.summary = "keep the rows of many stations in one database",
	.help = help_text,
	.accepts = CLI_LIST(CLI_STORE, CLI_STATION, CLI_UID, CLI_SERIAL, CLI_SLOT, CLI_LOT,
			    CLI_FIRMWARE, CLI_SINCE, CLI_ERROR, CLI_RESULT, CLI_LIMIT, CLI_JSON,
			    CLI_LOG, CLI_OUTPUT, CLI_YES, CLI_XLSX, CLI_CSV, CLI_FOR),
	.operands = true,
	.run = run,
};
