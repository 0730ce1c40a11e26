/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare.h"

#include <math.h>
#include <stdlib.h>

/* Counts of one family's groups, of the cells that are not out. */
struct sums {
	uint64_t *boards, *failed;
	uint64_t all, all_failed;          /* of the reference: the baseline, or everything */
	uint64_t *own_boards, *own_failed; /* of each group, its share of the reference */
};

static uint32_t group_in(enum family family, const struct cell *cell)
{
	switch (family) {
	case OF_TIME:
		return cell->time;
	case OF_LOT:
		return cell->lot;
	case OF_SLOT:
		return cell->slot;
	case OF_STATION:
		return cell->station;
	case OF_FIRMWARE:
	default:
		return cell->firmware;
	}
}

bool compare_has(const struct candidate *candidate, const struct cell *cell)
{
	return group_in(candidate->family, cell) == candidate->group;
}

/* Times and lots are compared with the baseline; stations and firmware with all others. */
static bool in_reference(const struct comparison *comparison, enum family family,
			 const struct cell *cell)
{
	if (family == OF_TIME)
		return comparison->cells->time_baseline[cell->time];
	if (family == OF_LOT)
		return comparison->baseline_lot[cell->lot];
	return true;
}

static void sums_free(struct sums *sums)
{
	free(sums->boards);
	free(sums->failed);
	free(sums->own_boards);
	free(sums->own_failed);
}

static bool sum(const struct comparison *comparison, enum family family, struct sums *sums)
{
	size_t groups = comparison->groups[family] + 1;

	*sums = (struct sums){.boards = calloc(groups, sizeof(uint64_t)),
			      .failed = calloc(groups, sizeof(uint64_t)),
			      .own_boards = calloc(groups, sizeof(uint64_t)),
			      .own_failed = calloc(groups, sizeof(uint64_t))};
	if (!sums->boards || !sums->failed || !sums->own_boards || !sums->own_failed) {
		sums_free(sums);
		return false;
	}
	for (size_t i = 0; i < comparison->cells->count; i++) {
		const struct cell *cell = &comparison->cells->cell[i];
		uint32_t group = group_in(family, cell);

		if (cell->out)
			continue;
		sums->boards[group] += cell->boards;
		sums->failed[group] += cell->failed;
		if (!in_reference(comparison, family, cell))
			continue;
		sums->own_boards[group] += cell->boards;
		sums->own_failed[group] += cell->failed;
		sums->all += cell->boards;
		sums->all_failed += cell->failed;
	}
	return true;
}

/* Failures that come in trays are less surprising: the probability of a deviation smaller by the
 * root of the tray factor. */
static double eased(double p, double tray_factor)
{
	if (p <= 0 || p >= 1 || tray_factor <= 1)
		return p;
	return stat_normal_upper(stat_normal_upper_quantile(p) / sqrt(tray_factor));
}

/* A group against the reference without it. */
static void test_group(const struct comparison *comparison, struct candidate *candidate,
		       const struct sums *sums)
{
	uint32_t g = candidate->group;
	uint64_t n = sums->boards[g], x = sums->failed[g];
	uint64_t all = sums->all - sums->own_boards[g];
	uint64_t all_failed = sums->all_failed - sums->own_failed[g];
	double tail = stat_normal_upper(3 * sqrt(comparison->tray_factor)), spread;

	candidate->boards = n;
	candidate->failed = x;
	candidate->p = 1;
	candidate->score = 0;
	candidate->outside = false;
	candidate->centre = -1;
	if (all == 0)
		return;
	if (!candidate->explained)
		candidate->chart_centre = (double)all_failed / (double)all;
	if (n == 0)
		return;
	candidate->centre = (double)all_failed / (double)all;
	candidate->expected = (double)n * candidate->centre;
	candidate->limits = stat_binomial_limits(n, candidate->centre, tail);
	candidate->outside = x > candidate->limits.high;
	candidate->p =
		eased(stat_fisher_upper(x, n, x + all_failed, n + all), comparison->tray_factor);
	spread = sqrt(fmax(candidate->expected, 0.5) * comparison->tray_factor);
	candidate->score = ((double)x - candidate->expected) / spread;
}

