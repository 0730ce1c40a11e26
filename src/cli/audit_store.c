/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang audit report on a store: the stations' rows as if they came from their logs. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "h7gang/store/columns.h"
#include "store.h"

#define WHY_SIZE 640

struct counting {
	struct report_collector *collector;
	struct report_map map;
	const struct db_rows *logs; /* their numbers, in the order of the report's logs */
	size_t at;
	bool lost; /* no memory */
};

/* The place of a column in the store's rows; those that are wanted are collected. */
static int store_index(const void *source, const char *name)
{
	uint64_t *wanted = (uint64_t *)(uintptr_t)source;

	for (size_t i = 0; i < STORE_FIELD_COUNT; i++) {
		if (strcmp(store_column_name(i), name) != 0)
			continue;
		*wanted |= STORE_COLUMN(i);
		return (int)i;
	}
	return -1;
}

static bool count_row(void *user, const struct store_row *from)
{
	struct counting *counting = user;
	struct report_row row;

	for (size_t i = 0; i < db_rows_count(counting->logs); i++) {
		size_t at = (counting->at + i) % db_rows_count(counting->logs);

		if (db_get_int(counting->logs, at, 3) != from->log_id)
			continue;
		counting->at = at;
		break;
	}
	report_row_take(&row, &counting->map, &from->record, (int64_t)counting->at);
	counting->lost = !report_row(counting->collector, &row);
	return !counting->lost;
}

enum db_error cli_store_logs(struct db *db, struct db_rows **rows, struct report_log **out)
{
	enum db_error error =
		db_query(db,
			 "SELECT station, path, incidents, log_id, head_seq, head_hash"
			 " FROM v_logs ORDER BY station, log_id",
			 NULL, 0, rows);
	struct report_log *log;

	if (error != DB_OK)
		return error;
	log = calloc(db_rows_count(*rows) + 1, sizeof(*log));
	if (!log)
		return DB_MEMORY;
	*out = log;
	for (size_t i = 0; i < db_rows_count(*rows); i++) {
		int64_t incidents = db_get_int(*rows, i, 2);

		log[i].first = db_get_text(*rows, i, 0);
		log[i].last = db_get_text(*rows, i, 1);
		log[i].files = 2; /* both are shown */
		log[i].intact = incidents == 0;
		log[i].head.seq = (uint64_t)db_get_int(*rows, i, 4);
		snprintf(log[i].head.row_hash, sizeof(log[i].head.row_hash), "%s",
			 db_get_text(*rows, i, 5));
		if (incidents)
			snprintf(log[i].finding, sizeof(log[i].finding),
				 "%" PRId64 " incidents in the store", incidents);
	}
	return DB_OK;
}

static enum h7_exit report_store(const struct cli_options *options, struct db *db,
				 const struct report_options *asked, struct counting *counting)
{
	struct store_question question = {.lot = asked->lot,
					  .firmware = asked->firmware,
					  .station = asked->station,
					  .since_ms = asked->since_ms,
					  .until_ms = asked->until_ms};
	struct report_log *log = NULL;
	struct db_rows *rows = NULL;
	enum h7_exit status;
	enum db_error error;

	report_map_make(&counting->map, store_index, &question.columns);
	error = cli_store_logs(db, &rows, &log);
	counting->logs = rows;
	if (error == DB_OK)
		error = store_each(db, &question, count_row, counting);
	if (error == DB_OK && counting->lost)
		error = DB_MEMORY;
	if (error != DB_OK) {
		status = cli_store_failed(error, error == DB_MEMORY ? "no memory" : db_why(db));
	} else {
		size_t logs = db_rows_count(rows);

		status = cli_audit_report_on(options, counting->collector, log, logs);
		for (size_t i = 0; i < logs; i++)
			status = cli_first_of(status, log[i].intact ? H7_EXIT_OK : H7_EXIT_FAILED);
	}
	free(log);
	db_rows_free(rows);
	return status;
}

enum h7_exit cli_audit_store(const struct cli_options *options)
{
	struct counting counting = {.collector = NULL};
	struct report_options asked;
	enum h7_exit status;
	struct db *db = NULL;
	char why[WHY_SIZE];
	enum db_error error;

	if (options->key)
		return cli_usage("audit", "--key requires files, because a store holds no seals");
	if (!cli_audit_report_options(options, &asked))
		return H7_EXIT_USAGE;
	counting.collector = report_new(&asked, why, sizeof(why));
	if (!counting.collector)
		return cli_usage("audit", "audit report: %s", why);
	error = store_open(options->store, STORE_PATIENCE_LONG_MS, &db, why, sizeof(why));
	if (error != DB_OK)
		status = cli_store_failed(error, why);
	else
		status = report_store(options, db, &asked, &counting);
	db_close(db);
	report_free(counting.collector);
	return status;
}
