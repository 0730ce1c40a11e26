/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a firmware version stands for one image: rows of the same profile and version with
 * another hash mean that the image was changed under an old version. */
#ifndef H7GANG_SRC_CLI_VERSION_IMAGES_H
#define H7GANG_SRC_CLI_VERSION_IMAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "h7gang/profile/profile.h"

/* Reads the log `logs` and the files that it was rotated into; with {lot} in the path, those of
 * every lot. True: another image was found, and `warning` says so. A log that cannot be read has no
 * rows: the run itself judges it. */
bool cli_version_has_other_image(const struct profile *profile, const char *logs, char *warning,
				 size_t size);

#endif
