/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cycle times by kind of attempt, and whether a station's drift. */
#include <stdlib.h>
#include <string.h>

#include "collect.h"

#define POINTS_MIN                                                                                 \
	8 /* subgroups that a trend needs; by the hour where there are not so many days */

static const char *next(const char *text)
{
	return text + strlen(text) + 1;
}

static bool make_strata(struct report_collector *collector)
{
	struct cycles *cycles = &collector->cycles;
	struct report *report = &collector->report;

	report->strata = cycles->strata.count;
	report->stratum = report_keep(collector, report->strata, sizeof(*report->stratum));
	if (!report->stratum)
		return false;
	for (size_t i = 0; i < report->strata; i++) {
		struct report_stratum *stratum = &report->stratum[i];

		stratum->erase_method = cycles->strata.text[i];
		stratum->bootloader = next(stratum->erase_method);
		stratum->hubs = (unsigned)(*next(stratum->bootloader) - '0');
		for (size_t k = 0; k < REPORT_PHASES; k++) {
			struct spread *spread = &cycles->phase[i * REPORT_PHASES + k];

			spread_end(spread);
			stratum->phase[k].count = spread->count;
			if (spread->count == 0)
				continue;
			stratum->phase[k].median = spread_at(spread, 0.5);
			stratum->phase[k].p95 = spread_at(spread, 0.95);
		}
	}
	return true;
}

static void make_cycle(struct report_collector *collector)
{
	static const double share[] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
	struct spread *all = &collector->cycles.all;
	struct report *report = &collector->report;

	spread_end(all);
	report->cycle.count = all->count;
	for (size_t i = 0; all->count && i < sizeof(share) / sizeof(share[0]); i++)
		report->cycle.at[i] = spread_at(all, share[i]);
	if (all->count) {
		report->cycle.at[0] = all->least;
		report->cycle.at[6] = all->most;
		spread_bins(all, sizeof(report->cycle.bin) / sizeof(report->cycle.bin[0]),
			    report->cycle.bin, &report->cycle.low, &report->cycle.high);
	}
}

/* --- drift --- */

struct drift_sums {
	double *kind_n, *kind_sum;  /* of all its hours */
	struct report_drift *drift; /* by station */
	size_t stations;
	int64_t first, per; /* the first subgroup, and hours in one */
	size_t points;
	double *n, *sum; /* stations times points */
};

static bool kind_means(const struct cycles *cycles, struct drift_sums *sums)
{
	sums->kind_n = calloc(cycles->kinds.count + 1, sizeof(double));
	sums->kind_sum = calloc(cycles->kinds.count + 1, sizeof(double));
	if (!sums->kind_n || !sums->kind_sum)
		return false;
	for (size_t i = 0; i < cycles->hours.count; i++) {
		sums->kind_n[cycles->hour[i].kind] += cycles->hour[i].n;
		sums->kind_sum[cycles->hour[i].kind] += cycles->hour[i].sum;
	}
	return true;
}

/* Subgroups are days, or hours of a period too short for days. */
static bool make_points(const struct cycles *cycles, struct drift_sums *sums, const char **span)
{
	int64_t low = INT64_MAX, high = INT64_MIN;

	for (size_t i = 0; i < cycles->hours.count; i++) {
		low = cycles->hour[i].hour < low ? cycles->hour[i].hour : low;
		high = cycles->hour[i].hour > high ? cycles->hour[i].hour : high;
	}
	if (cycles->hours.count == 0 || high - low > 24 * 366 * 20)
		return true;
	sums->per = high / 24 - low / 24 + 1 >= POINTS_MIN ? 24 : 1;
	*span = sums->per == 24 ? "day" : "hour";
	sums->first = low / sums->per;
	sums->points = (size_t)(high / sums->per - sums->first + 1);
	sums->n = calloc(sums->stations * sums->points + 1, sizeof(double));
	sums->sum = calloc(sums->stations * sums->points + 1, sizeof(double));
	if (!sums->n || !sums->sum)
		return false;
	for (size_t i = 0; i < cycles->hours.count; i++) {
		const struct hour_sums *hour = &cycles->hour[i];
		size_t at = cycles->station[hour->kind] * sums->points +
			    (size_t)(hour->hour / sums->per - sums->first);

		sums->n[at] += hour->n;
		sums->sum[at] +=
			hour->sum - hour->n * sums->kind_sum[hour->kind] / sums->kind_n[hour->kind];
	}
	return true;
}

/* The mean deviation of each subgroup that has passed attempts, and its trend. */
static bool make_trend(struct report_collector *collector, const struct drift_sums *sums,
		       size_t station, struct report_drift *drift)
{
	const double *n = &sums->n[station * sums->points];
	const double *sum = &sums->sum[station * sums->points];

	drift->deviation = report_keep(collector, sums->points, sizeof(double));
	drift->ms_local = report_keep(collector, sums->points, sizeof(double));
	if (!drift->deviation || !drift->ms_local)
		return false;
	for (size_t i = 0; i < sums->points; i++) {
		if (n[i] < 1)
			continue;
		drift->ms_local[drift->points] =
			(double)((sums->first + (int64_t)i) * sums->per) * 3600000;
		drift->deviation[drift->points++] = sum[i] / n[i];
	}
	if (!stat_trend(drift->deviation, drift->points, &drift->trend))
		return false;
	drift->change = drift->points ? drift->trend.slope * (double)(drift->points - 1) : 0;
	return true;
}

/* The usual time of a station: the mean of its kinds, by their numbers. */
static double usual(const struct cycles *cycles, const struct drift_sums *sums, size_t station)
{
	double n = 0, sum = 0;

	for (size_t i = 0; i < cycles->kinds.count; i++) {
		if (cycles->station[i] != station)
			continue;
		n += sums->kind_n[i];
		sum += sums->kind_sum[i];
	}
	return n > 0 ? sum / n : 0;
}

static bool make_drifts(struct report_collector *collector)
{
	struct report *report = &collector->report;
	struct drift_sums sums = {.stations = collector->by[BY_STATION].names.count};
	bool good;

	report->drift_span = "day";
	report->drift = report_keep(collector, sums.stations, sizeof(*report->drift));
	good = report->drift && kind_means(&collector->cycles, &sums) &&
	       make_points(&collector->cycles, &sums, &report->drift_span);
	for (size_t i = 0; good && sums.points && i < sums.stations; i++) {
		struct report_drift *drift = &report->drift[report->drifts];

		drift->station = group_name(collector, BY_STATION, (uint32_t)i, NULL);
		drift->median = usual(&collector->cycles, &sums, i);
		good = make_trend(collector, &sums, i, drift);
		report->drifts += drift->points > 0;
	}
	free(sums.kind_n);
	free(sums.kind_sum);
	free(sums.n);
	free(sums.sum);
	return good;
}

bool sum_cycles(struct report_collector *collector)
{
	make_cycle(collector);
	return make_strata(collector) && make_drifts(collector);
}
