/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROFILE_UTF8_H
#define PROFILE_UTF8_H

#include "problems.h"

/* How many of the bytes are UTF-8 that may stand in YAML. If not all, `why` names the byte behind
 * them, and `place` its place. Counted here, since libyaml names no line for it. */
size_t utf8_good(const uint8_t *bytes, size_t length, struct profile_place *place,
		 const char **why);

#endif
