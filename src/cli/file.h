/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new file, whole or not at all. What stands there already is not touched. */
#ifndef H7GANG_SRC_CLI_FILE_H
#define H7GANG_SRC_CLI_FILE_H

#include <stddef.h>

#include "h7gang/base/errors.h"

/* Whether the file may be made: says why not. To be asked before the work. */
enum h7_exit file_check_new(const char *path);
/* Whether what stands there may be replaced: nothing, a link, an empty file, or one that begins
 * with `head`. A log, for one, does not. */
enum h7_exit file_check_replace(const char *path, const char *head);
enum h7_exit file_write_new(const char *path, const void *data, size_t length);

#endif
