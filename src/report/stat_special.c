/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Distributions. The incomplete beta function is the continued fraction of the NIST Digital Library
 * of Mathematical Functions, https://dlmf.nist.gov/8.17.E22, by Lentz's method. */
#include <math.h>

#include "h7gang/report/statistics.h"

#define TERMS_MAX 100000
#define TINY 1e-300
#define CLOSE 1e-15

double stat_normal_upper(double z)
{
	return 0.5 * erfc(z / sqrt(2));
}

/* Newton's method on the logarithm, which is close to a parabola: a dozen steps from anywhere. */
double stat_normal_upper_quantile(double p)
{
	double z;

	if (p > 0.5)
		return -stat_normal_upper_quantile(1 - p);
	z = sqrt(-2 * log(p));
	z = z > 1 ? z - log(z * 2.5066) / z : z - 1;
	for (int i = 0; i < 60; i++) {
		double tail = stat_normal_upper(z);
		double density = exp(-z * z / 2) / sqrt(2 * M_PI);
		double step = (log(tail) - log(p)) * tail / density;

		z += step;
		if (fabs(step) < 1e-14)
			break;
	}
	return z;
}

/* One step of Lentz's method: keeps a denominator from 0. */
static double kept(double value)
{
	return fabs(value) < TINY ? TINY : value;
}

static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / kept(1 - (a + b) * x / (a + 1)), h = d;

	for (int m = 1; m < TERMS_MAX; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double change;

		d = 1 / kept(1 + even * d);
		c = kept(1 + even / c);
		h *= d * c;
		d = 1 / kept(1 + odd * d);
		c = kept(1 + odd / c);
		change = d * c;
		h *= change;
		if (fabs(change - 1) < CLOSE)
			break;
	}
	return h;
}

static double log_gamma(double x)
{
	int sign;

	return lgamma_r(x, &sign);
}

double stat_beta(double a, double b, double x)
{
	double front;

	if (x <= 0)
		return 0;
	if (x >= 1)
		return 1;
	front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
	/* The fraction converges quickly on this side; the other one is its mirror. */
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* P(X <= k) = I_{1-p}(n - k, k + 1): https://dlmf.nist.gov/8.17.E5. */
double stat_binomial_lower(double k, double n, double p)
{
	if (k < 0)
		return 0;
	return k >= n ? 1 : stat_beta(n - k, k + 1, 1 - p);
}

double stat_binomial_upper(double k, double n, double p)
{
	if (k <= 0)
		return 1;
	return k > n ? 0 : stat_beta(k, n - k + 1, p);
}
