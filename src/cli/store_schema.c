/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang store init, migrate and status. */
#include <inttypes.h>
#include <stdio.h>

#include "store.h"

#define WHY_SIZE 640

static void give_roles(struct db *db)
{
	enum db_error error = store_roles(db);

	if (error == DB_OK)
		return;
	cli_say("the roles h7gang_station and h7gang_reader are not made: %s", db_why(db));
	cli_say("ask an administrator of the database to run: psql -d DATABASE -f "
		"PREFIX/share/h7gang/sql/postgresql/roles.sql");
}

static enum h7_exit make(const char *url, bool create,
			 enum db_error (*step)(struct db *db, unsigned *from), const char *done)
{
	const struct db_options options = {.create = create, .patience_ms = STORE_PATIENCE_LONG_MS};
	char why[WHY_SIZE];
	struct db *db;
	unsigned from = 0;
	enum db_error error = db_open(url, &options, &db, why, sizeof(why));
	enum h7_exit status = H7_EXIT_OK;

	if (error != DB_OK)
		return cli_store_failed(error, why);
	error = step(db, &from);
	if (error != DB_OK) {
		status = cli_store_failed(error, db_why(db));
	} else {
		give_roles(db);
		if (from == store_schema())
			printf("store: has schema %u already\n", from);
		else
			printf("store: %s, schema %u\n", done, store_schema());
	}
	db_close(db);
	return status;
}

static enum db_error step_init(struct db *db, unsigned *from)
{
	*from = 0;
	return store_init(db);
}

static enum h7_exit run_init(const struct cli_options *options, const char *url, char *const *files,
			     size_t count)
{
	(void)options;
	(void)files;
	(void)count;
	return make(url, true, step_init, "made");
}

static enum h7_exit run_migrate(const struct cli_options *options, const char *url,
				char *const *files, size_t count)
{
	(void)options;
	(void)files;
	(void)count;
	return make(url, false, store_migrate, "migrated");
}

static enum db_error show(struct db *db)
{
	static const char *const heads[] = {"log",         "station",   "rows",
					    "last pushed", "incidents", "its file"};
	struct db_rows *rows = NULL;
	enum db_error error = db_query(db, "SELECT count(*) FROM v_logs", NULL, 0, &rows);
	int64_t logs;

	if (error != DB_OK)
		return error;
	logs = db_get_int(rows, 0, 0);
	printf("schema %u, %" PRId64 " log%s\n", store_schema(), logs, logs == 1 ? "" : "s");
	db_rows_free(rows);
	return cli_store_table(db, NULL,
			       "SELECT log_id, station, head_seq, pushed_at, incidents, path"
			       " FROM v_logs ORDER BY station, log_id LIMIT 10000",
			       NULL, 0, 6, heads);
}

static enum h7_exit run_status(const struct cli_options *options, const char *url,
			       char *const *files, size_t count)
{
	enum h7_exit status = H7_EXIT_OK;
	char why[WHY_SIZE];
	struct db *db;
	enum db_error error = store_open(url, STORE_PATIENCE_MS, &db, why, sizeof(why));

	(void)options;
	(void)files;
	(void)count;
	if (error != DB_OK)
		return cli_store_failed(error, why);
	error = show(db);
	if (error == DB_OK)
		error = cli_store_numbers(db);
	if (error != DB_OK)
		status = cli_store_failed(error, error == DB_MEMORY ? "no memory" : db_why(db));
	db_close(db);
	return status;
}

const struct cli_store_kind cli_store_init = {
	.name = "init",
	.accepts = CLI_LIST(CLI_STORE),
	.run = run_init,
};
const struct cli_store_kind cli_store_migrate = {
	.name = "migrate",
	.accepts = CLI_LIST(CLI_STORE),
	.run = run_migrate,
};
const struct cli_store_kind cli_store_status = {
	.name = "status",
	.accepts = CLI_LIST(CLI_STORE),
	.run = run_status,
};
