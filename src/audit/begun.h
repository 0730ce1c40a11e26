/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FILE.begun: the marks of attempts that may have touched a flash and have no row yet. One mark a
 * line: the body of a row (run_id to detail, result ABORTED) and the SHA-256 of it, so that each
 * line proves itself and a torn one costs no other. Marks are only ever appended: a mark is lifted
 * by the row itself, since a mark whose attempt has a row in the log does not count. The file goes
 * when no attempt is open, and is written anew when it has grown long with lifted ones. */
#ifndef AUDIT_BEGUN_H
#define AUDIT_BEGUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "row.h"

#define BEGUN_OPEN_MAX 512         /* attempts at once */
#define BEGUN_FILE_MAX (16 << 20)  /* bytes; we write none that is longer */
#define BEGUN_COMPACT_AT (1 << 20) /* bytes at which lifted marks are dropped */

/* One attempt. The key is the first three fields of the body as written. */
struct mark {
	uint64_t hash; /* of the key */
	size_t key_length, length;
	unsigned order; /* of its line */
	char *body;
};

struct marks {
	struct mark *mark;
	size_t count, room;
	unsigned last_order;
};

/* Length of the key at the start of a body, 0 if it has none. */
size_t mark_key_length(const char *body, size_t length);

/* Adds a copy of the mark, and replaces a mark with the same key. 0 or -ENOMEM. */
int marks_add(struct marks *marks, const char *body, size_t length);

/* Removes the mark with the key of this body. False if there is none. */
bool marks_remove(struct marks *marks, const char *body, size_t length);

/* Removes the mark of a row's line, if any. */
void marks_remove_row(struct marks *marks, const char *line, size_t length);

/* Whether each mark of `some` is in `all`, byte by byte. */
bool marks_include(const struct marks *all, const struct marks *some);

/* Puts them in the order in which they were begun; nothing may be looked up after it. */
void marks_sort(struct marks *marks);

void marks_free(struct marks *marks);

/* --- reading --- */

/* Reads all marks of the file, with or without a row. A missing file is an empty one. Lines that
 * are no marks are handed to `bad` (with their LF if they have one) and not counted. 0 or a
 * negative errno: -EFBIG for a file that cannot be ours. */
int begun_load(int folder, const char *name, struct marks *marks,
	       int (*bad)(void *user, uint64_t line, const char *text, size_t length), void *user);

/* --- writing; by the writer of the log alone --- */

struct begun {
	int folder;       /* borrowed */
	const char *name; /* borrowed */
	int fd;           /* -1: there is no file */
	off_t size;
	struct marks open;
	bool folder_unsynced; /* a rename may not have reached the disk */
};

/* Whether the file still holds every open mark, under its name. If another program moved, replaced,
 * deleted or changed it, it is written anew, so that a kill leaves a row for each attempt, and the
 * result is -ESTALE. 0 or a negative errno. `thorough`: reads the file, too. */
int begun_guard(struct begun *begun, bool thorough);

/* Appends a mark, not yet synced. 0 or a negative errno; as begun_guard. */
int begun_add(struct begun *begun, const char *body, size_t length);

/* Drops lifted marks from the file now, lasting. 0 or a negative errno. */
int begun_compact(struct begun *begun);

int begun_sync(struct begun *begun);

/* The attempt of this body has its row on disk. Removes the file if it was the last. */
void begun_lift(struct begun *begun, const char *body, size_t length);

void begun_close(struct begun *begun);

#endif
