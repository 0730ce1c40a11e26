/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log's file as its one writer has it: rows are put one after the other, each in one write, and
 * then committed by one fdatasync. After a failure the file is cut back to the rows that are known
 * to be on disk. Used by one thread at a time. */
#ifndef AUDIT_LOGFILE_H
#define AUDIT_LOGFILE_H

#include <sys/types.h>

#include "chain.h"
#include "row.h"

struct logfile {
	int folder;       /* owned */
	char *place;      /* where the folder was opened, absolute; owned */
	int fd;           /* owned; holds the lock */
	const char *name; /* in folder; borrowed */
	struct sha256 *sha;
	struct chain chain;   /* as on disk */
	struct chain written; /* with the rows put since */
	off_t size, end;      /* likewise */
};

/* Whether folder and name still stand for this file, and no other program changed its size. A log
 * that was moved with its folder, deleted, replaced by an editor or rotated away would take rows
 * that are never seen. 0,
 * -ESTALE or another negative errno. */
int logfile_check(const struct logfile *file);

/* Puts a row behind the others. 0 or a negative errno; then the file ends where it did before. */
int logfile_put(struct logfile *file, const char *body, size_t length);

/* Makes the rows put since the last commit lasting. On failure (negative errno) they are taken
 * back. */
int logfile_commit(struct logfile *file);

/* Writes the header into an empty file, lasting, with the file's name. */
int logfile_put_header(struct logfile *file);

#endif
