/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "h7gang/report/statistics.h"

/* The mean range of two standard normal values. */
#define D2_OF_TWO 1.1283791670955126 /* 2 / sqrt(pi) */

/* D. B. Laney, "Improved control charts for attributes", Quality Engineering 14 (2002), 531-537. */
double stat_laney_sigma(const uint64_t *failed, const uint64_t *n, size_t count, double p)
{
	double before = 0, sum = 0;
	size_t pairs = 0;

	if (p <= 0 || p >= 1)
		return 1;
	for (size_t i = 0; i < count; i++) {
		double z =
			((double)failed[i] / (double)n[i] - p) / sqrt(p * (1 - p) / (double)n[i]);

		if (i > 0) {
			sum += fabs(z - before);
			pairs++;
		}
		before = z;
	}
	return pairs ? sum / (double)pairs / D2_OF_TWO : 1;
}

struct stat_interval stat_laney_limits(double p, double n, double sigma_z)
{
	double half = n > 0 ? 3 * sqrt(p * (1 - p) / n) * sigma_z : 1;

	return (struct stat_interval){fmax(0, p - half), fmin(1, p + half)};
}

/* P(gap <= k) = 1 - (1 - p)^(k + 1). J. C. Benneyan, "Number-between g-type statistical quality
 * control charts for monitoring adverse events", Health Care Management Science 4 (2001), 305-318,
 * with probability limits. */
struct stat_counts stat_gap_limits(double p, double tail)
{
	double log_good;
	struct stat_counts limits = {0, UINT64_MAX};

	if (p <= 0 || p >= 1)
		return limits;
	log_good = log1p(-p);
	/* The least k with P(gap <= k) >= tail, and the least with P(gap > k) <= tail. */
	limits.low = (uint64_t)fmax(0, ceil(log1p(-tail) / log_good - 1 - 1e-9));
	limits.high = (uint64_t)fmax(0, ceil(log(tail) / log_good - 1 - 1e-9));
	return limits;
}

/* The log likelihood ratio of one board: M. R. Reynolds and Z. G. Stoumbos, "A CUSUM chart for
 * monitoring a proportion when inspecting continuously", Journal of Quality Technology 31 (1999),
 * 87-108. */
struct stat_cusum stat_cusum_steps(double p0, double p1)
{
	return (struct stat_cusum){log1p(-p1) - log1p(-p0), log(p1) - log(p0)};
}

/* From 0 the sum reaches h before it comes back with a probability of at most exp(-h) (a likelihood
 * ratio is a martingale), and it can start once a board. G. Lorden, "Procedures for reacting to a
 * change in distribution", Annals of Mathematical Statistics 42 (1971), 1897-1908. */
double stat_cusum_height(double boards, double chance)
{
	return log(fmax(1, boards) / chance);
}
