/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows as JSON: every column by its name, texts as they were before they were quoted and guarded.
 */
#include "audit.h"

static bool export_row(void *user, const char *path, const struct audit_reader *reader,
		       const struct audit_record *record)
{
	(void)user;
	audit_record_json(stdout, path, reader, record);
	return true;
}

static enum h7_exit run(const struct cli_options *options, char *const *files, size_t count)
{
	const struct cli_audit_rows rows = {.row = export_row};

	if (!(options->given & CLI_JSON))
		return cli_usage("audit", "audit export needs --json: the log itself is the CSV");
	return cli_audit_rows(&rows, files, count);
}

const struct cli_audit_kind cli_audit_export = {
	.name = "export",
	.accepts = CLI_JSON,
	.run = run,
};
