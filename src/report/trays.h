/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boards of one tray share hub, power and operator, and so fail together. This measures by how
 * much. A tray is the units of one run that started within a minute of its first. */
#ifndef REPORT_TRAYS_H
#define REPORT_TRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intern.h"

#define TRAY_MS 60000
#define TRAYS_OPEN 4 /* of a log at a time */

/* Kept by a unit, to be counted in its tray when it is over. */
struct tray_ticket {
	uint32_t log, place;
	uint64_t tray;
};

struct tray {
	uint64_t number, run; /* 0: none */
	int64_t start_ms;
	uint32_t day;
	double units, failed;
};

/* Sums over the trays of one station, day and lot. */
struct tray_sums {
	double trays, n, x, nn, nx, xx;
};

struct trays {
	struct intern days; /* station, day and lot, as bytes */
	struct tray *open;  /* TRAYS_OPEN a log */
	size_t open_room;
	struct tray_sums *sums; /* by number of the day */
	size_t sums_room, sums_count;
	uint64_t last;
};

/* The tray of a unit that began. False: no memory. */
bool trays_join(struct trays *trays, uint32_t log, uint64_t run, uint32_t day, int64_t start_ms,
		struct tray_ticket *ticket);

/* A unit of it is over and counts. */
void trays_count(struct trays *trays, const struct tray_ticket *ticket, bool failed);

/* Closes all trays. The variance of failures between trays of one station and day, in units of the
 * variance if boards failed independently (the design effect of L. Kish, "Survey sampling", 1965):
 * at least 1. `*count`: trays of more than one unit. */
double trays_factor(struct trays *trays, uint64_t *count);

void trays_free(struct trays *trays);

#endif
