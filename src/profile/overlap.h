/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether some text matches two patterns. */
#ifndef PROFILE_OVERLAP_H
#define PROFILE_OVERLAP_H

#include <stdbool.h>
#include <stddef.h>

/* Finds the shortest text of printable ASCII that both POSIX extended regular expressions match as
 * a whole. False: there is none, or it cannot be shown: a pattern uses unsupported syntax (anchors
 * in its middle, back references) or is too large. */
bool overlap_find(const char *one, const char *other, char *text, size_t size);

#endif
