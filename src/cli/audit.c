/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang audit verify [--continues HASH] FILE...\n"
	"\n"
	"Tells whether logs are intact: every row's hash, the chain from row to row, the numbers\n"
	"without a gap. Several files are taken as one chain, in the order given (a log that was\n"
	"continued in a new file). Names the first row that is changed, missing, doubled,\n"
	"reordered or cut. Changes nothing and locks nothing: it may run while a log is written.\n"
	"\n"
	"  --continues HASH   the row_hash that the first row must follow, when the file before\n"
	"                     it is not at hand\n"
	"\n"
	"What verify cannot see by itself: rows cut off the end as a whole. Compare the last\n"
	"row_hash with the one the run printed.\n"
	"\n"
	"Exit status: 0 intact, 1 not, 2 usage, 4 a file cannot be read.\n";

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "h7gang/audit/audit.h"

static void tell(void *user, const char *text)
{
	(void)user;
	fprintf(stderr, "%s\n", text);
}

static bool readable(const char *path)
{
	FILE *file = fopen(path, "re");
	bool good = file && fgetc(file) != EOF;

	/* An empty file is a finding, not a file that cannot be read. */
	if (file && !good)
		good = !ferror(file);
	if (!good)
		cli_say("%s: %s", path, strerror(errno));
	if (file)
		fclose(file);
	return good;
}

static enum h7_exit verify(const struct cli_options *options)
{
	struct audit_report_sink sink = {.line = tell};
	struct audit_check check = {0};
	char *const *files = options->operand + 1;
	size_t count = (size_t)options->operands - 1;
	bool intact;

	if (count == 0)
		return cli_usage("audit", "audit verify needs a file");
	if (options->continues &&
	    (strlen(options->continues) != SHA256_HEX_SIZE - 1 ||
	     strspn(options->continues, "0123456789abcdef") != SHA256_HEX_SIZE - 1))
		return cli_usage("audit",
				 "--continues must be a row_hash: 64 lower-case hex digits");
	for (size_t i = 0; i < count; i++)
		if (!readable(files[i]))
			return H7_EXIT_LOG;
	intact = audit_verify((const char *const *)files, count, options->continues, &sink, &check);
	printf("%s: %" PRIu64 " rows, seq=%" PRIu64 " row_hash=%s",
	       intact ? "intact" : "NOT INTACT", check.rows, check.head.seq, check.head.row_hash);
	if (check.open_marks)
		printf(", %u attempts begun without a row", check.open_marks);
	if (check.being_written)
		printf(", being written");
	if (check.torn)
		printf(", last line torn");
	printf("\n");
	return intact ? H7_EXIT_OK : H7_EXIT_FAILED;
}

static enum h7_exit run(const struct cli_options *options)
{
	if (options->operands == 0)
		return cli_usage("audit", "audit: say what to do: verify");
	if (strcmp(options->operand[0], "verify") != 0)
		return cli_usage("audit", "there is no \"audit %s\"", options->operand[0]);
	return verify(options);
}

const struct cli_command cli_audit = {
	.name = "audit",
	.summary = "verify: is a log intact?",
	.help = help_text,
	.accepts = CLI_CONTINUES,
	.operands = true,
	.run = run,
};
