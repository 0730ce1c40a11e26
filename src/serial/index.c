/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a */
static uint64_t hash_of(const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

static struct index_entry *find(const struct index *index, const char *key)
{
	size_t mask = index->room - 1;
	size_t at = hash_of(key) & mask;

	while (index->entry[at].key && strcmp(index->entry[at].key, key) != 0)
		at = (at + 1) & mask;
	return &index->entry[at];
}

static bool grow(struct index *index)
{
	struct index bigger = {.room = index->room ? 2 * index->room : 64};

	bigger.entry = calloc(bigger.room, sizeof(*bigger.entry));
	if (!bigger.entry)
		return false;
	for (size_t i = 0; i < index->room; i++) {
		if (index->entry[i].key)
			*find(&bigger, index->entry[i].key) = index->entry[i];
	}
	bigger.count = index->count;
	free(index->entry);
	*index = bigger;
	return true;
}

size_t *index_get(const struct index *index, const char *key)
{
	struct index_entry *entry = index->room ? find(index, key) : NULL;

	return entry && entry->key ? &entry->value : NULL;
}

size_t *index_put(struct index *index, const char *key)
{
	struct index_entry *entry;

	if (2 * index->count >= index->room && !grow(index))
		return NULL;
	entry = find(index, key);
	if (!entry->key) {
		entry->key = strdup(key);
		if (!entry->key)
			return NULL;
		index->count++;
	}
	return &entry->value;
}

void index_free(struct index *index)
{
	for (size_t i = 0; i < index->room; i++)
		free(index->entry[i].key);
	free(index->entry);
	*index = (struct index){0};
}
