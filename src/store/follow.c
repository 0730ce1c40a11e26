/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "follow.h"

#include <stdio.h>
#include <string.h>

#define ASK_EVERY 64 /* rows */

int follow_open(struct follow *follow, const char *path, const char *station,
		bool (*stop)(void *user), void *user)
{
	*follow = (struct follow){.path = path, .stop = stop, .user = user};
	follow->intake = intake_new(station);
	return follow->intake ? 0 : -1;
}

static void let_go(struct follow *follow)
{
	audit_walk_close(follow->walk);
	follow->walk = NULL;
	follow->held = NULL;
}

void follow_close(struct follow *follow)
{
	let_go(follow);
	intake_free(follow->intake);
	follow->intake = NULL;
}

void follow_use(struct follow *follow, struct db *db)
{
	follow->intake->db = db;
}

const char *follow_why(const struct follow *follow)
{
	return follow->intake->why;
}

bool follow_contradicts(const struct follow *follow)
{
	return follow->intake->contradicts;
}

enum db_error follow_fail(struct follow *follow, enum db_error error, const char *why)
{
	return intake_fail(follow->intake, error, "%s", why);
}

bool follow_head(const struct follow *follow, uint64_t *seq)
{
	if (!follow->intake->located)
		return false;
	*seq = (uint64_t)follow->intake->log.head_seq;
	return true;
}

static enum db_error begin_file(struct follow *follow, const char *path)
{
	char why[200];

	let_go(follow);
	if (audit_walk_open(path, &follow->walk, why, sizeof(why)) != AUDIT_OK)
		return intake_fail(follow->intake, DB_AWAY, "%s: %s", path, why);
	return intake_file(follow->intake, path, audit_walk_header(follow->walk));
}

/* Whether the store has the row that this file's first row follows, or that row itself. */
static enum db_error file_known(struct follow *follow, const char *path, bool *known)
{
	struct audit_walk *walk;
	const struct audit_record *record;
	struct known_log log = {0};
	enum db_error error = DB_OK;
	char why[200];

	*known = false;
	if (audit_walk_open(path, &walk, why, sizeof(why)) != AUDIT_OK)
		return DB_OK; /* missing, or reported in its turn */
	if (audit_walk_next(walk, &record) == AUDIT_READ_ROW)
		error = intake_find(follow->intake, audit_walk_link(walk), &log);
	*known = log.id != 0;
	audit_walk_close(walk);
	return error;
}

/* Begins in the newest file that continues the store's rows, or else in the oldest file. */
static enum db_error begin(struct follow *follow)
{
	char **files;
	size_t count, at;
	bool known = false;
	enum db_error error = DB_OK;
	int rc = audit_files(follow->path, &files, &count);

	if (rc < 0)
		return intake_fail(follow->intake, DB_AWAY, "%s: %s", follow->path, strerror(-rc));
	for (at = count; at > 0 && !known && error == DB_OK; at--)
		error = file_known(follow, files[at - 1], &known);
	if (error == DB_OK)
		error = begin_file(follow, files[at]);
	audit_files_free(files, count);
	return error;
}

/* This file has no more rows: the log continues in the next one. */
static enum db_error next_file(struct follow *follow)
{
	char **files;
	size_t count, at = 0;
	enum db_error error;
	int rc = audit_files(follow->path, &files, &count);

	if (rc < 0)
		return intake_fail(follow->intake, DB_AWAY, "%s: %s", follow->path, strerror(-rc));
	while (at < count && !audit_walk_is(follow->walk, files[at]))
		at++;
	if (at + 1 < count) {
		error = begin_file(follow, files[at + 1]);
	} else {
		/* Removed, or between the two renames of a rotation. */
		let_go(follow);
		error = intake_fail(follow->intake, DB_AWAY,
				    "%s: rows that were written are not there", follow->path);
	}
	audit_files_free(files, count);
	return error;
}

/* A row that was read is kept until it is taken. */
static enum audit_read read_row(struct follow *follow)
{
	enum audit_read read = AUDIT_READ_ROW;
	const struct audit_record *record;

	if (follow->held)
		return read;
	read = audit_walk_next(follow->walk, &record);
	follow->held = read == AUDIT_READ_ROW ? record : NULL;
	return read;
}

static enum db_error at_end(struct follow *follow, uint64_t seq, bool *done)
{
	bool live = audit_walk_is(follow->walk, follow->path);
	enum db_error error;

	*done = follow->intake->last.seq >= seq;
	if (*done)
		return intake_end(follow->intake, live);
	error = intake_flush(follow->intake);
	return error == DB_OK ? next_file(follow) : error;
}

static enum db_error take(struct follow *follow, uint64_t seq, bool *done)
{
	const struct audit_link *link = audit_walk_link(follow->walk);
	enum db_error error;

	switch (read_row(follow)) {
	case AUDIT_READ_ROW:
		if (link->seq > seq) {
			*done = true;
			return intake_flush(follow->intake);
		}
		error = intake_row(follow->intake, follow->walk, follow->held);
		if (error == DB_OK)
			follow->held = NULL;
		return error;
	case AUDIT_READ_PARTIAL:
	case AUDIT_READ_END:
		return at_end(follow, seq, done);
	case AUDIT_READ_BAD:
		return intake_broken(follow->intake, link->seq, audit_walk_why(follow->walk));
	case AUDIT_READ_ERROR:
	default:
		error = intake_fail(follow->intake, DB_AWAY, "%s: %s", follow->path,
				    audit_walk_why(follow->walk));
		let_go(follow);
		return error;
	}
}

enum db_error follow_to(struct follow *follow, uint64_t seq)
{
	enum db_error error = DB_OK;
	bool done = seq == 0;

	/* Brings in the rows that could not be brought into the store before. */
	if (follow->walk)
		error = intake_flush(follow->intake);
	for (unsigned i = 1; error == DB_OK && !done; i++) {
		if (!follow->walk)
			error = begin(follow);
		if (error == DB_OK)
			error = take(follow, seq, &done);
		if (error == DB_OK && !done && i % ASK_EVERY == 0 && follow->stop(follow->user))
			error = intake_fail(follow->intake, DB_AWAY, "no time for more");
	}
	if (follow->intake->behind) {
		let_go(follow);
		follow->intake->behind = false;
	}
	return error;
}
