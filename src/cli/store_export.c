/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang store export: rows as JSON lines, or logs as they were, byte for byte. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export.h"
#include "file.h"
#include "h7gang/audit/text.h"
#include "h7gang/base/durable.h"
#include "h7gang/base/json.h"
#include "h7gang/store/columns.h"
#include "h7gang/store/read.h"
#include "store.h"

#define WHY_SIZE 640
#define CSV_MODE 0640

void cli_store_json(const struct store_row *row)
{
	const struct audit_record *record = &row->record;
	struct json json = {.to = stdout};

	json_open(&json, NULL, '{');
	json_count(&json, "v", 1);
	json_count(&json, "log", (uint64_t)row->log_id);
	for (size_t i = 0; i < record->count; i++) {
		if (store_column_is_number(i))
			json_number(&json, store_column_name(i), record->field[i]);
		else
			json_bytes(&json, store_column_name(i), record->field[i],
				   record->field_length[i]);
	}
	if (*row->more)
		json_text(&json, "more", row->more);
	json_close(&json, '}');
	putchar('\n');
}

static bool json_row(void *user, const struct store_row *row)
{
	(void)user;
	cli_store_json(row);
	return !ferror(stdout);
}

/* --- logs --- */

/* One log on its way to one file, or several: a new header begins a new one. */
struct csv {
	struct db *db;
	int folder; /* -1: everything to standard output */
	int64_t log_id;
	const struct db_rows *headers; /* first_seq, header */
	size_t header, parts;          /* the next header; files so far */
	FILE *to;
	uint64_t rows, broken;
	int error; /* errno */
};

static bool close_part(struct csv *csv)
{
	bool good = !csv->to || !ferror(csv->to);

	if (csv->to && csv->to != stdout)
		good &= fflush(csv->to) == 0 && durable_sync(fileno(csv->to)) == 0 &&
			fclose(csv->to) == 0;
	csv->to = NULL;
	if (!good && !csv->error)
		csv->error = errno ? errno : EIO;
	return good;
}

/* The last file has the log's name, those before it a number, as a station's own. */
static bool open_part(struct csv *csv)
{
	char name[80];
	int fd, n;

	csv->parts++;
	n = snprintf(name, sizeof(name), "log-%" PRId64 ".csv", csv->log_id);
	if (csv->header < db_rows_count(csv->headers))
		snprintf(name + n, sizeof(name) - (size_t)n, ".%04zu", csv->parts);
	fd = durable_open(csv->folder, name, O_WRONLY | O_CREAT | O_EXCL, CSV_MODE);
	if (fd < 0) {
		csv->error = -fd;
		cli_say("%s: %s", name, strerror(-fd));
		return false;
	}
	csv->to = fdopen(fd, "w");
	if (!csv->to) {
		csv->error = errno;
		close(fd);
	}
	return csv->to != NULL;
}

/* Names of columns, of any version: it goes out as it stands. */
static bool is_header(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_,")] == '\0';
}

static bool begin_part(struct csv *csv)
{
	const char *header = db_get_text(csv->headers, csv->header++, 1);

	if (!is_header(header)) {
		csv->broken++;
		header = audit_header();
		cli_say("log %" PRId64
			": a header in the store is not a log's: the store was changed from "
			"outside",
			csv->log_id);
	}

	if (csv->folder >= 0 && (!close_part(csv) || !open_part(csv)))
		return false;
	if (csv->folder < 0)
		csv->to = stdout;
	fprintf(csv->to, "%s\n", header);
	return true;
}

