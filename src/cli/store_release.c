/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang store release, or retire: the numbers and places of a station that never runs again.
 * h7gang store adopt: the same of one that was put back from a backup, and goes on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/store/release.h"
#include "store.h"
#include "table.h"

#define WHY_SIZE 640

static const char *const lines_of_stations[] = {"station",     "logs",   "rows",
						"last pushed", "leases", "units on the way"};
static const char *const lines_of_logs[] = {"log", "rows", "last pushed", "its file"};
static const char *const lines_of_claims[] = {"kind", "of", "unit", "uid", "since"};

static enum db_error list_stations(struct db *db)
{
	return cli_store_table(
		db, NULL,
		"SELECT s.station,"
		" (SELECT count(*) FROM v_logs l WHERE l.station = s.station),"
		" (SELECT coalesce(sum(l.head_seq), 0) FROM v_logs l WHERE l.station = s.station),"
		" (SELECT max(l.pushed_at) FROM v_logs l WHERE l.station = s.station),"
		" (SELECT count(*) FROM v_leases l WHERE l.station = s.station"
		"  AND l.returned_first IS NULL),"
		" (SELECT count(*) FROM v_claims c WHERE c.station = s.station)"
		" FROM (SELECT station FROM v_logs UNION SELECT station FROM v_leases"
		" UNION SELECT station FROM v_claims) s ORDER BY s.station LIMIT 1000",
		NULL, 0, 6, lines_of_stations);
}

/* Whether the station has anything but leases. */
static enum db_error known(struct db *db, const struct db_value *station, bool *is)
{
	struct db_rows *rows = NULL;
	enum db_error error = db_query(db,
				       "SELECT station FROM v_logs WHERE station = $1 UNION"
				       " SELECT station FROM v_claims WHERE station = $1",
				       station, 1, &rows);

	*is = error == DB_OK && db_rows_count(rows) > 0;
	db_rows_free(rows);
	return error;
}

/* Its last sign of life, and its present work as far as the store knows. */
static enum db_error show_station(struct db *db, const struct db_value *station)
{
	enum db_error error = cli_store_table(db, "its logs in the store:",
					      "SELECT log_id, head_seq, pushed_at, path FROM v_logs"
					      " WHERE station = $1 ORDER BY log_id LIMIT 1000",
					      station, 1, 4, lines_of_logs);

	if (error == DB_OK)
		error = cli_store_table(
			db,
			"its units whose rows the store does not have (their boards may have "
			"passed):",
			"SELECT kind, scope, CASE WHEN ahead = 1 THEN 'a place ahead' ELSE unit_id"
			" END, uid, since FROM v_claims WHERE station = $1"
			" ORDER BY kind, scope, since LIMIT 1000",
			station, 1, 5, lines_of_claims);
	return error;
}

/* Pools by name; for each, the ranges of numbers that no row holds. */
static void show_numbers(const struct release *release)
{
	const char *title = "\nits leased numbers that no row contains:\n";

	for (size_t i = 0; i < release->leases; i++) {
		const struct release_lease *lease = &release->lease[i];

		if (!lease->list && lease->unknown > lease->last)
			continue;
		if (lease->list)
			printf("%spool %s: rows %" PRIu64 " to %" PRIu64
			       " of a list; only its log shows which boards have them, and no "
			       "other station gets them\n",
			       title, lease->pool, lease->first, lease->last);
		else
			printf("%spool %s: %" PRIu64 " to %" PRIu64 "\n", title, lease->pool,
			       lease->unknown, lease->last);
		title = "";
	}
}

static enum h7_exit look(struct db *db, struct release *release)
{
	const struct db_value station = db_text(release->station);
	bool is = false;
	enum db_error error = known(db, &station, &is);

	if (error == DB_OK)
		error = release_look(db, release);
	if (error == DB_OK && !is && release->leases == 0) {
		cli_say("the store knows no station of that name; store release without --station "
			"lists those it knows");
		return H7_EXIT_FAILED;
	}
	if (error == DB_OK)
		error = show_station(db, &station);
	if (error != DB_OK)
		return cli_store_failed(error, error == DB_MEMORY ? "no memory" : db_why(db));
	show_numbers(release);
	return H7_EXIT_OK;
}

static enum h7_exit release_one(struct db *db, const struct cli_options *options, bool adopt)
{
	char *station = store_escaped(options->station, strlen(options->station));
	struct release release = {.station = station, .adopt = adopt};
	enum h7_exit status = station ? look(db, &release) : H7_EXIT_INTERNAL;
	enum db_error error = DB_OK;

	if (status == H7_EXIT_OK && !options->given[CLI_YES])
		printf("\nNothing was changed. If %s, repeat the command with --yes.\n",
		       adopt ? "this station is to continue, and no copy of it is in use"
			     : "this station never runs again, and you have pushed its log if it "
			       "still exists");
	if (status == H7_EXIT_OK && options->given[CLI_YES]) {
		error = db_transaction(db, release_station, &release);
		if (error == DB_OK)
			printf("\n%s: %" PRIu64 " numbers that are never used, %" PRIu64
			       " units on the way\n",
			       adopt ? "adopted" : "released", release.burned, release.claims);
		else
			status = cli_store_failed(error, db_why(db));
	}
	release_free(&release);
	free(station);
	return status;
}

static enum h7_exit with_store(const struct cli_options *options, const char *url, bool adopt)
{
	enum h7_exit status = H7_EXIT_OK;
	enum db_error error;
	char why[WHY_SIZE];
	struct db *db;

	error = store_open(url, STORE_PATIENCE_PUSH_MS, &db, why, sizeof(why));
	if (error != DB_OK)
		return cli_store_failed(error, why);
	if (options->station) {
		status = release_one(db, options, adopt);
	} else {
		error = list_stations(db);
		if (error != DB_OK)
			status = cli_store_failed(error,
						  error == DB_MEMORY ? "no memory" : db_why(db));
	}
	db_close(db);
	return status;
}

static enum h7_exit run(const struct cli_options *options, const char *url, char *const *files,
			size_t count)
{
	(void)files;
	(void)count;
	if (options->given[CLI_YES] && !options->station)
		return cli_usage("store", "store release --yes: which --station?");
	return with_store(options, url, false);
}

static enum h7_exit adopt(const struct cli_options *options, const char *url, char *const *files,
			  size_t count)
{
	(void)files;
	(void)count;
	if (options->given[CLI_YES] && !options->station)
		return cli_usage("store", "store adopt --yes: which --station?");
	return with_store(options, url, true);
}

const struct cli_store_kind cli_store_release = {
	.name = "release",
	.accepts = CLI_LIST(CLI_STORE, CLI_STATION, CLI_YES),
	.run = run,
};

/* "Release" may be read as giving a station free to work: `retire` says the same. */
const struct cli_store_kind cli_store_retire = {
	.name = "retire",
	.accepts = CLI_LIST(CLI_STORE, CLI_STATION, CLI_YES),
	.run = run,
};

const struct cli_store_kind cli_store_adopt = {
	.name = "adopt",
	.accepts = CLI_LIST(CLI_STORE, CLI_STATION, CLI_YES),
	.run = adopt,
};
