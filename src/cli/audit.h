/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of h7gang audit, a file each, and what those that read rows share. */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli.h"
#include "h7gang/audit/read.h"
#include "h7gang/audit/stats.h"

struct cli_audit_kind {
	const char *name;
	cli_accepts accepts;
	bool no_files;
	enum h7_exit (*run)(const struct cli_options *options, char *const *files, size_t count);
};

extern const struct cli_audit_kind cli_audit_verify, cli_audit_report, cli_audit_find,
	cli_audit_export, cli_audit_keygen, cli_audit_seal;

/* Findings of audit_verify, on standard error. */
extern struct audit_report_sink cli_audit_sink;

/* Hands every row of every file, in order, to `row` until that returns false. What is no row is
 * told on standard error and makes the log a damaged one (exit status 4); a last line without end
 * is only told. `row` may refuse for want of memory: then H7_EXIT_INTERNAL. */
struct cli_audit_rows {
	bool (*row)(void *user, const char *path, const struct audit_reader *reader,
		    const struct audit_record *record);
	void *user;
};
enum h7_exit cli_audit_rows(const struct cli_audit_rows *rows, char *const *files, size_t count);

/* How a log of the report is. */
struct cli_audit_log {
	const char *first, *last; /* its files */
	size_t files;
	bool intact;
	char finding[512]; /* the first, "" if none */
};

struct cli_audit_report {
	const struct audit_stats *stats;
	const struct cli_audit_log *log;
	size_t logs;
};
/* Which of the files make one log each: one that begins with row 1 begins a log, any other goes on
 * with the one before it. To be freed; NULL: no memory. */
struct cli_audit_log *cli_audit_logs(char *const *files, size_t count, size_t *logs);

/* What `chance` of a slot says, in one line. */
#define CLI_AUDIT_CHANCE                                                                           \
	"chance: how probable so many units without a first pass would be on that slot by luck "   \
	"alone (Fisher's exact test, one-sided); named below 0.05 divided by the number of slots"

/* The report to standard output and, if asked for, as a page; `report->stats` is set here. */
enum h7_exit cli_audit_report_on(const struct cli_options *options, struct audit_counter *counter,
				 struct cli_audit_report *report);

/* The same on what the store has. */
enum h7_exit cli_audit_store(const struct cli_options *options);

/* What every page begins with. */
#define CLI_AUDIT_HTML "<!DOCTYPE html>\n"

void cli_audit_text(FILE *to, const struct cli_audit_report *report);
void cli_audit_html(FILE *to, const struct cli_audit_report *report);

#endif
