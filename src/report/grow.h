/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays that grow: an index beyond the end makes room, and new entries are zero. */
#ifndef REPORT_GROW_H
#define REPORT_GROW_H

#include <stddef.h>

/* The array with room for `entries[at]`, of `size` bytes each; `*room` is how many there are. NULL:
 * no memory, and the array is as it was. */
void *grow(void *entries, size_t *room, size_t at, size_t size);

#endif
