/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "intern.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

/* Eight bytes at a time: a multiplication and a fold of the high bits for each. */
static uint64_t hash_of(const char *text, size_t length)
{
	uint64_t hash = length * UINT64_C(0x9e3779b97f4a7c15), word;

	for (; length >= sizeof(word); text += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, text, length);
	hash = (hash ^ word) * UINT64_C(0x94d049bb133111eb);
	return hash ^ hash >> 29;
}

/* Where it is, or the free bucket where it belongs. */
static size_t look_up(const struct intern *intern, const char *text, size_t length, uint64_t hash)
{
	size_t at = (size_t)hash & (intern->buckets - 1);

	for (; intern->bucket[at]; at = (at + 1) & (intern->buckets - 1)) {
		size_t i = intern->bucket[at] - 1;

		if (intern->hash[i] == hash && intern->length[i] == length &&
		    memcmp(intern->text[i], text, length) == 0)
			break;
	}
	return at;
}

static bool rehash(struct intern *intern, size_t buckets)
{
	uint32_t *fresh = calloc(buckets, sizeof(*fresh));

	if (!fresh)
		return false;
	free(intern->bucket);
	intern->bucket = fresh;
	intern->buckets = buckets;
	for (size_t i = 0; i < intern->count; i++) {
		size_t at = (size_t)intern->hash[i] & (buckets - 1);

		while (fresh[at])
			at = (at + 1) & (buckets - 1);
		fresh[at] = (uint32_t)i + 1;
	}
	return true;
}

/* Buckets stay at least half empty, so that every search ends. */
static bool make_room(struct intern *intern)
{
	size_t room = intern->room ? intern->room * 2 : FIRST_ROOM;
	void *grown;

	if (intern->count < intern->room)
		return true;
	if (room >= INTERN_NONE / 2)
		return false;
	grown = reallocarray(intern->text, room, sizeof(*intern->text));
	if (!grown)
		return false;
	intern->text = grown;
	grown = reallocarray(intern->length, room, sizeof(*intern->length));
	if (!grown)
		return false;
	intern->length = grown;
	grown = reallocarray(intern->hash, room, sizeof(*intern->hash));
	if (!grown)
		return false;
	intern->hash = grown;
	if (!rehash(intern, room * 2))
		return false;
	intern->room = room;
	return true;
}

uint32_t intern_number(struct intern *intern, const char *text, size_t length)
{
	uint64_t hash = hash_of(text, length);
	size_t at;
	char *copy;

	if (!make_room(intern))
		return INTERN_NONE;
	at = look_up(intern, text, length, hash);
	if (intern->bucket[at])
		return intern->bucket[at] - 1;
	copy = malloc(length + 1);
	if (!copy)
		return INTERN_NONE;
	memcpy(copy, text, length);
	copy[length] = '\0';
	intern->text[intern->count] = copy;
	intern->length[intern->count] = length;
	intern->hash[intern->count] = hash;
	intern->bucket[at] = (uint32_t)++intern->count;
	return (uint32_t)intern->count - 1;
}

uint32_t intern_find(const struct intern *intern, const char *text, size_t length)
{
	size_t at;

	if (intern->buckets == 0)
		return INTERN_NONE;
	at = look_up(intern, text, length, hash_of(text, length));
	return intern->bucket[at] ? intern->bucket[at] - 1 : INTERN_NONE;
}

void intern_free(struct intern *intern)
{
	for (size_t i = 0; i < intern->count; i++)
		free(intern->text[i]);
	free(intern->text);
	free(intern->length);
	free(intern->hash);
	free(intern->bucket);
	*intern = (struct intern){0};
}
