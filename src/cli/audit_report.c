/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "file.h"
#include "h7gang/base/durable.h"

#define HTML_MODE 0644

/* --- whether the logs are intact --- */

/* What the first row says of where it stands; false: there is no row. */
static bool first_row(const char *path, bool *starts, char prev[SHA256_HEX_SIZE])
{
	struct audit_reader *reader;
	const struct audit_record *record;
	bool row;
	char why[200];

	if (audit_reader_open_any(path, &reader, why, sizeof(why)) != AUDIT_OK)
		return false;
	row = audit_reader_next(reader, &record) == AUDIT_READ_ROW;
	if (row) {
		*starts = strcmp(record->field[0], "1") == 0;
		memcpy(prev, record->field[record->count - 2], SHA256_HEX_SIZE);
	}
	audit_reader_close(reader);
	return row;
}

static void keep_first(void *user, const char *text)
{
	struct cli_audit_log *log = user;

	if (!*log->finding)
		snprintf(log->finding, sizeof(log->finding), "%s", text);
}

/* A log that begins in the middle is judged from there: what came before is not at hand. */
static void judge(struct cli_audit_log *log, char *const *files)
{
	struct audit_report_sink sink = {keep_first, log};
	char prev[SHA256_HEX_SIZE];
	bool starts = true, row = first_row(files[0], &starts, prev);

	log->intact = audit_verify((const char *const *)files, log->files,
				   row && !starts ? prev : NULL, &sink, NULL);
}

struct cli_audit_log *cli_audit_logs(char *const *files, size_t count, size_t *logs)
{
	struct cli_audit_log *log = calloc(count, sizeof(*log));

	*logs = 0;
	for (size_t i = 0; log && i < count; i++) {
		char prev[SHA256_HEX_SIZE];
		bool starts = false;

		first_row(files[i], &starts, prev);
		if (i == 0 || starts)
			log[(*logs)++].first = files[i];
		log[*logs - 1].last = files[i];
		log[*logs - 1].files++;
	}
	return log;
}

/* --- the page --- */

static int save(const char *path, const char *text, size_t length)
{
	const char *name;
	int folder = durable_folder(path, false, &name);
	int rc;

	if (folder < 0)
		return folder;
	rc = durable_replace(folder, name, text, length, HTML_MODE);
	close(folder);
	return rc;
}

static enum h7_exit write_html(const char *path, const struct cli_audit_report *report)
{
	char *text = NULL;
	size_t length = 0;
	FILE *page = open_memstream(&text, &length);
	bool bad = true;
	int rc;

	if (page) {
		cli_audit_html(page, report);
		bad = ferror(page);
		bad |= fclose(page) != 0;
	}
	rc = bad ? -ENOMEM : save(path, text, length);
	free(text);
	if (rc == 0)
		return H7_EXIT_OK;
	cli_say("%s: %s", path, strerror(-rc));
	return H7_EXIT_INTERNAL;
}

static bool count_row(void *user, const char *path, const struct audit_reader *reader,
		      const struct audit_record *record)
{
	(void)path;
	(void)reader;
	return audit_counter_row(user, record);
}

enum h7_exit cli_audit_report_on(const struct cli_options *options, struct audit_counter *counter,
				 struct cli_audit_report *report)
{
	report->stats = audit_counter_sum(counter);
	if (!report->stats) {
		cli_say("no memory");
		return H7_EXIT_INTERNAL;
	}
	cli_audit_text(stdout, report);
	return options->html ? write_html(options->html, report) : H7_EXIT_OK;
}

static enum h7_exit on_files(const struct cli_options *options, char *const *files, size_t count)
{
	struct audit_counter *counter = audit_counter_new();
	struct cli_audit_report report = {0};
	struct cli_audit_log *log = cli_audit_logs(files, count, &report.logs);
	const struct cli_audit_rows rows = {.row = count_row, .user = counter};
	enum h7_exit status = H7_EXIT_INTERNAL;

	if (!counter || !log) {
		cli_say("no memory");
		goto out;
	}
	status = cli_audit_rows(&rows, files, count);
	if (status == H7_EXIT_INTERNAL)
		goto out;
	for (size_t i = 0, at = 0; i < report.logs; at += log[i++].files)
		judge(&log[i], files + at);
	report.log = log;
	status = cli_first_of(status, cli_audit_report_on(options, counter, &report));
	for (size_t i = 0; i < report.logs; i++)
		status = cli_first_of(status, log[i].intact ? H7_EXIT_OK : H7_EXIT_FAILED);
out:
	free(log);
	audit_counter_free(counter);
	return status;
}

static enum h7_exit run(const struct cli_options *options, char *const *files, size_t count)
{
	if (options->store && count > 0)
		return cli_usage("audit", "audit report: --store or files, not both");
	if (!options->store && (options->given & (CLI_LOT | CLI_SINCE)))
		return cli_usage("audit", "audit report: --lot and --since go with --store");
	/* A log in the place of the page, by a shell's wildcard, would be lost. */
	if (options->html && file_check_replace(options->html, CLI_AUDIT_HTML) != H7_EXIT_OK)
		return H7_EXIT_USAGE;
	return options->store ? cli_audit_store(options) : on_files(options, files, count);
}

const struct cli_audit_kind cli_audit_report = {
	.name = "report",
	.accepts = CLI_HTML | CLI_STORE | CLI_LOT | CLI_SINCE,
	.run = run,
};
