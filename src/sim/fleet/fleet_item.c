/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of targets, and the form of a port path. */
#include <stdlib.h>
#include <string.h>

#include "fleet_internal.h"

struct fleet_item *fleet_add(struct fleet *fleet)
{
	struct fleet_item *item;

	if (fleet->items == fleet->room) {
		const unsigned room = fleet->room ? 2 * fleet->room : 16;

		item = realloc(fleet->item, room * sizeof(*item));
		if (!item)
			return NULL;
		fleet->item = item;
		fleet->room = room;
	}
	item = &fleet->item[fleet->items];
	memset(item, 0, sizeof(*item));
	rom_config_init(&item->config);
	item->origin = fleet->items++;
	return item;
}

/* A kernel port name: bus, a dash, ports with dots. */
bool fleet_path_valid(const char *path)
{
	const char *p = path;
	unsigned depth = 0;

	for (;;) {
		const char *start = p;
		unsigned number = 0;

		while (*p >= '0' && *p <= '9' && number < 256)
			number = number * 10 + (unsigned)(*p++ - '0');
		if (p == start || number < 1 || number > 255 || *start == '0')
			return false;
		if (*p == '\0')
			return depth >= 1 && depth <= 7;
		if (*p != (depth == 0 ? '-' : '.'))
			return false;
		p++;
		depth++;
	}
}
