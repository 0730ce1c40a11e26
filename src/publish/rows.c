/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TRIES 3 /* a rotation between two looks may hide a file for a moment */

struct rows {
	const char *log;
	struct audit_published at;
	struct audit_walk *walk;
	const struct audit_record *held; /* read and not taken yet */
	uint64_t synced;                 /* bytes of the walk's file that are on disk for sure */
	unsigned wrong;                  /* how often in turn the position was not found */
	char station[PUBLISH_ONE_TEXT];
	char why[PUBLISH_WHY];
};

struct rows *rows_open(const char *log, const struct audit_published *after)
{
	struct rows *rows = calloc(1, sizeof(*rows));

	if (rows) {
		rows->log = log;
		if (after)
			rows->at = *after;
	}
	return rows;
}

static void use(struct rows *rows, struct audit_walk *walk, const struct audit_record *held)
{
	audit_walk_close(rows->walk);
	rows->walk = walk;
	rows->held = held;
	rows->synced = 0;
}

void rows_close(struct rows *rows)
{
	if (rows)
		use(rows, NULL, NULL);
	free(rows);
}

const struct audit_published *rows_at(const struct rows *rows)
{
	return &rows->at;
}

const char *rows_station(const struct rows *rows)
{
	return rows->station;
}

const char *rows_why(const struct rows *rows)
{
	return rows->why;
}

/* --- finding the position --- */

static enum rows_look wait_with(struct rows *rows, const char *path, const char *why)
{
	snprintf(rows->why, sizeof(rows->why), "%.200s: %.190s", path, why);
	return ROWS_WAIT;
}

/* The caller closes its own walk. */
static enum rows_look wrong(struct rows *rows)
{
	use(rows, NULL, NULL);
	return ++rows->wrong < TRIES ? ROWS_WAIT : ROWS_WRONG;
}

static enum rows_look broken(struct rows *rows, const char *path, struct audit_walk *walk)
{
	snprintf(rows->why, sizeof(rows->why), "%.150s: %.200s; see h7gang audit verify", path,
		 audit_walk_why(walk));
	return ROWS_WRONG;
}

/* Goes to the row of the position, which this file begins at or before. ROWS_ROW: it is there. */
static enum rows_look walk_to(struct rows *rows, const char *path, struct audit_walk *walk,
			      const struct audit_record *record)
{
	enum audit_read read = AUDIT_READ_ROW;
	int station = audit_reader_column(audit_walk_reader(walk), "station");

	while (audit_walk_link(walk)->seq < rows->at.seq &&
	       (read = audit_walk_next(walk, &record)) == AUDIT_READ_ROW)
		;
	if (read == AUDIT_READ_BAD)
		return broken(rows, path, walk);
	if (read == AUDIT_READ_ERROR)
		return wait_with(rows, path, audit_walk_why(walk));
	if (audit_walk_link(walk)->seq < rows->at.seq) {
		snprintf(rows->why, sizeof(rows->why),
			 "the log ends with row %" PRIu64 ", before row %" PRIu64
			 ", which was published: it is another log, or an older copy of it",
			 audit_walk_link(walk)->seq, rows->at.seq);
		return wrong(rows);
	}
	if (strcmp(audit_walk_link(walk)->row_hash, rows->at.row_hash) != 0) {
		snprintf(rows->why, sizeof(rows->why),
			 "row %" PRIu64 " of the log is not the one that was published: it is "
			 "another log, or an older copy of it that went on",
			 rows->at.seq);
		return wrong(rows);
	}
	if (station >= 0)
		snprintf(rows->station, sizeof(rows->station), "%s", record->field[station]);
	return ROWS_ROW;
}

static enum rows_look follows(struct rows *rows, const char *path, const struct audit_link *link)
{
	if (strcmp(link->prev_hash, rows->at.row_hash) == 0)
		return ROWS_ROW;
	snprintf(rows->why, sizeof(rows->why),
		 "%.200s: row %" PRIu64
		 " does not follow the row that was published: it is another "
		 "log, or an older copy of it that went on",
		 path, link->seq);
	return wrong(rows);
}

/* Whether this file has the position. ROWS_END: another one has it. */
static enum rows_look look_into(struct rows *rows, const char *path, bool oldest, uint64_t *first)
{
	const struct audit_record *record;
	struct audit_walk *walk;
	enum rows_look look = ROWS_END;
	const struct audit_link *link;
	enum audit_read read;
	char why[200];

	if (audit_walk_open(path, &walk, why, sizeof(why)) != AUDIT_OK)
		return wait_with(rows, path, why);
	link = audit_walk_link(walk);
	read = audit_walk_next(walk, &record);
	if (read == AUDIT_READ_BAD) {
		look = broken(rows, path, walk);
	} else if (read == AUDIT_READ_ERROR) {
		look = wait_with(rows, path, audit_walk_why(walk));
	} else if (read != AUDIT_READ_ROW) {
		look = rows->at.seq == 0 && oldest ? ROWS_ROW : ROWS_END;
		record = NULL;
	} else if (rows->at.seq == 0) {
		*first = link->seq;
		look = link->seq == 1 ? ROWS_ROW : ROWS_END;
	} else {
		*first = link->seq;
		if (link->seq == rows->at.seq + 1) {
			look = follows(rows, path, link);
		} else if (link->seq <= rows->at.seq) {
			look = walk_to(rows, path, walk, record);
			record = NULL;
		}
	}
	if (look == ROWS_ROW)
		use(rows, walk, record);
	else
		audit_walk_close(walk);
	return look;
}

