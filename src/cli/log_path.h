/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which log a command line means. */
#ifndef H7GANG_SRC_CLI_LOG_PATH_H
#define H7GANG_SRC_CLI_LOG_PATH_H

#include "cli.h"

/* The log's path, from --audit or the profile, with the lot in it; owned. NULL: the reason was
 * told, and `*status` is set. */
char *cli_log_path(const struct cli_options *options, const char *command,
		   const struct profile *profile, enum h7_exit *status);

/* The pattern with the lot in the place of each {lot}; owned. NULL: no memory. */
char *cli_path_with_lot(const char *pattern, const char *lot);

/* The options that name this log to another command, such as "--lot L1"; in `text`. */
const char *cli_which_log(const struct cli_options *options, char *text, size_t size);

#endif
