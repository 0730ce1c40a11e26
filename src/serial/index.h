/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of texts, each with a number. */
#ifndef SERIAL_INDEX_H
#define SERIAL_INDEX_H

#include <stdbool.h>
#include <stddef.h>

struct index_entry {
	char *key; /* NULL: free */
	size_t value;
};

struct index {
	size_t count, room; /* room: a power of two, or 0 */
	struct index_entry *entry;
};

/* The number of `key`, or NULL. Valid until the next index_put. */
size_t *index_get(const struct index *index, const char *key);

/* The same; adds a missing key with the number 0. NULL: no memory. */
size_t *index_put(struct index *index, const char *key);

void index_free(struct index *index);

#endif
