/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statistics of the report: one function a formula, each with its source beside its code.
 * tests/long/statistics.sh compares every one of them with scipy.
 *
 * Counts are doubles where a formula is not exact anyway. Probabilities are 0..1, shares are
 * fractions, not percent. Nothing here allocates unless it says so; nothing keeps state. */
#ifndef H7GANG_REPORT_STATISTICS_H
#define H7GANG_REPORT_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The probability of one side beyond three standard deviations: Shewhart's limits. */
#define STAT_THREE_SIGMA 0.0013498980316300933
/* The standard normal's quantile at 0.975: two-sided 95 %. */
#define STAT_Z95 1.959963984540054

struct stat_interval {
	double low, high;
};

/* --- distributions (stat_special.c) --- */

/* P(Z > z), exact in the far tail; and its inverse: the z with P(Z > z) = p, 0 < p < 1. */
double stat_normal_upper(double z);
double stat_normal_upper_quantile(double p);

/* The regularized incomplete beta function I_x(a, b); a, b > 0, 0 <= x <= 1. */
double stat_beta(double a, double b, double x);

/* P(X <= k) and P(X >= k) of a binomial distribution; `n` and `k` may be fractional. */
double stat_binomial_lower(double k, double n, double p);
double stat_binomial_upper(double k, double n, double p);

/* --- yields (stat_binomial.c) --- */

/* The Wilson interval for `x` of `n`; the whole of 0..1 for n = 0. */
struct stat_interval stat_wilson(double x, double n, double z);

/* Counts within which a binomial variable stays: P(X < low) <= tail and P(X > high) <= tail. */
struct stat_counts {
	uint64_t low, high;
};
struct stat_counts stat_binomial_limits(uint64_t n, double p, double tail);

/* --- charts (stat_charts.c) --- */

/* Laney's sigma_z of subgroups: the spread between them in units of the binomial one. 1 when there
 * are fewer than two subgroups, or none fails. */
double stat_laney_sigma(const uint64_t *failed, const uint64_t *n, size_t count, double p);

/* The p' chart's limits for a subgroup of `n`, cut at 0 and 1. */
struct stat_interval stat_laney_limits(double p, double n, double sigma_z);

/* The g chart: within how many good boards between two failures a gap stays, when boards fail with
 * probability `p`: P(gap < low) <= tail and P(gap > high) <= tail. */
struct stat_counts stat_gap_limits(double p, double tail);

/* The steps of a Bernoulli CUSUM for a rise from `p0` to `p1`, for a good and a failed board. It
 * never goes below 0. */
struct stat_cusum {
	double good, failed;
};
struct stat_cusum stat_cusum_steps(double p0, double p1);

/* The height that `boards` boards reach with a probability of at most `chance`. */
double stat_cusum_height(double boards, double chance);

/* --- comparisons (stat_fisher.c) --- */

/* P(X >= bad) when `n` of `total` are drawn, of which `all_bad` are bad (Fisher's exact test,
 * one-sided). */
double stat_fisher_upper(uint64_t bad, uint64_t n, uint64_t all_bad, uint64_t total);

/* The same over several strata: P(the sum of the strata's X >= the sum of their `bad`), exact; by
 * the normal distribution where the sum's variance is 2500 or more. */
struct stat_stratum {
	uint64_t bad, n, all_bad, total;
};
/* `*chance`; false: no memory. */
bool stat_fisher_strata(const struct stat_stratum *strata, size_t count, double *chance);

/* --- many comparisons (stat_fdr.c) --- */

/* Benjamini and Hochberg: adjusts `p[0..count)` to the smallest false discovery rate at which each
 * would be named, into `adjusted`. False: no memory. */
bool stat_fdr(const double *p, size_t count, double *adjusted);

/* --- order (stat_order.c) --- */

/* The percentile at `share` of ascending values, between neighbours in proportion (type 7 of
 * Hyndman and Fan, the default of R and numpy). There must be at least one value. */
double stat_percentile(const double *ascending, size_t count, double share);

/* Kendall's tau of `value` against its place, and the two-sided probability of one so far from 0 by
 * chance (normal approximation with ties and continuity). Needs three values; p is 1 with fewer. */
struct stat_trend {
	double tau, p;
	double slope; /* Theil and Sen's: the median of the slopes of all pairs, per place */
};
/* False: no memory. */
bool stat_trend(const double *value, size_t count, struct stat_trend *trend);

#endif
