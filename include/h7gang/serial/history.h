/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Earlier boards, from the log. */
#ifndef H7GANG_SERIAL_HISTORY_H
#define H7GANG_SERIAL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

/* One row; the texts are valid during the call. */
struct history_row {
	const char *run_id, *unit_id, *command, *profile, *lot, *uid, *unit_serial;
	const char *firmware_version, *image_sha256;
	bool written; /* command run or rework: numbers were given, boards were made */
	bool passed;
};

/* Hands out every row of the log, oldest first: first those of FILE.* beside it that are logs
 * themselves (rotated away), in the order of their names, then its own. A missing log has no rows.
 * `row` returns false to give up (no memory). False: `why`; also if a file that was rotated away
 * (FILE.NNNN) is not intact. */
typedef bool history_sink(void *user, const struct history_row *row);
bool history_read(const char *log, history_sink *row, void *user, char *why, size_t why_size);

/* The same of every log whose path is `logs` with any lot in the place of {lot}, and of those that
 * were rotated away from them. A file that is no log has no rows. `*unread` counts the files that
 * this user may not read, and logs that are not intact, of which only good rows are handed out. */
bool history_read_lots(const char *logs, history_sink *row, void *user, size_t *unread, char *why,
		       size_t why_size);

#endif