/* --- slots: against the others of the same station, day, lot and firmware --- */

struct strata_sums {
	uint64_t boards, failed;
};

static bool test_slots(struct comparison *comparison, struct candidate *candidates, size_t count)
{
	const struct cells *cells = comparison->cells;
	struct strata_sums *all = calloc(cells->strata.count + 1, sizeof(*all));
	struct stat_stratum *strata = calloc(cells->strata.count + 1, sizeof(*strata));
	size_t at = 0;
	bool good = all && strata;

	for (size_t i = 0; good && i < cells->count; i++) {
		if (cells->cell[i].out)
			continue;
		all[cells->cell[i].stratum].boards += cells->cell[i].boards;
		all[cells->cell[i].stratum].failed += cells->cell[i].failed;
	}
	/* Both are in the order of the slots. */
	for (size_t k = 0; good && k < count; k++) {
		struct candidate *slot = &candidates[k];
		size_t used = 0;

		slot->boards = slot->failed = 0;
		slot->expected = 0;
		for (; at < cells->count && cells->cell[at].slot == slot->group; at++) {
			const struct cell *cell = &cells->cell[at];
			const struct strata_sums *sums = &all[cell->stratum];

			if (cell->out)
				continue;
			slot->boards += cell->boards;
			slot->failed += cell->failed;
			slot->expected +=
				(double)cell->boards * (double)sums->failed / (double)sums->boards;
			strata[used++] = (struct stat_stratum){cell->failed, cell->boards,
							       sums->failed, sums->boards};
		}
		slot->centre = slot->boards ? slot->expected / (double)slot->boards : -1;
		slot->outside = (double)slot->failed > slot->expected;
		slot->score =
			((double)slot->failed - slot->expected) / sqrt(fmax(slot->expected, 0.5));
		good = stat_fisher_strata(strata, used, &slot->p);
	}
	free(all);
	free(strata);
	return good;
}

/* --- all of it --- */

bool compare_make(struct comparison *comparison, size_t drifts)
{
	const struct report_collector *collector = comparison->collector;
	size_t total = drifts + 1;

	comparison->groups[OF_TIME] = comparison->cells->times.count;
	comparison->groups[OF_LOT] = collector->by[BY_LOT].names.count;
	comparison->groups[OF_SLOT] = collector->by[BY_SLOT].names.count;
	comparison->groups[OF_STATION] = collector->by[BY_STATION].names.count;
	comparison->groups[OF_FIRMWARE] = collector->by[BY_FIRMWARE].names.count;
	for (size_t family = 0; family < OF_DRIFT; family++)
		total += comparison->groups[family];
	comparison->candidate = calloc(total, sizeof(*comparison->candidate));
	if (!comparison->candidate)
		return false;
	for (size_t family = 0; family < OF_DRIFT; family++) {
		for (size_t i = 0; i < comparison->groups[family]; i++)
			comparison->candidate[comparison->count++] =
				(struct candidate){.family = (enum family)family,
						   .group = (uint32_t)i,
						   .p = 1,
						   .chart_centre = -1};
	}
	return true;
}

bool compare_test(struct comparison *comparison)
{
	struct candidate *candidate = comparison->candidate;

	for (size_t family = 0; family < OF_DRIFT; family++) {
		size_t count = comparison->groups[family];
		struct sums sums;

		if (family == OF_SLOT) {
			if (!test_slots(comparison, candidate, count))
				return false;
		} else {
			if (!sum(comparison, (enum family)family, &sums))
				return false;
			for (size_t i = 0; i < count; i++)
				test_group(comparison, &candidate[i], &sums);
			sums_free(&sums);
		}
		candidate += count;
	}
	for (size_t i = 0; !comparison->tested && i < comparison->count; i++) {
		candidate = &comparison->candidate[i];
		candidate->first.boards = candidate->boards;
		candidate->first.failed = candidate->failed;
		candidate->first.expected = candidate->expected;
		candidate->first.p = candidate->p;
	}
	comparison->tested = true;
	return true;
}

void compare_free(struct comparison *comparison)
{
	free(comparison->candidate);
	free(comparison->baseline_lot);
}
