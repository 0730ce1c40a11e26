/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang audit verify [--continues HASH | --each] [--key PUBLIC] FILE...\n"
	"h7gang audit find [--uid HEX] [--serial TEXT] [--slot NAME] [--lot ID] [--since TIME]\n"
	"                  [--error NAME] [--result RESULT] [--json] FILE...\n"
	"h7gang audit export --json | --xlsx FILE [--key PUBLIC] | --csv --for spreadsheet "
	"FILE...\n"
	"h7gang audit report [--html FILE] [--json] [FILTERS] [--title TEXT] [--shifts TIMES]\n"
	"                    [--time-zone ZONE] [--baseline SINCE/UNTIL] [--by-operator]\n"
	"                    FILE... [--key PUBLIC] | --store URL\n"
	"h7gang audit record --uid HEX | --serial TEXT --key KEY --html FILE FILE...\n"
	"h7gang audit keygen --output KEY\n"
	"h7gang audit seal --key KEY [--continues HASH] FILE...\n"
	"\n"
	"Reads logs. Only seal changes or locks a log: all other commands may run while a log is\n"
	"written.\n"
	"\n"
	"verify checks whether logs are intact: the hash of each row, the chain from row to row,\n"
	"and row numbers without a gap. Several files are one chain, in the order given (a log\n"
	"that was continued in a new file); FILE.0001 and so on belong before FILE. verify names\n"
	"the first row that is changed, missing, duplicated, reordered or cut.\n"
	"\n"
	"  --continues HASH   the row_hash that the first row must follow, if the file before it\n"
	"                     is missing\n"
	"  --each             the logs of several lots or stations: a file that begins with row 1\n"
	"                     begins another log\n"
	"  --key PUBLIC       also check the seals in FILE.seal with this key: they show that "
	"rows\n"
	"                     were cut off the end, or that the log was written anew\n"
	"\n"
	"Without seals, verify cannot notice that whole rows were cut off the end: compare the\n"
	"last row_hash with the one that the run printed.\n"
	"\n"
	"find prints the attempts (not the notes) that match all options. --uid and --slot may\n"
	"be repeated; --slot takes port paths, too. --since compares finished_at with a time in\n"
	"UTC or its beginning (2026-11-22, 2026-11-22T14:03). If more than one row matches, the\n"
	"history of each board follows on standard error.\n"
	"\n"
	"export prints every row.\n"
	"\n"
	"  --json                 each row is an object on a line, with the original texts\n"
	"  --xlsx FILE            a workbook: texts are texts, times are times, and the last "
	"sheet\n"
	"                         names the source\n"
	"  --csv --for spreadsheet  CSV; a spreadsheet runs and converts none of its texts\n"
	"\n"
	"Do not save the log itself from a spreadsheet: audit verify finds the change. All other\n"
	"programs read the log as it is.\n"
	"\n"
	"report checks the logs and summarizes them, also of several stations: findings, yields\n"
	"of boards, units and attempts, control charts, errors, slots, cycle times.\n"
	"\n"
	"  --html FILE        also write a page that needs no other file; it replaces an older\n"
	"                     page, but no other kind of file\n"
	"  --json             every number of the page as one JSON document instead of text\n"
	"  --store URL        report on the rows of a store (see h7gang help store)\n"
	"  FILTERS            --lot, --station, --profile NAME, --firmware VERSION, --since and\n"
	"                     --until TIME (in UTC; --since includes it, --until does not)\n"
	"  --shifts TIMES     local times at which shifts begin: 06:00,14:00,22:00\n"
	"  --time-zone ZONE   such as Europe/Berlin; default: that of this machine\n"
	"  --baseline PERIOD  where the limits of the control charts come from: SINCE/UNTIL;\n"
	"                     default: the first third of the subgroups, at least eight\n"
	"  --by-operator      also yields by operator: personal data in many countries\n"
	"  --key PUBLIC       also checks the seals\n"
	"\n"
	"record writes the programming record of one board as a page, with the rows and the seal\n"
	"that prove it, and FILE.sig, its signature by the station's private key. It prints the\n"
	"shell lines that check both.\n"
	"\n"
	"keygen makes an Ed25519 key: KEY is private and stays at the station, KEY.pub is public.\n"
	"seal signs the head of an intact log into FILE.seal; a run does this by itself if the\n"
	"profile has audit.key.\n"
	"\n"
	"Exit status: 0 success; 1 verify, report, record, seal: the log is not intact; find,\n"
	"record: nothing was found; 2 usage; 4 a file cannot be read, or has lines that are not\n"
	"rows.\n";

#include <stdlib.h>
#include <string.h>

#include "audit.h"

static const struct cli_audit_kind *const kinds[] = {
	&cli_audit_verify, &cli_audit_find,   &cli_audit_export, &cli_audit_report,
	&cli_audit_record, &cli_audit_keygen, &cli_audit_seal,
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *kind_at(const void *names, size_t i)
{
	(void)names;
	return i < KINDS ? kinds[i]->name : NULL;
}

static enum h7_exit run(const struct cli_options *options)
{
	const struct cli_audit_kind *kind = NULL;
	enum cli_option stray;
	enum h7_exit status;
	char **files;

	if (options->operands == 0)
		return cli_usage("audit", "audit: a command is missing: verify, find, export, "
					  "report, record, keygen or seal");
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(options->operand[0], kinds[i]->name) == 0)
			kind = kinds[i];
	}
	if (!kind)
		return cli_unknown("audit", "audit command", options->operand[0], kind_at, NULL);
	if ((stray = cli_given_beyond(options, kind->accepts)) != CLI_OPTIONS)
		return cli_usage("audit",
				 "audit %s does not know the option --%s; other commands do",
				 kind->name, cli_option_name(stray));
	if (options->operands == 1 && !kind->no_files && !options->store)
		return cli_usage("audit", "audit %s needs a file", kind->name);
	files = cli_audit_order(options->operand + 1, (size_t)options->operands - 1);
	status =
		files ? kind->run(options, files, (size_t)options->operands - 1) : H7_EXIT_INTERNAL;
	free(files);
	return status;
}

const struct cli_command cli_audit = {
	.name = "audit",
	.summary = "verify, search, export, report and seal logs",
	.help = help_text,
	.accepts =
		CLI_LIST(CLI_CONTINUES, CLI_EACH, CLI_UID, CLI_SERIAL, CLI_SLOT, CLI_LOT, CLI_SINCE,
			 CLI_ERROR, CLI_RESULT, CLI_JSON, CLI_HTML, CLI_KEY, CLI_OUTPUT, CLI_STORE,
			 CLI_UNTIL, CLI_STATION, CLI_PROFILE, CLI_FIRMWARE, CLI_TITLE, CLI_SHIFTS,
			 CLI_TIME_ZONE, CLI_BY_OPERATOR, CLI_BASELINE, CLI_XLSX, CLI_CSV, CLI_FOR),
	.any_profile = true,
	.operands = true,
	.run = run,
};
