/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocked slots and a stopped station, in a file: it survives the program. */
#ifndef GANG_STOP_STATE_H
#define GANG_STOP_STATE_H

#include "stop_rules.h"

/* The file of that profile and station in the folder of `log`, which may be a pattern: then in the
 * folder that all lots share. False: no memory. To be freed. */
bool stop_state_path(const char *log, const char *profile, const char *station, char **path);

/* Reads the file; a missing one changes nothing. False: `why`. */
bool stop_state_read(const char *path, struct stop_rules *stop, char *why, size_t why_size);

/* Writes the whole state and syncs it. If nothing is blocked or stopped, removes the file. False:
 * `why`. */
bool stop_state_write(const char *path, const struct stop_rules *stop, char *why, size_t why_size);

#endif
