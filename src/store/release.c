/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/release.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "h7gang/base/text.h"
#include "h7gang/profile/serial.h"
#include "h7gang/store/pool.h"
#include "h7gang/store/store.h"

#define ASKED 100 /* numbers at a time */
#define NUMBER_SIZE (4 * PROFILE_SERIAL_SIZE)

/* `count` numbers from `first` on as the store has them, and the statement that asks for them. */
struct numbers {
	char text[ASKED][NUMBER_SIZE];
	struct db_value value[1 + ASKED]; /* the pool before them */
	char sql[128 + 6 * ASKED];
};

static enum db_error ask_numbers(struct db *db, struct numbers *numbers, const char *format,
				 uint64_t first, size_t count, struct db_rows **rows)
{
	const struct profile_serial serial = {.format = (char *)(uintptr_t)format};
	int used = snprintf(numbers->sql, sizeof(numbers->sql),
			    "SELECT number FROM numbers_used WHERE pool_id = $1 AND number IN (");

	for (size_t i = 0; i < count; i++) {
		char number[PROFILE_SERIAL_SIZE];
		size_t length =
			profile_serial_text(&serial, first + i, number) ? strlen(number) : 0;

		length = text_csv(number, length, numbers->text[i], NUMBER_SIZE - 1);
		numbers->text[i][length == TEXT_NO_ROOM ? 0 : length] = '\0';
		numbers->value[1 + i] = db_text(numbers->text[i]);
		used += snprintf(numbers->sql + used, sizeof(numbers->sql) - (size_t)used, "%s$%zu",
				 i ? "," : "", i + 2);
	}
	snprintf(numbers->sql + used, sizeof(numbers->sql) - (size_t)used, ")");
	return db_query(db, numbers->sql, numbers->value, 1 + count, rows);
}

/* Index of the last of them that is among the rows, from 1; 0: none. */
static size_t last_known(const struct numbers *numbers, size_t count, const struct db_rows *rows)
{
	for (; count > 0; count--) {
		for (size_t i = 0; i < db_rows_count(rows); i++) {
			if (strcmp(db_get_text(rows, i, 0), numbers->text[count - 1]) == 0)
				return count;
		}
	}
	return 0;
}

/* A station takes the numbers of a lease in their order: from its end back to the first that a row
 * tells of. */
static enum db_error find_unknown(struct db *db, int64_t pool, const char *format,
				  struct release_lease *lease)
{
	struct numbers *numbers = malloc(sizeof(*numbers));
	enum db_error error = DB_OK;
	uint64_t end = lease->last + 1;
	size_t known = 0;

	if (!numbers)
		return db_fail(db, DB_MEMORY, "no memory");
	numbers->value[0] = db_int(pool);
	while (error == DB_OK && known == 0 && end > lease->first) {
		size_t count = end - lease->first < ASKED ? (size_t)(end - lease->first) : ASKED;
		struct db_rows *rows = NULL;

		error = ask_numbers(db, numbers, format, end - count, count, &rows);
		if (error == DB_OK)
			known = last_known(numbers, count, rows);
		end = end - count + known;
		db_rows_free(rows);
	}
	lease->unknown = end;
	free(numbers);
	return error;
}

static enum db_error take_lease(struct db *db, const struct db_rows *rows, size_t row,
				struct release_lease *lease)
{
	snprintf(lease->id, sizeof(lease->id), "%s", db_get_text(rows, row, 0));
	snprintf(lease->pool, sizeof(lease->pool), "%s", db_get_text(rows, row, 1));
	lease->list = strcmp(db_get_text(rows, row, 2), "list") == 0;
	lease->first = (uint64_t)db_get_int(rows, row, 3);
	lease->last = (uint64_t)db_get_int(rows, row, 4);
	lease->unknown = lease->last + 1;
	if (lease->list)
		return DB_OK;
	return find_unknown(db, db_get_int(rows, row, 5), db_get_text(rows, row, 6), lease);
}

void release_free(struct release *release)
{
	free(release->lease);
	release->lease = NULL;
	release->leases = 0;
}

enum db_error release_look(struct db *db, struct release *release)
{
	const struct db_value station = db_text(release->station);
	struct db_rows *rows = NULL;
	size_t count = 0;
	enum db_error error;

	release_free(release);
	error = db_query(db,
			 "SELECT l.id, p.name, p.kind, l.first, l.last, p.id, p.format"
			 " FROM leases l JOIN pools p ON p.id = l.pool_id"
			 " WHERE l.station = $1 AND l.returned_first IS NULL"
			 " ORDER BY p.name, l.first",
			 &station, 1, &rows);
	if (error == DB_OK && (count = db_rows_count(rows)) > 0) {
		release->lease = calloc(count, sizeof(*release->lease));
		if (!release->lease) {
			db_rows_free(rows);
			return db_fail(db, DB_MEMORY, "no memory");
		}
	}
	for (size_t i = 0; error == DB_OK && i < count; i++) {
		error = take_lease(db, rows, i, &release->lease[i]);
		release->leases++;
	}
	db_rows_free(rows);
	return error;
}

enum db_error release_station(struct db *db, void *user)
{
	struct release *release = user;
	const struct db_value station = db_text(release->station);
	int64_t ended = 0;
	enum db_error error = store_check(db);

	release->burned = release->claims = 0;
	if (error == DB_OK)
		error = release_look(db, release);
	for (size_t i = 0; error == DB_OK && i < release->leases; i++) {
		const struct release_lease *lease = &release->lease[i];
		struct pool_return back = {.id = lease->id, .first = lease->unknown};

		if (lease->unknown > lease->last)
			continue;
		error = pool_return(db, &back);
		release->burned += lease->last + 1 - lease->unknown;
	}
	if (error == DB_OK)
		error = db_exec(db, "DELETE FROM claims WHERE station = $1", &station, 1, &ended);
	release->claims = (uint64_t)ended;
	if (error == DB_OK && release->adopt)
		error = db_exec(db, "UPDATE checkins SET adopted = 1 WHERE station = $1", &station,
				1, NULL);
	return error;
}
