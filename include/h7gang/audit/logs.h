/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The logs of all lots: files that a pattern names, with any lot in the place of {lot}. */
#ifndef H7GANG_AUDIT_LOGS_H
#define H7GANG_AUDIT_LOGS_H

#include <stdbool.h>

/* Hands the path of every file that `pattern` followed by `ending` matches to `each`, in the order
 * of their names, until it returns false. `ending` is as in glob(7); `pattern` is taken literally,
 * but for {lot}. False: `each` did, or no memory. */
bool audit_logs_each(const char *pattern, const char *ending,
		     bool (*each)(void *user, const char *path), void *user);

/* Whether a log is rotated into files with such a name: FILE.0001 and so on. */
bool audit_is_rotated(const char *path);

/* Whether a log FILE has a file of its own with the name FILE + `ending`: begin marks, seals, a
 * torn end, one that is being written. */
bool audit_is_companion(const char *ending);

#endif
