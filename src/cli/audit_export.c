/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows for other programs: as JSON, as a workbook, as CSV for spreadsheets; texts as they were
 * before they were quoted and guarded. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "export.h"
#include "file.h"
#include "h7gang/base/version.h"

#define WHY_SIZE 600

/* --- JSON --- */

static bool export_json(void *user, const char *path, const struct audit_reader *reader,
			const struct audit_record *record)
{
	(void)user;
	audit_record_json(stdout, path, reader, record);
	return true;
}

/* --- tables --- */

static bool is_time(const char *name)
{
	return strcmp(name, "started_at") == 0 || strcmp(name, "finished_at") == 0;
}

void cli_export_column(struct export_column *column, const char *name, bool number)
{
	column->name = name;
	column->kind = number ? EXPORT_NUMBER : is_time(name) ? EXPORT_TIME : EXPORT_TEXT;
}

struct table_export {
	struct xlsx *xlsx; /* NULL: CSV */
	char *names;       /* of the columns, each with its NUL */
	struct export_column column[EXPORT_COLUMNS_MAX];
	size_t columns;
	const char *path; /* whose columns `at` is of */
	int at[EXPORT_COLUMNS_MAX];
};

/* The columns of the log that has the most: later versions only add. */
static bool take_columns(struct table_export *table, char *const *files, size_t count)
{
	struct audit_reader *widest = NULL, *reader;
	size_t used = 0;
	char why[200];

	for (size_t i = 0; i < count; i++) {
		if (audit_reader_open_any(files[i], &reader, why, sizeof(why)) != AUDIT_OK)
			continue; /* which is told when its rows are read */
		if (!widest || audit_reader_columns(reader) > audit_reader_columns(widest)) {
			audit_reader_close(widest);
			widest = reader;
		} else {
			audit_reader_close(reader);
		}
	}
	if (!widest)
		return true;
	for (size_t i = 0; i < audit_reader_columns(widest); i++)
		used += strlen(audit_reader_column_name(widest, i)) + 1;
	table->names = malloc(used + 1);
	used = 0;
	for (size_t i = 0; table->names && i < audit_reader_columns(widest); i++) {
		const char *name = audit_reader_column_name(widest, i);

		memcpy(table->names + used, name, strlen(name) + 1);
		cli_export_column(&table->column[table->columns++], table->names + used,
				  audit_reader_column_is_number(widest, i));
		used += strlen(name) + 1;
	}
	audit_reader_close(widest);
	return table->names != NULL;
}

static bool export_row(void *user, const char *path, const struct audit_reader *reader,
		       const struct audit_record *record)
{
	struct table_export *table = user;
	struct export_cell cells[EXPORT_COLUMNS_MAX];

	if (path != table->path) {
		for (size_t i = 0; i < table->columns; i++)
			table->at[i] = audit_reader_column(reader, table->column[i].name);
		table->path = path;
	}
	for (size_t i = 0; i < table->columns; i++) {
		int at = table->at[i];

		cells[i] = (struct export_cell){at < 0 ? NULL : record->field[at],
						at < 0 ? 0 : record->field_length[at]};
	}
	if (table->xlsx)
		xlsx_row(table->xlsx, cells);
	else
		spreadsheet_csv_row(stdout, table->column, cells, table->columns);
	return true;
}

static enum h7_exit export_csv(char *const *files, size_t count)
{
	struct table_export table = {.columns = 0};
	const struct cli_audit_rows rows = {export_row, &table};
	enum h7_exit status = H7_EXIT_INTERNAL;

	if (take_columns(&table, files, count)) {
		spreadsheet_csv_header(stdout, table.column, table.columns);
		status = cli_audit_rows(&rows, files, count);
	}
	free(table.names);
	return status;
}

/* --- a workbook --- */

void cli_export_source_head(struct xlsx *xlsx, const char *of)
{
	static const char *const heads[] = {"log",      "to file",  "chain",
					    "last row", "row_hash", "sealed to row"};
	const char *const maker[] = {"made by", "h7gang", h7gang_version};
	const char *const source[] = {"source", of};
	const char *const times[] = {"times", "UTC"};

	xlsx_source(xlsx, maker, 3);
	xlsx_source(xlsx, source, 2);
	xlsx_source(xlsx, times, 2);
	xlsx_source(xlsx, NULL, 0);
	xlsx_source(xlsx, heads, sizeof(heads) / sizeof(heads[0]));
}

