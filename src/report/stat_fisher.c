/* SPDX-License-Identifier: GPL-2.0-or-later */
/* R. A. Fisher, "The design of experiments" (1935), chapter II. Over strata: M. Zelen, "The
 * analysis of several 2x2 contingency tables", Biometrika 58 (1971), 129-137. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/report/statistics.h"

/* The least, the most probable and the greatest value of a hypergeometric variable. */
struct range {
	uint64_t least, mode, most;
};

static struct range range_of(const struct stat_stratum *s)
{
	struct range range = {s->n + s->all_bad > s->total ? s->n + s->all_bad - s->total : 0, 0,
			      s->n < s->all_bad ? s->n : s->all_bad};
	double mode = (double)(s->n + 1) * (double)(s->all_bad + 1) / (double)(s->total + 2);

	range.mode = (uint64_t)mode;
	if (range.mode < range.least)
		range.mode = range.least;
	if (range.mode > range.most)
		range.mode = range.most;
	return range;
}

/* P(X = k + 1) / P(X = k). */
static double ratio_up(const struct stat_stratum *s, uint64_t k)
{
	return (double)(s->n - k) * (double)(s->all_bad - k) /
	       ((double)(k + 1) * (double)(s->total - s->n - s->all_bad + k + 1));
}

/* By the ratio of one term to the next, from the mode, which is taken as 1: nothing overflows, and
 * terms that underflow do not count. */
double stat_fisher_upper(uint64_t bad, uint64_t n, uint64_t all_bad, uint64_t total)
{
	const struct stat_stratum s = {bad, n, all_bad, total};
	struct range range = range_of(&s);
	double sum = 1, tail, term = 1;

	if (bad <= range.least)
		return 1;
	if (bad > range.most)
		return 0;
	tail = range.mode >= bad ? 1 : 0;
	for (uint64_t k = range.mode; k < range.most && term > 0; k++) {
		term *= ratio_up(&s, k);
		sum += term;
		tail += k + 1 >= bad ? term : 0;
	}
	term = 1;
	for (uint64_t k = range.mode; k > range.least && term > 0; k--) {
		term /= ratio_up(&s, k - 1);
		sum += term;
		tail += k - 1 >= bad ? term : 0;
	}
	return tail / sum;
}

/* Probabilities of the values from `least` on; less probable ones are left out. */
#define NEGLIGIBLE 1e-100
/* From this variance on the sum is taken as normal: its skewness is below 0.02 then, and the exact
 * distribution has thousands of values for each of hundreds of slots. */
#define NORMAL_FROM 2500.0

struct spread {
	double *p;
	uint64_t least;
	size_t count;
};

/* The values around the mode that count; false: no memory. */
static bool spread_of(const struct stat_stratum *s, struct spread *spread)
{
	struct range range = range_of(s);
	uint64_t first = range.mode, last = range.mode;
	double sum = 1, term = 1;

	while (last < range.most && term > NEGLIGIBLE)
		term *= ratio_up(s, last++);
	for (term = 1; first > range.least && term > NEGLIGIBLE;)
		term /= ratio_up(s, --first);
	spread->least = first;
	spread->count = (size_t)(last - first) + 1;
	spread->p = calloc(spread->count, sizeof(*spread->p));
	if (!spread->p)
		return false;
	spread->p[range.mode - first] = 1;
	for (uint64_t k = range.mode; k < last; k++)
		sum += spread->p[k + 1 - first] = spread->p[k - first] * ratio_up(s, k);
	for (uint64_t k = range.mode; k > first; k--)
		sum += spread->p[k - 1 - first] = spread->p[k - first] / ratio_up(s, k - 1);
	for (size_t k = 0; k < spread->count; k++)
		spread->p[k] /= sum;
	return true;
}

/* The distribution of the sum of both, without its negligible ends, into `sum`. False: no memory.
 */
static bool fold(struct spread *sum, const struct spread *one)
{
	size_t count = sum->count + one->count - 1, skip = 0;
	double *p = calloc(count, sizeof(*p));

	if (!p)
		return false;
	for (size_t i = 0; i < sum->count; i++)
		for (size_t k = 0; k < one->count; k++)
			p[i + k] += sum->p[i] * one->p[k];
	free(sum->p);
	while (count > 1 && p[count - 1] < NEGLIGIBLE)
		count--;
	while (skip + 1 < count && p[skip] < NEGLIGIBLE)
		skip++;
	memmove(p, p + skip, (count - skip) * sizeof(*p));
	*sum = (struct spread){p, sum->least + one->least + skip, count - skip};
	return true;
}

/* Mean and variance of the sum (of hypergeometric variables). */
static void moments(const struct stat_stratum *strata, size_t count, double *mean, double *variance)
{
	*mean = *variance = 0;
	for (size_t i = 0; i < count; i++) {
		double n = (double)strata[i].n, bad = (double)strata[i].all_bad;
		double total = (double)strata[i].total;

		if (total < 2)
			continue;
		*mean += n * bad / total;
		*variance += n * bad / total * (total - bad) / total * (total - n) / (total - 1);
	}
}

static double tail(const struct spread *sum, uint64_t bad)
{
	double chance = 0;

	for (size_t i = sum->count; i-- > 0 && sum->least + i >= bad;)
		chance += sum->p[i];
	return fmin(1, chance);
}

bool stat_fisher_strata(const struct stat_stratum *strata, size_t count, double *chance)
{
	struct spread sum = {calloc(1, sizeof(double)), 0, 1}, one = {NULL, 0, 0};
	double mean, variance;
	uint64_t bad = 0;
	bool good = sum.p != NULL;

	moments(strata, count, &mean, &variance);
	for (size_t i = 0; i < count; i++)
		bad += strata[i].bad;
	if (good && variance >= NORMAL_FROM) {
		*chance = erfc(((double)bad - 0.5 - mean) / sqrt(2 * variance)) / 2;
		free(sum.p);
		return true;
	}
	if (good)
		sum.p[0] = 1;
	for (size_t i = 0; good && i < count; i++) {
		good = spread_of(&strata[i], &one) && fold(&sum, &one);
		free(one.p);
	}
	if (good)
		*chance = tail(&sum, bad);
	free(sum.p);
	return good;
}
