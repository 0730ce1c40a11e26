/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and places in `store status`. */
#include "h7gang/base/text.h"
#include "store.h"
#include "table.h"

#define SHOWN "200"
#define CELL_SIZE 256 /* a path */

enum db_error cli_store_table(struct db *db, const char *title, const char *sql,
			      const struct db_value *values, size_t count, size_t columns,
			      const char *const *heads)
{
	struct table *table = table_new(columns, heads);
	struct db_rows *rows = NULL;
	enum db_error error = table ? db_query(db, sql, values, count, &rows) : DB_MEMORY;

	for (size_t i = 0; error == DB_OK && i < db_rows_count(rows); i++) {
		char text[TABLE_COLUMNS_MAX][CELL_SIZE];
		const char *cells[TABLE_COLUMNS_MAX];

		for (size_t k = 0; k < columns; k++) {
			text_terminal(db_get_text(rows, i, k), text[k], sizeof(text[k]));
			cells[k] = text[k];
		}
		if (!table_add(table, cells))
			error = DB_MEMORY;
	}
	if (error == DB_OK && table_rows(table)) {
		if (title)
			printf("\n%s\n", title);
		table_print(table, stdout);
	}
	db_rows_free(rows);
	table_free(table);
	return error;
}

static enum db_error show(struct db *db, const char *title, const char *sql, size_t columns,
			  const char *const *heads)
{
	return cli_store_table(db, title, sql, NULL, 0, columns, heads);
}

enum db_error cli_store_numbers(struct db *db)
{
	static const char *const pools[] = {"pool",          "kind", "from",   "to",  "next",
					    "with stations", "used", "burned", "free"};
	static const char *const leases[] = {"pool", "station", "leases", "last"};
	static const char *const claims[] = {"kind", "of", "station", "units", "ahead", "since"};
	static const char *const doubles[] = {"pool", "number", "station", "uid", "station", "uid"};
	enum db_error error;

	error = show(db, "pools of numbers:",
		     "SELECT name, kind, first, last, next, leased, used, burned, free FROM v_pools"
		     " ORDER BY name LIMIT " SHOWN,
		     9, pools);
	if (error == DB_OK)
		error = show(db, "leased:",
			     "SELECT pool, station, count(*), max(taken_at) FROM v_leases"
			     " GROUP BY pool, station ORDER BY pool, station LIMIT " SHOWN,
			     4, leases);
	if (error == DB_OK)
		error = show(db, "units on the way:",
			     "SELECT kind, scope, station, sum(1 - ahead), sum(ahead), min(since)"
			     " FROM v_claims GROUP BY kind, scope, station"
			     " ORDER BY kind, scope, station LIMIT " SHOWN,
			     6, claims);
	if (error == DB_OK)
		error = show(db, "NUMBERS THAT TWO BOARDS HAVE:",
			     "SELECT pool, number, first_station, first_uid, station, uid"
			     " FROM v_doubles ORDER BY pool, number LIMIT " SHOWN,
			     6, doubles);
	return error;
}
