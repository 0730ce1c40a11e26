/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef H7GANG_BASE_NEAREST_H
#define H7GANG_BASE_NEAREST_H

#include <stddef.h>

/* The name at index i of a list, or NULL at its end. `names` is the list. */
typedef const char *nearest_at(const void *names, size_t i);

/* The name that differs least from `text` (Levenshtein), or NULL if every name differs by a third
 * of its letters or more. For "did you mean ...?". The result comes from `at`. */
const char *nearest_name(const char *text, nearest_at *at, const void *names);

#endif
