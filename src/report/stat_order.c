/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/report/statistics.h"

/* R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician
 * 50 (1996), 361-365. */
double stat_percentile(const double *ascending, size_t count, double share)
{
	double place = share * (double)(count - 1);
	size_t below = (size_t)place;

	if (below + 1 >= count)
		return ascending[count - 1];
	return ascending[below] +
	       (place - (double)below) * (ascending[below + 1] - ascending[below]);
}

static int by_value(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* The reduction of the variance by equal values. */
static double ties_of(const double *value, size_t count)
{
	double sum = 0;

	for (size_t i = 0, run = 1; i < count; i += run) {
		for (run = 1; i + run < count && !(value[i] < value[i + run]); run++)
			;
		sum += (double)run * (double)(run - 1) * (double)(2 * run + 5);
	}
	return sum;
}

static double tau_chance(double score, double n, double ties)
{
	double variance = (n * (n - 1) * (2 * n + 5) - ties) / 18;

	if (variance <= 0 || fabs(score) < 1)
		return 1;
	return 2 * stat_normal_upper((fabs(score) - 1) / sqrt(variance));
}

/* H. B. Mann, "Nonparametric tests against trend", Econometrica 13 (1945), 245-259; P. K. Sen,
 * "Estimates of the regression coefficient based on Kendall's tau", Journal of the American
 * Statistical Association 63 (1968), 1379-1389. */
bool stat_trend(const double *value, size_t count, struct stat_trend *trend)
{
	size_t pairs = count * (count - (count > 0)) / 2, at = 0;
	double *slope = calloc(pairs + count + 1, sizeof(*slope)), score = 0;

	*trend = (struct stat_trend){0, 1, 0};
	if (!slope)
		return false;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = i + 1; k < count; k++) {
			double step = value[k] - value[i];

			score += (step > 0) - (step < 0);
			slope[at++] = step / (double)(k - i);
		}
	}
	if (count >= 3) {
		double *sorted = slope + pairs;

		memcpy(sorted, value, count * sizeof(*value));
		qsort(sorted, count, sizeof(*sorted), by_value);
		qsort(slope, pairs, sizeof(*slope), by_value);
		trend->tau = score / (double)pairs;
		trend->slope = stat_percentile(slope, pairs, 0.5);
		trend->p = tau_chance(score, (double)count, ties_of(sorted, count));
	}
	free(slope);
	return true;
}
