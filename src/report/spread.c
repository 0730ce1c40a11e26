/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spread.h"

#include <stdlib.h>
#include <string.h>

#include "h7gang/report/statistics.h"

#define BINS 1024
#define FINE 2048 /* ms, each a bin of its own */

/* Which octave and bin a value falls into. */
static uint32_t bin_of(uint32_t ms, unsigned *octave)
{
	unsigned shift = 0;

	if (ms < FINE) {
		*octave = 0;
		return ms;
	}
	while (ms >> shift >= FINE)
		shift++;
	*octave = shift;
	return (ms >> shift) - BINS;
}

static double bin_start(unsigned octave, uint32_t bin)
{
	return octave == 0 ? bin : (double)(bin + BINS) * (double)(UINT64_C(1) << octave);
}

static double bin_width(unsigned octave)
{
	return octave == 0 ? 1 : (double)(UINT64_C(1) << octave);
}

static uint32_t bins_in(unsigned octave)
{
	return octave == 0 ? FINE : BINS;
}

static bool put(struct spread *spread, uint32_t ms)
{
	unsigned octave;
	uint32_t bin = bin_of(ms, &octave);

	if (!spread->octave[octave])
		spread->octave[octave] = calloc(bins_in(octave), sizeof(uint32_t));
	if (!spread->octave[octave])
		return false;
	spread->octave[octave][bin]++;
	return true;
}

static bool to_bins(struct spread *spread)
{
	for (size_t i = 0; i < spread->count; i++) {
		if (!put(spread, (uint32_t)spread->exact[i]))
			return false;
	}
	free(spread->exact);
	spread->exact = NULL;
	return true;
}

bool spread_add(struct spread *spread, uint64_t value)
{
	uint32_t ms = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;

	if (spread->count == 0) {
		spread->exact = calloc(SPREAD_EXACT, sizeof(*spread->exact));
		spread->least = ms;
		if (!spread->exact)
			return false;
	}
	if (spread->count == SPREAD_EXACT && spread->exact && !to_bins(spread))
		return false;
	if (spread->exact)
		spread->exact[spread->count] = ms;
	else if (!put(spread, ms))
		return false;
	spread->count++;
	spread->sum += ms;
	spread->least = ms < spread->least ? ms : spread->least;
	spread->most = ms > spread->most ? ms : spread->most;
	return true;
}

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

void spread_end(struct spread *spread)
{
	if (spread->exact)
		qsort(spread->exact, spread->count, sizeof(*spread->exact), by_value);
}

double spread_at(const struct spread *spread, double share)
{
	double place = share * (double)(spread->count - 1), before = 0;

	if (spread->exact)
		return stat_percentile(spread->exact, spread->count, share);
	for (unsigned octave = 0; octave < SPREAD_OCTAVES; octave++) {
		if (!spread->octave[octave])
			continue;
		for (uint32_t bin = 0; bin < bins_in(octave); bin++) {
			double here = spread->octave[octave][bin];

			if (before + here > place) /* spread evenly over the bin */
				return bin_start(octave, bin) +
				       (bin_width(octave) - 1) * (place - before) / here;
			before += here;
		}
	}
	return spread->most;
}

static void count_bin(double at, double width, uint64_t number, size_t bins, uint64_t *count,
		      double low)
{
	double place = width > 0 ? (at - low) / width : 0;
	size_t bin = place < 0 ? 0 : (size_t)place;

	count[bin < bins ? bin : bins - 1] += number;
}

void spread_bins(const struct spread *spread, size_t bins, uint64_t *count, double *low,
		 double *high)
{
	double width;

	memset(count, 0, bins * sizeof(*count));
	*low = spread->least;
	*high = spread->most;
	width = (*high - *low) / (double)bins;
	for (size_t i = 0; spread->exact && i < spread->count; i++)
		count_bin(spread->exact[i], width, 1, bins, count, *low);
	for (unsigned octave = 0; octave < SPREAD_OCTAVES; octave++) {
		for (uint32_t bin = 0; spread->octave[octave] && bin < bins_in(octave); bin++)
			count_bin(bin_start(octave, bin), width, spread->octave[octave][bin], bins,
				  count, *low);
	}
}

void spread_free(struct spread *spread)
{
	free(spread->exact);
	for (unsigned octave = 0; octave < SPREAD_OCTAVES; octave++)
		free(spread->octave[octave]);
	*spread = (struct spread){0};
}
