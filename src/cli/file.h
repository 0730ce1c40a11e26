/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new file, whole or not at all. An existing one is not touched. */
#ifndef H7GANG_SRC_CLI_FILE_H
#define H7GANG_SRC_CLI_FILE_H

#include <stddef.h>

#include "h7gang/base/errors.h"

/* Whether the file may be made; if not, tells the reason. To be asked before the work. */
enum h7_exit file_check_new(const char *path);
/* Whether `path` may be replaced: it is missing, a link, an empty file, or one that begins with
 * `head`. A log, for one, does not. */
enum h7_exit file_check_replace(const char *path, const char *head);
/* The same for a signature of a file: missing, a link, empty, or as long and as random as one. */
enum h7_exit file_check_replace_signature(const char *path);
enum h7_exit file_write_new(const char *path, const void *data, size_t length);

#endif