static bool csv_row(void *user, const struct store_row *row)
{
	struct csv *csv = user;
	char line[2 * AUDIT_ROW_MAX];
	bool intact;
	size_t length = store_line(row, line, sizeof(line), &intact);

	if (csv->header < db_rows_count(csv->headers) &&
	    (int64_t)row->record.line - 1 >= db_get_int(csv->headers, csv->header, 0) &&
	    !begin_part(csv))
		return false;
	if (length == 0 || !intact || !csv->to) {
		csv->broken++;
		cli_say("log %" PRId64
			": row %s in the store has %s: the store was changed from outside",
			csv->log_id, row->record.field[0], csv->to ? "not its hash" : "no header");
	}
	if (length == 0 || !csv->to)
		return true;
	fwrite(line, 1, length, csv->to);
	fputc('\n', csv->to);
	csv->rows++;
	if (!ferror(csv->to))
		return true;
	csv->error = errno;
	return false;
}

static enum h7_exit export_log(struct db *db, int folder, int64_t log_id)
{
	const struct db_value value[] = {db_int(log_id)};
	const struct store_question question = {.log_id = log_id};
	struct csv csv = {.db = db, .folder = folder, .log_id = log_id};
	struct db_rows *headers = NULL;
	enum db_error error = db_query(db,
				       "SELECT first_seq, header FROM v_headers"
				       " WHERE log_id = $1 ORDER BY first_seq",
				       value, 1, &headers);

	csv.headers = headers;
	if (error == DB_OK)
		error = store_each(db, &question, csv_row, &csv);
	close_part(&csv);
	db_rows_free(headers);
	if (error != DB_OK)
		return cli_store_failed(error, db_why(db));
	if (csv.error) {
		cli_say("log %" PRId64 ": %s", log_id, strerror(csv.error));
		return H7_EXIT_LOG;
	}
	if (folder >= 0)
		printf("log-%" PRId64 ".csv: %" PRIu64 " rows%s\n", log_id, csv.rows,
		       csv.parts > 1 ? ", with the files before it" : "");
	return csv.broken ? H7_EXIT_FAILED : H7_EXIT_OK;
}

static enum h7_exit export_all(struct db *db, const char *path)
{
	struct db_rows *logs = NULL;
	enum h7_exit status = H7_EXIT_OK;
	enum db_error error;
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0) {
		cli_say("--output: %s: %s", path, strerror(errno));
		return H7_EXIT_USAGE;
	}
	error = db_query(db, "SELECT log_id FROM v_logs ORDER BY log_id", NULL, 0, &logs);
	if (error != DB_OK)
		status = cli_store_failed(error, db_why(db));
	for (size_t i = 0; error == DB_OK && i < db_rows_count(logs); i++)
		status = cli_first_of(status, export_log(db, folder, db_get_int(logs, i, 0)));
	db_rows_free(logs);
	close(folder);
	return status;
}

static enum h7_exit export_json(struct db *db, const struct cli_options *options)
{
	struct store_question question;
	enum h7_exit status = cli_store_question(options, &question);
	enum db_error error;

	question.log_id = options->log;
	if (status != H7_EXIT_OK)
		return status;
	error = store_each(db, &question, json_row, NULL);
	return error == DB_OK ? H7_EXIT_OK : cli_store_failed(error, db_why(db));
}

/* --- for spreadsheets --- */

struct table_export {
	struct xlsx *xlsx; /* NULL: CSV */
	struct export_column column[STORE_FIELD_COUNT + 2];
};

static bool table_row(void *user, const struct store_row *row)
{
	struct table_export *table = user;
	struct export_cell cells[STORE_FIELD_COUNT + 2];
	size_t count = sizeof(cells) / sizeof(cells[0]);

	for (size_t i = 0; i < count; i++)
		cells[i] = (struct export_cell){row->record.field[i], row->record.field_length[i]};
	if (table->xlsx)
		xlsx_row(table->xlsx, cells);
	else
		spreadsheet_csv_row(stdout, table->column, cells, count);
	return !ferror(stdout);
}

static enum db_error put_source(struct db *db, struct xlsx *xlsx)
{
	struct db_rows *rows = NULL;
	struct report_log *log = NULL;
	enum db_error error = cli_store_logs(db, &rows, &log);

