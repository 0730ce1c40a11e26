#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""compare.py PROGRAM: holds the report's statistics against scipy's, on generated data sets."""
import itertools
import math
import random
import subprocess
import sys

import numpy
from scipy import special, stats

SETS = 60
TAIL = 0.0013498980316300933
random.seed(20261122)


def wilson():
    n = random.choice([1, 5, 40, 700, 20000, 10**6])
    x = random.randint(0, n)
    interval = stats.binomtest(x, n).proportion_ci(0.95, "wilson")
    return [x, n], [interval.low, interval.high]


def binomial():
    n = random.choice([1, 10, 200, 6600, 200000])
    p = random.choice([0.0005, 0.002, 0.014, 0.05, 0.4])
    k = random.randint(0, min(n, int(n * p * 3) + 3))
    tail = random.choice([TAIL, 0.025, 1e-6])
    high = int(stats.binom.isf(tail, n, p))
    while high > 0 and stats.binom.sf(high - 1, n, p) <= tail:
        high -= 1
    while stats.binom.sf(high, n, p) > tail:
        high += 1
    return [n, p, tail, k], [stats.binom.ppf(tail, n, p), high, stats.binom.cdf(k, n, p),
                             stats.binom.sf(k - 1, n, p)]


def laney():
    groups, p = random.randint(2, 40), random.choice([0.01, 0.05, 0.2])
    n = [random.randint(50, 5000) for _ in range(groups)]
    failed = [int(numpy.random.RandomState(random.randint(0, 10**6)).binomial(m, p)) for m in n]
    z = [(x / m - p) / math.sqrt(p * (1 - p) / m) for x, m in zip(failed, n)]
    sigma = numpy.mean(numpy.abs(numpy.diff(z))) / (2 / math.sqrt(math.pi))
    half = 3 * math.sqrt(p * (1 - p) / n[0]) * sigma
    return [p] + list(itertools.chain(*zip(failed, n))), [sigma, max(0, p - half), min(1, p + half)]


def gap():
    p = random.choice([0.0001, 0.0014, 0.01, 0.05, 0.3]) * random.uniform(0.5, 2)
    return [p, TAIL], [stats.geom.ppf(TAIL, p) - 1, stats.geom.isf(TAIL, p) - 1]


def cusum():
    p0 = random.choice([0.002, 0.01, 0.05])
    boards = [int(random.random() < 2 * p0) for _ in range(random.randint(10, 3000))]
    steps = [math.log((1 - 2 * p0) / (1 - p0)), math.log(2)]
    level = most = 0.0
    for board in boards:
        level = max(0.0, level + steps[board])
        most = max(most, level)
    return [p0, 2 * p0] + boards, [most, level]


def table():
    total = random.choice([8, 60, 900, 200000])
    n = random.randint(1, total)
    bad = random.randint(0, min(total, 400))
    low, high = max(0, n + bad - total), min(n, bad)
    usual = n * bad / total
    x = min(high, max(low, int(usual + random.uniform(-2, 4) * math.sqrt(usual + 1))))
    return x, n, bad, total


def fisher():
    x, n, bad, total = table()
    if total > 1000:
        return [x, n, bad, total], [stats.hypergeom.sf(x - 1, total, bad, n)]
    chance = stats.fisher_exact([[x, n - x], [bad - x, total - n - bad + x]], "greater")[1]
    return [x, n, bad, total], [chance]


def strata():
    some = [table() for _ in range(random.randint(1, 12))]
    pmf = numpy.ones(1)
    for _, n, bad, total in some:
        pmf = numpy.convolve(pmf, stats.hypergeom.pmf(numpy.arange(min(n, bad) + 1), total, bad, n))
    return list(itertools.chain(*some)), [pmf[sum(row[0] for row in some):].sum()]


def fdr():
    p = sorted(random.random() ** random.choice([1, 4]) for _ in range(random.randint(1, 200)))
    random.shuffle(p)
    order = numpy.argsort(p)
    ranked = numpy.array(p)[order] * len(p) / numpy.arange(1, len(p) + 1)
    adjusted = numpy.empty(len(p))
    adjusted[order] = numpy.minimum(1, numpy.minimum.accumulate(ranked[::-1])[::-1])
    return p, list(adjusted)


def percentile():
    values = sorted(random.lognormvariate(9, 0.2) for _ in range(random.randint(1, 500)))
    share = random.choice([0, 0.05, 0.5, 0.95, 1, random.random()])
    return [share] + values, [numpy.percentile(values, 100 * share)]


def trend():
    values = [i * 0.03 + random.gauss(0, 1) for i in range(random.randint(3, 60))]
    places = list(range(len(values)))
    return values, [stats.kendalltau(places, values)[0], stats.theilslopes(values, places)[0]]


def normal():
    z, p = random.uniform(-8, 35), 10 ** random.uniform(-300, -0.01)
    return [z, p], [stats.norm.sf(z), stats.norm.isf(p)]


def beta():
    a, b, x = 10 ** random.uniform(-1, 5), 10 ** random.uniform(-1, 5), random.random()
    return [a, b, x], [special.betainc(a, b, x)]


def near(got, wanted, least=1e-290):
    return abs(got - wanted) <= 1e-7 * abs(wanted) + least


# The sum over strata leaves out less probable tables.
LEAST = {"strata": 1e-90}


def main():
    cases = [(f.__name__, *f()) for f in (wilson, binomial, laney, gap, cusum, fisher, strata, fdr,
                                          percentile, trend, normal, beta) for _ in range(SETS)]
    lines = "".join(f"{name} {' '.join(repr(float(x)) for x in given)}\n" for name, given, _ in cases)
    answers = subprocess.run([sys.argv[1]], input=lines, capture_output=True, text=True,
                             check=True).stdout.splitlines()
    bad = 0
    assert len(answers) == len(cases), "a line is missing"
    for name in dict.fromkeys(case[0] for case in cases):
        wrong = []
        for (which, given, wanted), answer in zip(cases, answers):
            got = [float(x) for x in answer.split()]
            if which == name and not (len(got) == len(wanted) and 
                                      all(near(g, w, LEAST.get(name, 1e-290)) for g, w in zip(got, wanted))):
                wrong.append(f"{given[:6]}: {got[:4]}, not {[float(w) for w in wanted[:4]]}")
        print(f"{'not ok' if wrong else 'ok'} - {name}: {SETS} data sets as scipy has them")
        for text in wrong[:3]:
            print("#", text)
        bad += bool(wrong)
    return 1 if bad else 0


sys.exit(main())
