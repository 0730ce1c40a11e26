/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal
 * Statistical Society B 57 (1995), 289-300. */
#include <math.h>
#include <stdlib.h>

#include "h7gang/report/statistics.h"

struct ranked {
	double p;
	size_t place;
};

static int by_p(const void *a, const void *b)
{
	const struct ranked *left = a, *right = b;

	return left->p < right->p ? -1 : left->p > right->p;
}

bool stat_fdr(const double *p, size_t count, double *adjusted)
{
	struct ranked *ranked = calloc(count + 1, sizeof(*ranked));
	double least = 1;

	if (!ranked)
		return false;
	for (size_t i = 0; i < count; i++)
		ranked[i] = (struct ranked){p[i], i};
	qsort(ranked, count, sizeof(*ranked), by_p);
	for (size_t rank = count; rank > 0; rank--) {
		least = fmin(least, ranked[rank - 1].p * (double)count / (double)rank);
		adjusted[ranked[rank - 1].place] = least;
	}
	free(ranked);
	return true;
}
