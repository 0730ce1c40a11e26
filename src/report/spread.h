/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Percentiles of many durations in little memory: exact up to 1024 values; beyond, each value is
 * kept to 1 ms below 2 s and to one part in a thousand above. */
#ifndef REPORT_SPREAD_H
#define REPORT_SPREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPREAD_EXACT 1024
#define SPREAD_OCTAVES 23 /* from 2048 ms on, each twice as wide: to the end of 32 bits */

struct spread {
	uint64_t count;
	double sum;
	uint32_t least, most;
	double *exact;                    /* NULL once there are more */
	uint32_t *octave[SPREAD_OCTAVES]; /* [0] holds 0..2047, the others 1024 bins each */
};

/* False: no memory. */
bool spread_add(struct spread *spread, uint64_t ms);

/* The value below which `share` of them lie, in ms. There must be some. */
double spread_at(const struct spread *spread, double share);

/* Sorts the exact values: call it once before spread_at. */
void spread_end(struct spread *spread);

/* Splits the range of the values into `bins` and counts them; the range's ends into `*low`, `*high`
 * (ms). */
void spread_bins(const struct spread *spread, size_t bins, uint64_t *count, double *low,
		 double *high);

void spread_free(struct spread *spread);

#endif
