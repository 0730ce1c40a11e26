/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes the users file, which auth.h describes. */
#ifndef WEB_USERS_H
#define WEB_USERS_H

#include <stdbool.h>

/* Adds a line (with its LF). If `user` is not NULL, its earlier lines go in the same step: the file
 * is replaced as a whole, with its owner, so no login ever sees neither line or both. Programs that
 * add at the same time wait for each other. 0, or a negative errno; `*replaced`: the user was
 * there. */
int users_put(const char *path, const char *user, const char *line, bool *replaced);

#endif