	cli_export_source_head(xlsx, "store");
	for (size_t i = 0; error == DB_OK && i < db_rows_count(rows); i++)
		cli_export_source_log(xlsx, &log[i]);
	free(log);
	db_rows_free(rows);
	return error;
}

static enum h7_exit export_table(struct db *db, const struct cli_options *options)
{
	struct table_export table = {.xlsx = NULL};
	size_t count = sizeof(table.column) / sizeof(table.column[0]);
	struct store_question question;
	enum h7_exit status = cli_store_question(options, &question);
	enum db_error error;
	char why[WHY_SIZE];

	question.log_id = options->log;
	if (status != H7_EXIT_OK)
		return status;
	for (size_t i = 0; i < count; i++)
		cli_export_column(&table.column[i], store_column_name(i),
				  store_column_is_number(i));
	if (!options->xlsx) {
		spreadsheet_csv_header(stdout, table.column, count);
		error = store_each(db, &question, table_row, &table);
		return error == DB_OK ? H7_EXIT_OK : cli_store_failed(error, db_why(db));
	}
	table.xlsx = xlsx_open(options->xlsx, table.column, count, why, sizeof(why));
	if (!table.xlsx)
		return cli_usage("store", "--xlsx: %s", why);
	error = store_each(db, &question, table_row, &table);
	if (error == DB_OK)
		error = put_source(db, table.xlsx);
	if (error == DB_OK)
		return cli_export_close(table.xlsx, H7_EXIT_OK);
	cli_export_close(table.xlsx, H7_EXIT_INTERNAL);
	return cli_store_failed(error, db_why(db));
}

/* --- the command --- */

/* Whether the options fit together; says which do not. */
static bool options_fit(const struct cli_options *options)
{
	const bool asks = options->given[CLI_LOT] || options->given[CLI_SINCE] ||
			  options->given[CLI_FIRMWARE];
	const bool rows =
		options->given[CLI_JSON] || options->given[CLI_CSV] || options->given[CLI_XLSX];

	if (!cli_export_options("store", options))
		return false;
	if (!options->output && !rows && !options->given[CLI_LOG])
		cli_usage("store", "store export: --json, --xlsx FILE, --csv --for spreadsheet, "
				   "--log N or --output FOLDER");
	else if (!rows && asks)
		cli_usage("store", "a log is exported as a whole: --lot, --since and --firmware go "
				   "with --json, --xlsx and --csv");
	else if (options->output && rows)
		cli_usage("store", "--output goes with whole logs, not with rows");
	else
		return !options->xlsx ||
		       file_check_replace(options->xlsx, CLI_EXPORT_XLSX) == H7_EXIT_OK;
	return false;
}

static enum h7_exit run(const struct cli_options *options, const char *url, char *const *files,
			size_t count)
{
	enum h7_exit status;
	char why[WHY_SIZE];
	struct db *db;
	enum db_error error;

	(void)files;
	(void)count;
	if (!options_fit(options))
		return H7_EXIT_USAGE;
	error = store_open(url, STORE_PATIENCE_LONG_MS, &db, why, sizeof(why));
	if (error != DB_OK)
		return cli_store_failed(error, why);
	if (options->given[CLI_JSON])
		status = export_json(db, options);
	else if (options->given[CLI_CSV] || options->given[CLI_XLSX])
		status = export_table(db, options);
	else if (options->output)
		status = export_all(db, options->output);
	else
		status = export_log(db, -1, options->log);
	db_close(db);
	return status;
}

const struct cli_store_kind cli_store_export = {
	.name = "export",
	.accepts = CLI_LIST(CLI_STORE, CLI_JSON, CLI_LOG, CLI_OUTPUT, CLI_LOT, CLI_SINCE,
			    CLI_FIRMWARE, CLI_XLSX, CLI_CSV, CLI_FOR),
	.run = run,
};
