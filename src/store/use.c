/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/use.h"

#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/store/store.h"

/* Whether the number that is in numbers_used is that unit's or that board's. */
static enum db_error compare(struct db *db, struct store_use *use, const struct db_value *values)
{
	struct db_rows *rows;
	enum db_error error =
		db_query(db,
			 "SELECT 1 FROM numbers_used u JOIN pools p ON p.id = u.pool_id"
			 " WHERE p.name = $1 AND u.number = $2"
			 " AND ((u.run_id = $3 AND u.unit_id = $4) OR u.uid = $5)",
			 values, 5, &rows);

	use->taken = error == DB_OK && db_rows_count(rows) == 0;
	db_rows_free(rows);
	return error;
}

/* log_id 0: the unit's row comes later. */
enum db_error store_use(struct db *db, void *user)
{
	struct store_use *use = user;
	char *number = store_escaped(use->number, strlen(use->number));
	const struct db_value values[] = {db_text(use->pool), db_text(number),
					  db_text(station_run(use->station)), db_text(use->unit_id),
					  db_text(use->uid[0] ? use->uid : NULL)};
	int64_t noted = 0;
	enum db_error error = number ? DB_OK : db_fail(db, DB_MEMORY, "no memory");

	use->taken = false;
	if (error == DB_OK)
		error = db_exec(db,
				"INSERT INTO numbers_used"
				" (pool_id, number, log_id, seq, run_id, unit_id, uid)"
				" SELECT id, $2, 0, 0, $3, $4, $5 FROM pools WHERE name = $1"
				" ON CONFLICT (pool_id, number) DO NOTHING",
				values, 5, &noted);
	if (error == DB_OK && noted == 0)
		error = compare(db, use, values);
	free(number);
	return error;
}
