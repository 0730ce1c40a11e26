/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A log over several files. The one that is written has the log's name; those before it are
 * FILE.0001, FILE.0002 and so on. seq, chain, FILE.begun and FILE.seal go on over all of them.
 * The first row of the log follows the last row of the newest of them, which therefore must stay
 * beside the log. */
#ifndef AUDIT_ROTATE_H
#define AUDIT_ROTATE_H

#include "log.h"
#include "scan.h"

/* Sets `scan->chain` to the predecessor of the log's first row, and hands the rows of the
 * predecessor's file to `scan->row`. AUDIT_OK, or `why`. */
enum audit_status rotate_origin(const struct audit_log *log, struct scan *scan, char *why,
				size_t why_size);

/* Removes the marks whose attempts have rows in older files: FILE.begun may have been put back from
 * a backup. A file that is missing or cannot be read answers none. 0 or a negative errno. */
int rotate_lift_answered(const struct audit_log *log, struct marks *marks);

/* After a kill in the middle of a rotation the newest number may be a second name of the log
 * itself: takes it away. 0 or a negative errno. */
int rotate_undo_number(const struct audit_log *log);

/* Whether `old` is `path` with a number, and a second name of the same file: see above. */
bool rotate_is_second_name(const char *old, const char *path);

/* Gives the file a number and goes on in a new one. All rows must be on disk. 0; a negative errno:
 * the log is as it was; ROTATE_FULL: likewise, it has used up its numbers; ROTATE_LOST: it has lost
 * its file. */
#define ROTATE_LOST 1
#define ROTATE_FULL 2
int rotate(struct audit_log *log);

/* Whether the file is as long as it may be. */
bool rotate_due(const struct audit_log *log);

#endif
