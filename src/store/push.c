/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/push.h"

#include <stdio.h>

#include "intake.h"

static enum db_error take_file(struct store_intake *intake, struct audit_walk *walk, bool whole)
{
	const struct audit_record *record;
	enum db_error error = DB_OK;

	while (error == DB_OK) {
		switch (audit_walk_next(walk, &record)) {
		case AUDIT_READ_ROW:
			error = intake_row(intake, walk, record);
			break;
		case AUDIT_READ_PARTIAL: /* being written, or torn: no row in any case */
		case AUDIT_READ_END:
			return intake_end(intake, whole);
		case AUDIT_READ_BAD:
			return intake_broken(intake, audit_walk_link(walk)->seq,
					     audit_walk_why(walk));
		case AUDIT_READ_ERROR:
		default:
			return intake_fail(intake, DB_OTHER, "%s: %s", intake->path,
					   audit_walk_why(walk));
		}
	}
	return error;
}

enum db_error store_push(struct db *db, const char *path, bool whole, const char *station,
			 struct store_pushed *pushed, char *why, size_t why_size)
{
	struct store_intake *intake = intake_new(station);
	struct audit_walk *walk = NULL;
	enum db_error error = DB_MEMORY;
	char reason[200];

	*pushed = (struct store_pushed){0};
	if (!intake) {
		snprintf(why, why_size, "no memory");
		return error;
	}
	intake->db = db;
	if (audit_walk_open(path, &walk, reason, sizeof(reason)) != AUDIT_OK)
		error = intake_fail(intake, DB_OTHER, "%s: %s", path, reason);
	else
		error = intake_file(intake, path, audit_walk_header(walk));
	if (error == DB_OK)
		error = take_file(intake, walk, whole);
	*pushed = intake->pushed;
	snprintf(why, why_size, "%s", intake->why);
	audit_walk_close(walk);
	intake_free(intake);
	return error;
}