void cli_export_source_log(struct xlsx *xlsx, const struct report_log *log)
{
	char seq[24], sealed[24] = "not checked", chain[600];
	const char *texts[] = {log->first, log->last, chain, seq, log->head.row_hash, sealed};

	snprintf(seq, sizeof(seq), "%" PRIu64, log->head.seq);
	snprintf(chain, sizeof(chain), "%s%s%s", log->intact ? "intact" : "NOT INTACT",
		 *log->finding ? ": " : "", log->finding);
	if (log->sealed)
		snprintf(sealed, sizeof(sealed), "%" PRIu64, log->sealed_seq);
	xlsx_source(xlsx, texts, sizeof(texts) / sizeof(texts[0]));
}

enum h7_exit cli_export_close(struct xlsx *xlsx, enum h7_exit status)
{
	char why[WHY_SIZE];

	if (xlsx_close(xlsx, status != H7_EXIT_INTERNAL, why, sizeof(why)))
		return status;
	if (status != H7_EXIT_INTERNAL)
		cli_say("%s", why);
	return H7_EXIT_INTERNAL;
}

static enum h7_exit export_xlsx(const struct cli_options *options, char *const *files, size_t count)
{
	struct table_export table = {.columns = 0};
	const struct cli_audit_rows rows = {export_row, &table};
	struct audit_key *key = NULL;
	struct report_log *log = NULL;
	enum h7_exit status = H7_EXIT_OK;
	char why[WHY_SIZE];
	size_t logs = 0;

	if (file_check_replace(options->xlsx, CLI_EXPORT_XLSX) != H7_EXIT_OK)
		return H7_EXIT_USAGE;
	if (options->key && !(key = audit_key_load_public(options->key, why, sizeof(why))))
		return cli_usage("audit", "--key: %s", why);
	log = cli_audit_logs(files, count, &logs);
	if (!log || !take_columns(&table, files, count)) {
		cli_say("no memory");
		status = H7_EXIT_INTERNAL;
		goto out;
	}
	table.xlsx = xlsx_open(options->xlsx, table.column, table.columns, why, sizeof(why));
	if (!table.xlsx) {
		status = cli_usage("audit", "--xlsx: %s", why);
		goto out;
	}
	for (size_t i = 0, at = 0; i < logs && status != H7_EXIT_INTERNAL; at += log[i++].files)
		status = cli_first_of(status, cli_audit_read_log(&log[i], files + at, key, &rows));
	if (table.columns == 0 && status != H7_EXIT_OK) { /* none of the files is a log */
		xlsx_close(table.xlsx, false, why, sizeof(why));
		goto out;
	}
	cli_export_source_head(table.xlsx, "files");
	for (size_t i = 0; i < logs; i++)
		cli_export_source_log(table.xlsx, &log[i]);
	status = cli_export_close(table.xlsx, status);
out:
	free(log);
	free(table.names);
	audit_key_free(key);
	return status;
}

/* --- the command --- */

bool cli_export_options(const char *command, const struct cli_options *options)
{
	bool csv = options->given[CLI_CSV], json = options->given[CLI_JSON];

	if (json + csv + (options->xlsx != NULL) > 1) {
		cli_usage(command, "export: one of --json, --csv and --xlsx");
		return false;
	}
	if ((csv || options->purpose) &&
	    (!csv || !options->purpose || strcmp(options->purpose, "spreadsheet") != 0)) {
		cli_usage(command, "export: --csv --for spreadsheet; the log itself is the CSV for "
				   "all other programs");
		return false;
	}
	return true;
}

static enum h7_exit run(const struct cli_options *options, char *const *files, size_t count)
{
	const struct cli_audit_rows json = {.row = export_json};

	if (!cli_export_options("audit", options))
		return H7_EXIT_USAGE;
	if (options->xlsx)
		return export_xlsx(options, files, count);
	if (options->key)
		return cli_usage("audit", "audit export: --key goes with --xlsx");
	if (options->given[CLI_CSV])
		return export_csv(files, count);
	if (options->given[CLI_JSON])
		return cli_audit_rows(&json, files, count);
	return cli_usage("audit", "audit export needs --json, --xlsx FILE or --csv --for "
				  "spreadsheet: the log itself is the CSV for all other programs");
}

const struct cli_audit_kind cli_audit_export = {
	.name = "export",
	.accepts = CLI_LIST(CLI_JSON, CLI_XLSX, CLI_CSV, CLI_FOR, CLI_KEY),
	.run = run,
};
