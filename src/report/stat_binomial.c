/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "h7gang/report/statistics.h"

/* E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
 * the American Statistical Association 22 (1927), 209-212. Recommended for shares near 0 and 1 by
 * Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133. */
struct stat_interval stat_wilson(double x, double n, double z)
{
	double share, middle, half, scale;

	if (n <= 0)
		return (struct stat_interval){0, 1};
	share = x / n;
	scale = 1 + z * z / n;
	middle = (share + z * z / (2 * n)) / scale;
	half = z / scale * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
	/* Exact at the ends, where rounding would leave a trace. */
	return (struct stat_interval){x <= 0 ? 0 : fmax(0, middle - half),
				      x >= n ? 1 : fmin(1, middle + half)};
}

/* The least k with P(X <= k) >= share. */
static uint64_t binomial_quantile(uint64_t n, double p, double share)
{
	uint64_t low = 0, high = n;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (stat_binomial_lower((double)middle, (double)n, p) >= share)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The least k with P(X > k) <= tail: by the upper tail itself, since 1 - tail would lose digits. */
static uint64_t binomial_upper_limit(uint64_t n, double p, double tail)
{
	uint64_t low = 0, high = n;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (stat_binomial_upper((double)middle + 1, (double)n, p) <= tail)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Probability limits instead of mean and three sigma, which are wrong for rare failures: Ryan and
 * Schwertman, "Optimal limits for attributes control charts", Journal of Quality Technology 29
 * (1997), 86-98. */
struct stat_counts stat_binomial_limits(uint64_t n, double p, double tail)
{
	return (struct stat_counts){binomial_quantile(n, p, tail),
				    binomial_upper_limit(n, p, tail)};
}
