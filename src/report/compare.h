/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The comparisons, and how probable their differences would be by chance. */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "cells.h"

/* Families of tests: the false-alarm budget is shared equally between those that have any. */
enum family { OF_TIME, OF_LOT, OF_SLOT, OF_STATION, OF_FIRMWARE, OF_DRIFT, FAMILIES };

/* One subgroup, lot, slot, station or firmware version, compared with its expectation. */
struct candidate {
	enum family family;
	uint32_t group; /* in its family */
	uint64_t boards, failed;
	double expected;           /* of failed */
	double centre;             /* expected share; below 0: there is nothing to compare with */
	struct stat_counts limits; /* of failed, for the chart */
	bool baseline, outside;
	double p;              /* chance of so many failures or more */
	double score;          /* distance from the expectation, in standard deviations */
	bool named, explained; /* explained: it is a finding, or a consequence of one ... */
	bool told;             /* ... and this tells of which */
	/* Of the first test, with all boards; and the centre for the chart, which comes from a
	 * baseline without boards that earlier findings explain. */
	struct {
		uint64_t boards, failed;
		double expected, p;
	} first;
	double chart_centre;
};

struct comparison {
	const struct report_collector *collector;
	struct cells *cells;
	double tray_factor;
	size_t groups[FAMILIES]; /* how many there are */
	bool *baseline_lot;
	struct candidate *candidate;
	size_t count;
	bool tested;
};

/* Makes the candidates (all but those of OF_DRIFT, which are the caller's to add in the room left:
 * `drifts`), not tested yet. False: no memory. */
bool compare_make(struct comparison *comparison, size_t drifts);

/* Tests every candidate against the cells that are not out. False: no memory. */
bool compare_test(struct comparison *comparison);

/* Whether a cell belongs to a candidate. */
bool compare_has(const struct candidate *candidate, const struct cell *cell);

void compare_free(struct comparison *comparison);

#endif
