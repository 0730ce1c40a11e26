/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cost of a pattern in the C library, before it is compiled. */
#ifndef PROFILE_PATTERN_COST_H
#define PROFILE_PATTERN_COST_H

#define PATTERN_SIZE_MAX 1024 /* characters, with each counted repetition written out */
#define PATTERN_GROUPS_MAX 64 /* groups that are repeated by a count, written out */

/* NULL, or why the POSIX extended regular expression is not taken: the C library would need minutes
 * or all the memory to compile it, or to match a text. Static. */
const char *pattern_cost_trouble(const char *pattern);

#endif
