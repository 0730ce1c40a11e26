/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/nearest.h"

#include <stdint.h>
#include <string.h>

#define NEAR_LENGTH 32 /* longer names are not compared */

static size_t least_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must be changed, added, removed or exchanged with their neighbour. Both texts
 * have at most NEAR_LENGTH letters. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][NEAR_LENGTH + 1], width = strlen(b);
	size_t *two_ago = rows[0], *before = rows[1], *row = rows[2];

	for (size_t j = 0; j <= width; j++)
		before[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t *reused = two_ago;

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			row[j] = before[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = least_of(row[j], before[j] + 1);
			row[j] = least_of(row[j], row[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least_of(row[j], two_ago[j - 2] + 1);
		}
		two_ago = before;
		before = row;
		row = reused;
	}
	return before[width];
}

const char *nearest_name(const char *text, nearest_at *at, const void *names)
{
	const char *nearest = NULL, *name;
	size_t length = strlen(text), least = length < 6 ? 1 : length / 3;

	if (length > NEAR_LENGTH)
		return NULL;
	for (size_t i = 0; (name = at(names, i)) != NULL; i++) {
		size_t d = strlen(name) <= NEAR_LENGTH ? distance(text, name) : SIZE_MAX;

		if (d < least || (d == least && nearest == NULL)) {
			nearest = name;
			least = d;
		}
	}
	return nearest;
}
