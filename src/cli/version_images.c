/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "version_images.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/serial/history.h"

struct search {
	const struct profile *profile;
	char other[SHA256_HEX_SIZE]; /* the last one found; "" none */
	size_t rows;
};

static bool compare_row(void *user, const struct history_row *row)
{
	struct search *search = user;
	const struct profile *profile = search->profile;

	if (!row->written || !row->image_sha256[0] || strcmp(row->profile, profile->name) != 0 ||
	    strcmp(row->firmware_version, profile->firmware_version) != 0 ||
	    strcmp(row->image_sha256, profile->flash.sha256) == 0)
		return true;
	search->rows++;
	snprintf(search->other, sizeof(search->other), "%.64s", row->image_sha256);
	return true;
}

bool cli_version_has_other_image(const struct profile *profile, const char *logs, char *warning,
				 size_t size)
{
	struct search search = {.profile = profile};
	char why[256];
	size_t unread;

	if (!profile->firmware_version || !profile->firmware_version[0] || !logs)
		return false;
	history_read_lots(logs, compare_row, &search, &unread, why, sizeof(why));
	if (!search.rows)
		return false;
	snprintf(
		warning, size,
		"%s: %zu row%s of firmware_version %s with another image (%.12s... there, %.12s... "
		"in this profile). Give each image a version of its own",
		logs, search.rows, search.rows == 1 ? "" : "s", profile->firmware_version,
		search.other, profile->flash.sha256);
	return true;
}
