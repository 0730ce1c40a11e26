/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/check_log.h"

#include <stdio.h>

#include "h7gang/store/store.h"
#include "intake.h"

/* Rows up to the last one that the store has; behind it there is nothing to compare. */
static enum db_error compare_rows(struct store_intake *intake, struct audit_walk *walk)
{
	const struct audit_record *record;
	enum db_error error = DB_OK;

	while (error == DB_OK) {
		switch (audit_walk_next(walk, &record)) {
		case AUDIT_READ_ROW:
			error = intake_row(intake, walk, record);
			if (error != DB_OK)
				break;
			if (audit_walk_link(walk)->seq >= (uint64_t)intake->log.head_seq)
				return DB_OK;
			break;
		case AUDIT_READ_END:
		case AUDIT_READ_PARTIAL:
			return intake_end(intake, true);
		case AUDIT_READ_BAD:
			return intake_broken(intake, audit_walk_link(walk)->seq,
					     audit_walk_why(walk));
		case AUDIT_READ_ERROR:
			return intake_fail(intake, DB_OTHER, "%s: %s", intake->path,
					   audit_walk_why(walk));
		}
	}
	/* The store has fewer rows than the files before this one: a backlog, and no contradiction.
	 */
	return error == DB_REFUSED && intake->pushed.early ? DB_OK : error;
}

static enum db_error compare(struct db *db, const char *path, const char *station, char *why,
			     size_t why_size)
{
	struct store_intake *intake = intake_new(station);
	struct audit_walk *walk;
	enum db_error error;

	if (!intake) {
		snprintf(why, why_size, "no memory");
		return DB_MEMORY;
	}
	intake->db = db;
	if (audit_walk_open(path, &walk, why, why_size) != AUDIT_OK) {
		intake_free(intake);
		return DB_OTHER;
	}
	error = intake_file(intake, path, audit_walk_header(walk));
	if (error == DB_OK)
		error = compare_rows(intake, walk);
	if (error != DB_OK)
		snprintf(why, why_size, "%s", intake->why);
	audit_walk_close(walk);
	intake_free(intake);
	return error;
}

enum db_error store_check_log(const char *url, int64_t patience_ms, const char *path,
			      const char *station, char *why, size_t why_size)
{
	struct db *db;
	enum db_error error = store_open(url, patience_ms, &db, why, why_size);

	if (error != DB_OK)
		return error;
	error = compare(db, path, station, why, why_size);
	db_close(db);
	return error;
}
