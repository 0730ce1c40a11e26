/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang audit report on a store: the stations' rows as if they came from their logs. */
#include <inttypes.h>
#include <stdlib.h>

#include "audit.h"
#include "store.h"

#define WHY_SIZE 640

struct counting {
	struct audit_counter *counter;
	bool lost; /* no memory */
};

static bool count_row(void *user, const struct store_row *row)
{
	struct counting *counting = user;

	counting->lost = !audit_counter_row(counting->counter, &row->record);
	return !counting->lost;
}

/* The logs of the store; what was wrong with one is what the store noticed. */
static enum db_error list_logs(struct db *db, struct db_rows **rows,
			       struct cli_audit_report *report)
{
	enum db_error error =
		db_query(db, "SELECT station, path, incidents FROM v_logs ORDER BY station, log_id",
			 NULL, 0, rows);
	struct cli_audit_log *log;

	if (error != DB_OK)
		return error;
	log = calloc(db_rows_count(*rows) + 1, sizeof(*log));
	if (!log)
		return DB_MEMORY;
	report->log = log;
	report->logs = db_rows_count(*rows);
	for (size_t i = 0; i < report->logs; i++) {
		int64_t incidents = db_get_int(*rows, i, 2);

		log[i].first = db_get_text(*rows, i, 0);
		log[i].last = db_get_text(*rows, i, 1);
		log[i].files = 2; /* both are shown */
		log[i].intact = incidents == 0;
		if (incidents)
			snprintf(log[i].finding, sizeof(log[i].finding),
				 "%" PRId64 " incidents in the store", incidents);
	}
	return DB_OK;
}

enum h7_exit cli_audit_store(const struct cli_options *options)
{
	struct counting counting = {.counter = audit_counter_new()};
	struct cli_audit_report report = {0};
	struct store_question question;
	enum h7_exit status = cli_store_question(options, &question);
	struct db_rows *rows = NULL;
	struct db *db = NULL;
	char why[WHY_SIZE];
	enum db_error error;

	if (status != H7_EXIT_OK)
		goto out;
	status = H7_EXIT_INTERNAL;
	if (!counting.counter)
		goto out;
	error = store_open(options->store, STORE_PATIENCE_LONG_MS, &db, why, sizeof(why));
	if (error != DB_OK) {
		status = cli_store_failed(error, why);
		goto out;
	}
	error = list_logs(db, &rows, &report);
	if (error == DB_OK)
		error = store_each(db, &question, count_row, &counting);
	if (error == DB_OK && counting.lost)
		error = DB_MEMORY;
	if (error != DB_OK) {
		status = cli_store_failed(error, error == DB_MEMORY ? "no memory" : db_why(db));
		goto out;
	}
	status = cli_audit_report_on(options, counting.counter, &report);
	for (size_t i = 0; i < report.logs; i++)
		status = cli_first_of(status, report.log[i].intact ? H7_EXIT_OK : H7_EXIT_FAILED);
out:
	free((void *)(uintptr_t)report.log);
	db_rows_free(rows);
	db_close(db);
	audit_counter_free(counting.counter);
	return status;
}
