/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "begun.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a; only to find things quickly. */
static uint64_t hash_bytes(const char *bytes, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

size_t mark_key_length(const char *body, size_t length)
{
	return csv_prefix(body, length, 3);
}

/* Marks are kept sorted by the hash of their keys: a log of a million rows is looked up in it.
 * Returns where the key is or belongs. */
static size_t find(const struct marks *marks, const char *key, size_t length, bool *found)
{
	uint64_t hash = hash_bytes(key, length);
	size_t low = 0, high = marks->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (marks->mark[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	*found = false;
	for (; low < marks->count && marks->mark[low].hash == hash; low++) {
		const struct mark *mark = &marks->mark[low];

		if (mark->key_length == length && memcmp(mark->body, key, length) == 0) {
			*found = true;
			break;
		}
	}
	return low;
}

static int make_room(struct marks *marks)
{
	size_t room = marks->room ? marks->room * 2 : 64;
	struct mark *more;

	if (marks->count < marks->room)
		return 0;
	more = reallocarray(marks->mark, room, sizeof(*more));
	if (!more)
		return -ENOMEM;
	marks->mark = more;
	marks->room = room;
	return 0;
}

int marks_add(struct marks *marks, const char *body, size_t length)
{
	size_t key_length = mark_key_length(body, length);
	struct mark mark = {
		.hash = hash_bytes(body, key_length), .key_length = key_length, .length = length};
	bool found;
	size_t at;

	mark.body = malloc(length);
	if (!mark.body || make_room(marks) < 0) {
		free(mark.body);
		return -ENOMEM;
	}
	memcpy(mark.body, body, length);
	at = find(marks, body, key_length, &found);
	if (found) {
		mark.order = marks->mark[at].order;
		free(marks->mark[at].body);
	} else {
		mark.order = marks->last_order++;
		memmove(marks->mark + at + 1, marks->mark + at, (marks->count - at) * sizeof(mark));
		marks->count++;
	}
	marks->mark[at] = mark;
	return 0;
}

bool marks_remove(struct marks *marks, const char *body, size_t length)
{
	bool found;
	size_t at;

	if (marks->count == 0)
		return false;
	at = find(marks, body, mark_key_length(body, length), &found);
	if (!found)
		return false;
	free(marks->mark[at].body);
	marks->count--;
	memmove(marks->mark + at, marks->mark + at + 1, (marks->count - at) * sizeof(*marks->mark));
	return true;
}

bool marks_include(const struct marks *all, const struct marks *some)
{
	for (size_t i = 0; i < some->count; i++) {
		const struct mark *mark = &some->mark[i];
		bool found;
		size_t at = find(all, mark->body, mark->key_length, &found);

		if (!found || all->mark[at].length != mark->length ||
		    memcmp(all->mark[at].body, mark->body, mark->length) != 0)
			return false;
	}
	return true;
}

void marks_remove_row(struct marks *marks, const char *line, size_t length)
{
	size_t seq = marks->count > 0 ? csv_prefix(line, length, 1) : 0;

	if (seq > 0)
		marks_remove(marks, line + seq, length - seq);
}

static int by_order(const void *a, const void *b)
{
	const struct mark *left = a, *right = b;

	return left->order < right->order ? -1 : left->order > right->order;
}

void marks_sort(struct marks *marks)
{
	if (marks->count > 1)
		qsort(marks->mark, marks->count, sizeof(*marks->mark), by_order);
}

void marks_free(struct marks *marks)
{
	for (size_t i = 0; i < marks->count; i++)
		free(marks->mark[i].body);
	free(marks->mark);
	*marks = (struct marks){0};
}
