/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROFILE_PATCH_H
#define PROFILE_PATCH_H

#include "list.h"

/* "A7-{:06d}" taken apart. */
struct patch_format {
	const char *before, *after;
	size_t before_length;
	unsigned width;
	bool zeros;
	char kind; /* d, x or X */
};

bool patch_format(const char *text, struct patch_format *format);

/* Six bytes in hexadecimal, with colons, hyphens or nothing between. */
bool patch_mac48(const char *text, uint64_t *value);

#endif
