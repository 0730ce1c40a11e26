/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of h7gang store, a file each. */
#ifndef CLI_STORE_H
#define CLI_STORE_H

#include "cli.h"
#include "h7gang/store/read.h"
#include "h7gang/store/store.h"

struct cli_store_kind {
	const char *name;
	const enum cli_option *accepts; /* a CLI_LIST; NULL: none */
	bool files;                     /* takes the names of logs */
	enum h7_exit (*run)(const struct cli_options *options, const char *url, char *const *files,
			    size_t count);
};

extern const struct cli_store_kind cli_store_init, cli_store_migrate, cli_store_status,
	cli_store_push, cli_store_find, cli_store_export, cli_store_release, cli_store_retire,
	cli_store_adopt;

/* The question that the options ask, or H7_EXIT_USAGE. */
enum h7_exit cli_store_question(const struct cli_options *options, struct store_question *question);

/* A row as one JSON object and a LF on standard output: "v":1, "log", then every column by its
 * name, as in audit_record_json. */
void cli_store_json(const struct store_row *row);

/* The logs of the store, in the order of `rows` (both to be freed, `*logs` by free()); a fault of
 * one is that noticed by the store. Column 3 of `rows` is the log's number. */
struct report_log;
enum db_error cli_store_logs(struct db *db, struct db_rows **rows, struct report_log **logs);

/* --store, else the profile's (may be NULL), else H7GANG_STORE. NULL: none is named. */
const char *cli_store_url(const struct cli_options *options, const char *of_profile);

/* Its numbers, leases and units on the way, on standard output; nothing where there are none. */
enum db_error cli_store_numbers(struct db *db);

/* One question, one table, with a line above it unless `title` is NULL; nothing where there is
 * nothing. */
enum db_error cli_store_table(struct db *db, const char *title, const char *sql,
			      const struct db_value *values, size_t count, size_t columns,
			      const char *const *heads);

/* Says that the store failed. Returns the exit status. */
enum h7_exit cli_store_failed(enum db_error error, const char *why);

#endif
