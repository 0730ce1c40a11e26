/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fingerprints.h"

#include <stdbool.h>
#include <stdlib.h>

#define FIRST_ROOM 1024

uint64_t fingerprint_of(uint64_t before, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		before = (before ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
	return (before ^ 0xff) * UINT64_C(0x100000001b3);
}

/* The bucket of the fingerprint, or the free bucket where it belongs. */
static uint32_t *look_up(const struct fingerprints *prints, uint64_t print)
{
	size_t mask = prints->buckets - 1;
	size_t at = (size_t)(print ^ print >> 29) & mask;

	while (prints->bucket[at] && prints->print[prints->bucket[at] - 1] != print)
		at = (at + 1) & mask;
	return &prints->bucket[at];
}

/* Buckets are three quarters full at most. */
static bool make_buckets(struct fingerprints *prints)
{
	size_t buckets = prints->buckets ? prints->buckets * 2 : 2 * (size_t)FIRST_ROOM;
	uint32_t *fresh;

	if (prints->buckets && prints->count < prints->buckets / 4 * 3)
		return true;
	if (prints->count >= UINT32_MAX / 2)
		return false;
	fresh = calloc(buckets, sizeof(*fresh));
	if (!fresh)
		return false;
	free(prints->bucket);
	prints->bucket = fresh;
	prints->buckets = buckets;
	for (size_t i = 0; i < prints->count; i++)
		*look_up(prints, prints->print[i]) = (uint32_t)i + 1;
	return true;
}

/* The pages behind the last fingerprint are not touched, and so cost nothing. */
static bool make_room(struct fingerprints *prints)
{
	size_t room = prints->room ? prints->room * 2 : FIRST_ROOM;
	uint64_t *print;
	uint32_t *value;

	if (prints->count < prints->room)
		return true;
	print = reallocarray(prints->print, room, sizeof(*print));
	if (!print)
		return false;
	prints->print = print;
	value = reallocarray(prints->value, room, sizeof(*value));
	if (!value)
		return false;
	prints->value = value;
	prints->room = room;
	return true;
}

enum fingerprint_found fingerprints_take(struct fingerprints *prints, uint64_t print,
					 uint32_t *value)
{
	uint32_t *bucket;

	if (!make_buckets(prints) || !make_room(prints))
		return FINGERPRINT_NO_MEMORY;
	bucket = look_up(prints, print);
	if (*bucket) {
		*value = prints->value[*bucket - 1];
		return FINGERPRINT_KNOWN;
	}
	prints->print[prints->count] = print;
	prints->value[prints->count] = *value;
	*bucket = (uint32_t)++prints->count;
	return FINGERPRINT_NEW;
}

void fingerprints_free(struct fingerprints *prints)
{
	free(prints->print);
	free(prints->value);
	free(prints->bucket);
	*prints = (struct fingerprints){0};
}
