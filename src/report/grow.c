/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "grow.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

void *grow(void *entries, size_t *room, size_t at, size_t size)
{
	size_t wanted = *room ? *room : FIRST_ROOM;
	char *fresh;

	if (at < *room)
		return entries;
	while (wanted <= at)
		wanted += wanted / 2;
	fresh = reallocarray(entries, wanted, size);
	if (!fresh)
		return NULL;
	memset(fresh + *room * size, 0, (wanted - *room) * size);
	*room = wanted;
	return fresh;
}
