/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the reports on files and on a store: the options, and the output of a report. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "h7gang/audit/text.h"
#include "h7gang/base/durable.h"

#define HTML_MODE 0644

static bool read_time(const char *option, const char *text, int64_t *ms)
{
	*ms = 0;
	if (!text || !*text)
		return true;
	*ms = audit_since_ms(text);
	if (*ms >= 0)
		return true;
	cli_usage("audit",
		  "%s: a time in UTC as in the log, or its beginning: 2026-11-22 or "
		  "2026-11-22T14:03",
		  option);
	return false;
}

static bool read_baseline(const char *text, struct report_options *asked)
{
	char since[32];
	size_t length;

	if (!text)
		return true;
	length = strcspn(text, "/");
	if (text[length] != '/' || length >= sizeof(since) || !text[1]) {
		cli_usage("audit", "--baseline: a period in UTC, SINCE/UNTIL: "
				   "2026-11-01/2026-11-11");
		return false;
	}
	memcpy(since, text, length);
	since[length] = '\0';
	return read_time("--baseline", since, &asked->baseline_since_ms) &&
	       read_time("--baseline", text + length + 1, &asked->baseline_until_ms);
}

bool cli_audit_report_options(const struct cli_options *options, struct report_options *asked)
{
	*asked = (struct report_options){.title = options->title,
					 .lot = options->lot,
					 .station = options->station,
					 .profile = options->profile,
					 .firmware = options->firmware,
					 .shifts = options->shifts,
					 .time_zone = options->time_zone,
					 .by_operator = options->given[CLI_BY_OPERATOR]};
	return read_time("--since", options->since, &asked->since_ms) &&
	       read_time("--until", options->until, &asked->until_ms) &&
	       read_baseline(options->baseline, asked);
}

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

enum h7_exit cli_audit_write(const char *path, void (*put)(FILE *to, const void *user),
			     const void *user)
{
	char *text = NULL;
	size_t length = 0;
	FILE *page = open_memstream(&text, &length);
	bool bad = true;
	int rc;

	if (page) {
		put(page, user);
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

static void put_page(FILE *to, const void *user)
{
	report_html(to, user);
}

enum h7_exit cli_audit_report_on(const struct cli_options *options,
				 struct report_collector *collector, const struct report_log *log,
				 size_t logs)
{
	const struct report *report = report_sum(collector, log, logs);

	if (!report) {
		cli_say("no memory");
		return H7_EXIT_INTERNAL;
	}
	if (options->given[CLI_JSON])
		report_json(stdout, report);
	else
		report_text(stdout, report);
	return options->html ? cli_audit_write(options->html, put_page, report) : H7_EXIT_OK;
}
