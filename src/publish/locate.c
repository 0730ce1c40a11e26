/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A position by a row's number, also where older files of the log are gone. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rows.h"

static void set(struct audit_published *at, uint64_t seq, const char *hash)
{
	at->seq = seq;
	snprintf(at->row_hash, sizeof(at->row_hash), "%s", hash);
}

/* 1: found, 0: not in this file, -1: `why`. */
static int locate_in(const char *path, bool end, uint64_t seq, struct audit_published *at,
		     char *why, size_t why_size)
{
	const struct audit_record *record;
	struct audit_walk *walk;
	const struct audit_link *link;
	enum audit_read read;
	int found = 0;

	if (audit_walk_open(path, &walk, why, why_size) != AUDIT_OK)
		return -1;
	link = audit_walk_link(walk);
	while (found == 0 && (read = audit_walk_next(walk, &record)) == AUDIT_READ_ROW) {
		if (!end && link->seq == seq + 1 && seq > 0)
			set(at, seq, link->prev_hash);
		else if (end || link->seq == seq)
			set(at, link->seq, link->row_hash);
		else if (link->seq > seq)
			break;
		found = !end && at->seq == seq;
	}
	if (found == 0 && end && at->seq > 0)
		found = 1;
	if (read == AUDIT_READ_BAD || read == AUDIT_READ_ERROR) {
		snprintf(why, why_size, "%.150s: %.200s; see h7gang audit verify", path,
			 audit_walk_why(walk));
		found = -1;
	}
	audit_walk_close(walk);
	return found;
}

bool rows_locate(const char *log, bool end, uint64_t seq, struct audit_published *at, char *why,
		 size_t why_size)
{
	char **files;
	size_t count;
	int found = 0, rc = audit_files(log, &files, &count);

	*at = (struct audit_published){0};
	if (rc < 0) {
		snprintf(why, why_size, "%.200s: %s", log, strerror(-rc));
		return false;
	}
	for (size_t i = count; i-- > 0 && found == 0;)
		found = locate_in(files[i], end, seq, at, why, why_size);
	audit_files_free(files, count);
	if (found == 0)
		snprintf(why, why_size, "%.200s: there is no such row", log);
	return found > 0;
}
