/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang audit verify [--continues HASH | --each] [--key PUBLIC] FILE...\n"
	"h7gang audit find [--uid HEX] [--serial TEXT] [--slot NAME] [--lot ID] [--since TIME]\n"
	"                  [--error NAME] [--result RESULT] [--json] FILE...\n"
	"h7gang audit export --json FILE...\n"
	"h7gang audit report [--html FILE] FILE...\n"
	"h7gang audit report --store URL [--lot ID] [--since TIME] [--html FILE]\n"
	"h7gang audit keygen --output KEY\n"
	"h7gang audit seal --key KEY [--continues HASH] FILE...\n"
	"\n"
	"Reads logs. Changes no log and locks none: it may run while a log is written.\n"
	"\n"
	"verify tells whether logs are intact: every row's hash, the chain from row to row, the\n"
	"numbers without a gap. Several files are taken as one chain, in the order given (a log\n"
	"that was continued in a new file). Names the first row that is changed, missing,\n"
	"doubled, reordered or cut.\n"
	"\n"
	"  --continues HASH   the row_hash that the first row must follow, when the file before\n"
	"                     it is not at hand\n"
	"  --each             the logs of several stations: a file that begins with row 1 begins\n"
	"                     a log of its own\n"
	"\n"
	"  --key PUBLIC       holds the seals in FILE.seal against this key: rows cut off the\n"
	"                     end, or a log written anew, do not fit them\n"
	"\n"
	"Without seals verify cannot see rows cut off the end as a whole: compare the last\n"
	"row_hash with the one the run printed.\n"
	"\n"
	"find prints the rows that answer all that is asked; --uid and --slot may be repeated,\n"
	"--slot takes port paths too. --since takes a time in UTC or its beginning (2026-11-22,\n"
	"2026-11-22T14:03), and goes by finished_at. export prints every row. With --json each\n"
	"row is an object on a line, with the texts as they were before they were quoted and\n"
	"guarded.\n"
	"\n"
	"report sums up, over several stations too: yields, failures by error, slot, bootloader\n"
	"and hour, cycle times, slots that fail more than the others.\n"
	"\n"
	"  --html FILE        also as a page that needs nothing else; an older page is\n"
	"                     replaced, no other file\n"
	"  --store URL        on what the store has of all stations (see h7gang help store)\n"
	"\n"
	"keygen makes an Ed25519 key: KEY (for the station alone) and KEY.pub. seal signs the "
	"head\n"
	"of an intact log into FILE.seal; a run does so by itself where the profile says "
	"audit.key.\n"
	"\n"
	"Exit status: 0; 1 verify, report, seal: not intact, find: nothing found; 2 usage; 4 a "
	"file\n"
	"cannot be read, or has lines that are no rows.\n";

#include <string.h>

#include "audit.h"

static const struct cli_audit_kind *const kinds[] = {
	&cli_audit_verify, &cli_audit_find,   &cli_audit_export,
	&cli_audit_report, &cli_audit_keygen, &cli_audit_seal,
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static enum h7_exit run(const struct cli_options *options)
{
	const struct cli_audit_kind *kind = NULL;

	if (options->operands == 0)
		return cli_usage(
			"audit",
			"audit: say what to do: verify, find, export, report, keygen or seal");
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(options->operand[0], kinds[i]->name) == 0)
			kind = kinds[i];
	}
	if (!kind)
		return cli_usage("audit", "there is no \"audit %s\"", options->operand[0]);
	if (options->given & ~kind->accepts)
		return cli_usage("audit", "an option that audit %s does not take", kind->name);
	if (options->operands == 1 && !kind->no_files && !options->store)
		return cli_usage("audit", "audit %s needs a file", kind->name);
	return kind->run(options, options->operand + 1, (size_t)options->operands - 1);
}

const struct cli_command cli_audit = {
	.name = "audit",
	.summary = "logs: verify, find, export, report, seal",
	.help = help_text,
	.accepts = CLI_CONTINUES | CLI_EACH | CLI_UID | CLI_SERIAL | CLI_SLOT | CLI_LOT |
		   CLI_SINCE | CLI_ERROR | CLI_RESULT | CLI_JSON | CLI_HTML | CLI_KEY | CLI_OUTPUT |
		   CLI_STORE,
	.operands = true,
	.run = run,
};
