/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boards counted by all that is compared: slot, lot, firmware, station and subgroup of time. Every
 * test works on these counts, so that boards that a finding explains can be left out and the rest
 * tested again. */
#ifndef REPORT_CELLS_H
#define REPORT_CELLS_H

#include "collect.h"

struct cell {
	uint32_t slot, lot, firmware, station, time;
	uint32_t stratum; /* station, time, lot and firmware, within which slots are compared */
	uint32_t boards, failed;
	bool out; /* a finding explains it */
};

struct cells {
	struct cell *cell; /* by slot, once ended */
	size_t count, room;
	struct intern names, strata, times;
	int64_t *time_group; /* calendar group by the number of the time, which is in order */
	size_t time_room;
	bool *time_baseline;
};

/* Counts a board. `group`: its subgroup of time; they come in order. False: no memory. */
bool cells_add(struct cells *cells, const struct context *context, int64_t group, bool failed);

/* Nothing more comes. */
void cells_end(struct cells *cells);
void cells_free(struct cells *cells);

#endif
