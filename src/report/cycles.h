/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long attempts that passed took: phases by kind of attempt, and how a station's times drift.
 * The wait for the wire is apart from the work: it says how busy the hub is, not how quick the
 * board. */
#ifndef REPORT_CYCLES_H
#define REPORT_CYCLES_H

#include <stdbool.h>

#include "h7gang/report/report.h"
#include "intern.h"
#include "spread.h"

/* Times of one kind of attempt at one station in one hour. */
struct hour_sums {
	uint32_t kind;
	int64_t hour; /* local */
	double n, sum;
};

struct cycles {
	struct intern strata; /* erase method, bootloader, hubs */
	struct spread *phase; /* REPORT_PHASES a stratum */
	size_t phase_room;
	struct spread all;
	struct intern kinds; /* station, profile, firmware, part, erase method, bootloader, hubs */
	uint32_t *station;   /* of a kind */
	size_t station_room;
	struct intern hours; /* kind and hour, as bytes */
	struct hour_sums *hour;
	size_t hour_room;
};

/* The kind of attempt that a row records. */
struct attempt_kind {
	uint32_t stratum, kind;
};

/* The hubs between a port and its root port, as a digit. */
char cycles_hubs(const char *port);

/* The kind of a row's attempt, at this station. False: no memory. */
bool cycles_kind(struct cycles *cycles, const struct report_row *row, uint32_t station,
		 struct attempt_kind *kind);

/* An attempt of this kind that passed, in this hour of local time. False: no memory. */
bool cycles_add(struct cycles *cycles, const struct report_row *row, struct attempt_kind kind,
		int64_t hour);

void cycles_free(struct cycles *cycles);

#endif