static enum rows_look nowhere(struct rows *rows, uint64_t first)
{
	if (first == 0)
		snprintf(rows->why, sizeof(rows->why),
			 "the log has no rows, and row %" PRIu64
			 " was published: it is another log, or an older copy of it",
			 rows->at.seq);
	else
		snprintf(rows->why, sizeof(rows->why),
			 "the log begins with row %" PRIu64 ", and row %" PRIu64
			 " comes next: a file of the rotated log is missing",
			 first, rows->at.seq + 1);
	return wrong(rows);
}

/* The newest file that has the row of the position, or begins behind it. */
static enum rows_look find(struct rows *rows)
{
	char **files;
	size_t count;
	uint64_t first = 0;
	enum rows_look look = ROWS_END;
	int rc = audit_files(rows->log, &files, &count);

	if (rc < 0)
		return wait_with(rows, rows->log, strerror(-rc));
	for (size_t i = count; i-- > 0 && look == ROWS_END;)
		look = look_into(rows, files[i], i == 0, &first);
	audit_files_free(files, count);
	if (look == ROWS_END)
		return nowhere(rows, first);
	return look;
}

/* --- going on --- */

/* At the end of a file: goes on in the next one, if that has a row. */
static enum rows_look go_on(struct rows *rows)
{
	char **files;
	size_t count, at = 0;
	struct audit_walk *walk = NULL;
	const struct audit_record *record;
	enum rows_look look = ROWS_END;
	int rc = audit_files(rows->log, &files, &count);
	char why[200];

	if (rc < 0)
		return wait_with(rows, rows->log, strerror(-rc));
	while (at < count && !audit_walk_is(rows->walk, files[at]))
		at++;
	if (at >= count) {
		use(rows, NULL, NULL); /* it was taken away or replaced */
		look = find(rows);
	} else if (at + 1 < count) {
		if (audit_walk_open(files[at + 1], &walk, why, sizeof(why)) != AUDIT_OK)
			look = wait_with(rows, files[at + 1], why);
		else if (audit_walk_next(walk, &record) != AUDIT_READ_ROW)
			audit_walk_close(walk);
		else if (audit_walk_link(walk)->seq == rows->at.seq + 1 &&
			 strcmp(audit_walk_link(walk)->prev_hash, rows->at.row_hash) == 0) {
			use(rows, walk, record);
			look = ROWS_ROW;
		} else {
			snprintf(rows->why, sizeof(rows->why),
				 "%.200s does not go on with row %" PRIu64
				 ": a file of the rotated log is missing, or of another log",
				 files[at + 1], rows->at.seq + 1);
			audit_walk_close(walk);
			look = wrong(rows);
		}
	}
	audit_files_free(files, count);
	return look;
}

/* A log that became shorter was cut by its writer after a disk failed, or by a person. */
static bool cut(const struct rows *rows)
{
	struct stat st;

	return stat(rows->log, &st) == 0 && (uint64_t)st.st_size < audit_walk_offset(rows->walk);
}

static enum rows_look at_end(struct rows *rows)
{
	const struct audit_record *record;

	if (audit_walk_is(rows->walk, rows->log)) {
		if (!cut(rows))
			return ROWS_END;
		use(rows, NULL, NULL);
		return find(rows);
	}
	/* It was rotated, perhaps after the last look: no row comes to it any more. */
	if (audit_walk_next(rows->walk, &record) == AUDIT_READ_ROW) {
		rows->held = record;
		return ROWS_ROW;
	}
	return go_on(rows);
}

static enum rows_look read_one(struct rows *rows)
{
	enum rows_look look;

	if (!rows->walk) {
		look = find(rows);
		if (look != ROWS_ROW)
			return look;
	}
	if (rows->held)
		return ROWS_ROW;
	switch (audit_walk_next(rows->walk, &rows->held)) {
	case AUDIT_READ_ROW:
		return ROWS_ROW;
	case AUDIT_READ_PARTIAL: /* being written, or torn: no row in any case */
	case AUDIT_READ_END:
		rows->held = NULL;
		look = at_end(rows);
		return look == ROWS_ROW && !rows->held ? read_one(rows) : look;
	case AUDIT_READ_BAD:
		rows->held = NULL;
		look = broken(rows, rows->log, rows->walk);
		use(rows, NULL, NULL);
		return look;
	case AUDIT_READ_ERROR:
	default:
		rows->held = NULL;
		look = wait_with(rows, rows->log, audit_walk_why(rows->walk));
		use(rows, NULL, NULL);
		return look;
	}
}

enum rows_look rows_next(struct rows *rows, struct row *row)
{
	enum rows_look look = read_one(rows);
	int rc;

	if (look == ROWS_ROW || look == ROWS_END)
		rows->wrong = 0;
	if (look != ROWS_ROW)
		return look;
	/* A row that a power cut could take back would be published twice, with different contents.
	 */
	if (audit_walk_offset(rows->walk) > rows->synced) {
		rc = audit_walk_sync(rows->walk, &rows->synced);
		if (rc < 0) {
			rows->synced = 0;
			return wait_with(rows, rows->log, strerror(-rc));
		}
	}
	*row = (struct row){audit_walk_link(rows->walk), audit_walk_reader(rows->walk), rows->held};
	return ROWS_ROW;
}

void rows_taken(struct rows *rows)
{
	const struct audit_link *link = audit_walk_link(rows->walk);

	rows->at.seq = link->seq;
	memcpy(rows->at.row_hash, link->row_hash, sizeof(rows->at.row_hash));
	rows->held = NULL;
}
