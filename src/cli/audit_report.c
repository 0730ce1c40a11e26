/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang audit report on files. */
#include <stdlib.h>

#include "audit.h"
#include "file.h"

#define WHY_SIZE 300

struct counting {
	struct report_collector *collector;
	const char *path; /* whose columns the map is of */
	struct report_map map;
	int64_t at; /* the log */
};

static bool count_row(void *user, const char *path, const struct audit_reader *reader,
		      const struct audit_record *record)
{
	struct counting *counting = user;
	struct report_row row;

	if (path != counting->path)
		report_map_reader(&counting->map, reader);
	counting->path = path;
	report_row_take(&row, &counting->map, record, counting->at);
	return report_row(counting->collector, &row);
}

static enum h7_exit count_logs(const struct cli_options *options, struct counting *counting,
			       struct report_log *log, size_t logs, char *const *files)
{
	const struct cli_audit_rows rows = {count_row, counting};
	struct audit_key *key = NULL;
	enum h7_exit status = H7_EXIT_OK;
	char why[512];

	if (options->key) {
		key = audit_key_load_public(options->key, why, sizeof(why));
		if (!key)
			return cli_usage("audit", "--key: %s", why);
	}
	for (size_t i = 0; i < logs && status != H7_EXIT_INTERNAL; files += log[i++].files) {
		counting->at = (int64_t)i;
		counting->path = NULL;
		status = cli_first_of(status, cli_audit_read_log(&log[i], files, key, &rows));
	}
	audit_key_free(key);
	return status;
}

static enum h7_exit on_files(const struct cli_options *options, char *const *files, size_t count)
{
	struct counting counting = {.collector = NULL};
	struct report_options asked;
	struct report_log *log;
	enum h7_exit status;
	char why[WHY_SIZE];
	size_t logs;

	if (!cli_audit_report_options(options, &asked))
		return H7_EXIT_USAGE;
	counting.collector = report_new(&asked, why, sizeof(why));
	if (!counting.collector)
		return cli_usage("audit", "audit report: %s", why);
	log = cli_audit_logs(files, count, &logs);
	status = log ? count_logs(options, &counting, log, logs, files) : H7_EXIT_INTERNAL;
	if (status == H7_EXIT_INTERNAL)
		cli_say("no memory");
	else if (status != H7_EXIT_USAGE)
		status = cli_first_of(status,
				      cli_audit_report_on(options, counting.collector, log, logs));
	free(log);
	report_free(counting.collector);
	return status;
}

static enum h7_exit run(const struct cli_options *options, char *const *files, size_t count)
{
	if (options->store && count > 0)
		return cli_usage("audit", "audit report: --store or files, not both");
	/* A log in the place of the page, by a shell's wildcard, would be lost. */
	if (options->html && file_check_replace(options->html, CLI_AUDIT_HTML) != H7_EXIT_OK)
		return H7_EXIT_USAGE;
	return options->store ? cli_audit_store(options) : on_files(options, files, count);
}

const struct cli_audit_kind cli_audit_report = {
	.name = "report",
	.accepts = CLI_LIST(CLI_HTML, CLI_JSON, CLI_STORE, CLI_LOT, CLI_SINCE, CLI_UNTIL,
			    CLI_STATION, CLI_PROFILE, CLI_FIRMWARE, CLI_TITLE, CLI_SHIFTS,
			    CLI_TIME_ZONE, CLI_BY_OPERATOR, CLI_BASELINE, CLI_KEY),
	.run = run,
};
