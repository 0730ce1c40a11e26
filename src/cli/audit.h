/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of h7gang audit, a file each, and helpers for those that read rows. */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli.h"
#include "h7gang/audit/read.h"
#include "h7gang/audit/key.h"
#include "h7gang/report/report.h"

struct cli_audit_kind {
	const char *name;
	const enum cli_option *accepts; /* a CLI_LIST; NULL: none */
	bool no_files;
	enum h7_exit (*run)(const struct cli_options *options, char *const *files, size_t count);
};

extern const struct cli_audit_kind cli_audit_verify, cli_audit_report, cli_audit_find,
	cli_audit_export, cli_audit_record, cli_audit_keygen, cli_audit_seal;

/* Findings of audit_verify, on standard error. */
extern struct audit_report_sink cli_audit_sink;

/* Hands every row of every file, in order, to `row` until that returns false. A line that is not
 * a row is reported on standard error, the first five of a file one by one and the others as a
 * count, and the log counts as damaged (exit status 4). A last line
 * without an end is only reported. `row` may refuse for want of memory: then H7_EXIT_INTERNAL. */
struct cli_audit_rows {
	bool (*row)(void *user, const char *path, const struct audit_reader *reader,
		    const struct audit_record *record);
	void *user;
};
enum h7_exit cli_audit_rows(const struct cli_audit_rows *rows, char *const *files, size_t count);

/* The files in the order given, but FILE.0001 and so on before FILE, where a shell sorts them
 * behind it. To be freed; NULL: no memory. */
char **cli_audit_order(char *const *files, size_t count);

/* Which of the files make one log each: one that begins with row 1 begins a log, any other goes on
 * with the one before it. To be freed; NULL: no memory. */
struct report_log *cli_audit_logs(char *const *files, size_t count, size_t *logs);

/* Gives every row of a log to `rows` and says whether the log is intact, from its first row on:
 * earlier rows are not available. With a public key (may be NULL) its seals must hold, too. Rows
 * behind a finding are given as well. H7_EXIT_OK, _FAILED, _LOG or _INTERNAL (`rows` refused). */
enum h7_exit cli_audit_read_log(struct report_log *log, char *const *files,
				const struct audit_key *key, const struct cli_audit_rows *rows);

/* Reads the options of a report; false: one of them is wrong, and told. */
bool cli_audit_report_options(const struct cli_options *options, struct report_options *asked);

/* The report to standard output and, if asked for, as a page. */
enum h7_exit cli_audit_report_on(const struct cli_options *options,
				 struct report_collector *collector, const struct report_log *log,
				 size_t logs);

/* The same on the logs of the store. */
enum h7_exit cli_audit_store(const struct cli_options *options);

/* Writes a page to `path`, in the place of an older one, with `put`. */
enum h7_exit cli_audit_write(const char *path, void (*put)(FILE *to, const void *user),
			     const void *user);

/* The beginning of every page. */
#define CLI_AUDIT_HTML "<!DOCTYPE html>\n"

#endif
