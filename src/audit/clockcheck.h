/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the computer's clock can be right, compared with the log and the program's build. */
#ifndef AUDIT_CLOCKCHECK_H
#define AUDIT_CLOCKCHECK_H

#include <stdbool.h>
#include <stddef.h>

/* `last`: the last row as written, `length` 0: there is none. True if the clock is wrong; `problem`
 * gets the reason. A clock that is a few seconds behind is waited for. */
bool clockcheck_wrong(int log_fd, const char *last, size_t length, char *problem, size_t size);

/* The same by the logs of every lot that the pattern names: a new lot has no row to go by. */
bool clockcheck_wrong_by_lots(const char *pattern, char *problem, size_t size);

#endif
