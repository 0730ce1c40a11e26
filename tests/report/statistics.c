/* SPDX-License-Identifier: GPL-2.0-or-later */
/* statistics <DATA: for each line "NAME NUMBER..." on standard input, the function's results on one
 * line. tests/long/statistics.sh holds them against scipy's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/report/statistics.h"

#define NUMBERS_MAX 4096

static double in[NUMBERS_MAX];
static size_t count;

static uint64_t whole(size_t i)
{
	return (uint64_t)in[i];
}

static void wilson(void)
{
	struct stat_interval got = stat_wilson(in[0], in[1], STAT_Z95);

	printf("%.17g %.17g\n", got.low, got.high);
}

static void binomial(void)
{
	struct stat_counts got = stat_binomial_limits(whole(0), in[1], in[2]);

	printf("%.17g %.17g %.17g %.17g\n", (double)got.low, (double)got.high,
	       stat_binomial_lower(in[3], in[0], in[1]), stat_binomial_upper(in[3], in[0], in[1]));
}

/* p, then pairs of failed and n. */
static void laney(void)
{
	uint64_t failed[NUMBERS_MAX], n[NUMBERS_MAX];
	size_t groups = (count - 1) / 2;
	struct stat_interval got;
	double sigma;

	for (size_t i = 0; i < groups; i++) {
		failed[i] = whole(1 + 2 * i);
		n[i] = whole(2 + 2 * i);
	}
	sigma = stat_laney_sigma(failed, n, groups, in[0]);
	got = stat_laney_limits(in[0], (double)n[0], sigma);
	printf("%.17g %.17g %.17g\n", sigma, got.low, got.high);
}

static void gap(void)
{
	struct stat_counts got = stat_gap_limits(in[0], in[1]);

	printf("%.17g %.17g\n", (double)got.low, (double)got.high);
}

/* p0, p1, then 0 or 1 a board: the highest and the last level. */
static void cusum(void)
{
	struct stat_cusum steps = stat_cusum_steps(in[0], in[1]);
	double level = 0, most = 0;

	for (size_t i = 2; i < count; i++) {
		level += in[i] > 0 ? steps.failed : steps.good;
		level = level < 0 ? 0 : level;
		most = level > most ? level : most;
	}
	printf("%.17g %.17g\n", most, level);
}

static void fisher(void)
{
	printf("%.17g\n", stat_fisher_upper(whole(0), whole(1), whole(2), whole(3)));
}

static void strata(void)
{
	struct stat_stratum some[NUMBERS_MAX / 4];
	double chance;

	for (size_t i = 0; i < count / 4; i++)
		some[i] = (struct stat_stratum){whole(4 * i), whole(4 * i + 1), whole(4 * i + 2),
						whole(4 * i + 3)};
	if (!stat_fisher_strata(some, count / 4, &chance))
		abort();
	printf("%.17g\n", chance);
}

static void fdr(void)
{
	double adjusted[NUMBERS_MAX];

	if (!stat_fdr(in, count, adjusted))
		abort();
	for (size_t i = 0; i < count; i++)
		printf("%.17g%c", adjusted[i], i + 1 < count ? ' ' : '\n');
}

/* The share, then ascending values. */
static void percentile(void)
{
	printf("%.17g\n", stat_percentile(in + 1, count - 1, in[0]));
}

static void trend(void)
{
	struct stat_trend got;

	if (!stat_trend(in, count, &got))
		abort();
	printf("%.17g %.17g\n", got.tau, got.slope);
}

static void normal(void)
{
	printf("%.17g %.17g\n", stat_normal_upper(in[0]), stat_normal_upper_quantile(in[1]));
}

static void beta(void)
{
	printf("%.17g\n", stat_beta(in[0], in[1], in[2]));
}

static const struct {
	const char *name;
	void (*run)(void);
} functions[] = {{"wilson", wilson}, {"binomial", binomial}, {"laney", laney},
		 {"gap", gap},       {"cusum", cusum},       {"fisher", fisher},
		 {"strata", strata}, {"fdr", fdr},           {"percentile", percentile},
		 {"trend", trend},   {"normal", normal},     {"beta", beta}};

int main(void)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		char *name = strtok(line, " \n"), *number;

		count = 0;
		while ((number = strtok(NULL, " \n")) != NULL && count < NUMBERS_MAX)
			in[count++] = strtod(number, NULL);
		for (size_t i = 0; name && i < sizeof(functions) / sizeof(functions[0]); i++) {
			if (strcmp(functions[i].name, name) == 0)
				functions[i].run();
		}
	}
	free(line);
	return 0;
}
