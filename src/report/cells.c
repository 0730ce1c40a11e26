/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cells.h"

#include <stdlib.h>

#include "grow.h"

static uint32_t time_number(struct cells *cells, int64_t group)
{
	uint32_t number = intern_number(&cells->times, (const char *)&group, sizeof(group));
	int64_t *groups;

	if (number == INTERN_NONE)
		return number;
	groups = grow(cells->time_group, &cells->time_room, number, sizeof(*groups));
	if (!groups)
		return INTERN_NONE;
	cells->time_group = groups;
	groups[number] = group;
	return number;
}

bool cells_add(struct cells *cells, const struct context *context, int64_t group, bool failed)
{
	uint32_t time = time_number(cells, group);
	struct {
		uint32_t station, time, lot, firmware, slot;
	} key = {context->group[BY_STATION], time, context->group[BY_LOT],
		 context->group[BY_FIRMWARE], context->group[BY_SLOT]};
	uint32_t at = intern_number(&cells->names, (const char *)&key, sizeof(key));
	/* The same without the slot. */
	uint32_t stratum =
		intern_number(&cells->strata, (const char *)&key, sizeof(key) - sizeof(key.slot));
	struct cell *cell;

	if (time == INTERN_NONE || at == INTERN_NONE || stratum == INTERN_NONE)
		return false;
	cell = grow(cells->cell, &cells->room, at, sizeof(*cell));
	if (!cell)
		return false;
	cells->cell = cell;
	cell += at;
	if (cell->boards == 0) {
		*cell = (struct cell){key.slot, key.lot, key.firmware, key.station, time, stratum,
				      0,        0,       false};
		cells->count = at + 1;
	}
	cell->boards++;
	cell->failed += failed;
	return true;
}

static int by_slot(const void *a, const void *b)
{
	const struct cell *left = a, *right = b;

	if (left->slot != right->slot)
		return left->slot < right->slot ? -1 : 1;
	return left->stratum < right->stratum ? -1 : left->stratum > right->stratum;
}

void cells_end(struct cells *cells)
{
	intern_free(&cells->names);
	if (cells->count)
		qsort(cells->cell, cells->count, sizeof(*cells->cell), by_slot);
}

void cells_free(struct cells *cells)
{
	intern_free(&cells->names);
	intern_free(&cells->strata);
	intern_free(&cells->times);
	free(cells->cell);
	free(cells->time_group);
	free(cells->time_baseline);
	*cells = (struct cells){0};
}
