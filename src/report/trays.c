/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trays.h"

#include <stdlib.h>

#include "grow.h"

static void finish(struct trays *trays, struct tray *tray)
{
	if (tray->units > 0) {
		struct tray_sums *sums = &trays->sums[tray->day];

		sums->trays += 1;
		sums->n += tray->units;
		sums->x += tray->failed;
		sums->nn += tray->units * tray->units;
		sums->nx += tray->units * tray->failed;
		sums->xx += tray->failed * tray->failed;
	}
	*tray = (struct tray){0};
}

bool trays_join(struct trays *trays, uint32_t log, uint64_t run, uint32_t day, int64_t start_ms,
		struct tray_ticket *ticket)
{
	size_t first = (size_t)log * TRAYS_OPEN;
	struct tray *open = grow(trays->open, &trays->open_room, first + TRAYS_OPEN, sizeof(*open));
	struct tray_sums *sums;
	uint32_t oldest = 0;

	if (!open)
		return false;
	trays->open = open;
	sums = grow(trays->sums, &trays->sums_room, day, sizeof(*sums));
	if (!sums)
		return false;
	trays->sums = sums;
	if (day >= trays->sums_count)
		trays->sums_count = (size_t)day + 1;
	for (uint32_t i = 0; i < TRAYS_OPEN; i++) {
		struct tray *tray = &open[first + i];
		int64_t apart = start_ms - tray->start_ms;

		if (tray->number && tray->run == run && tray->day == day && apart <= TRAY_MS &&
		    apart >= -TRAY_MS) {
			*ticket = (struct tray_ticket){log, i, tray->number};
			return true;
		}
		if (tray->number < open[first + oldest].number)
			oldest = i;
	}
	finish(trays, &open[first + oldest]);
	open[first + oldest] = (struct tray){++trays->last, run, start_ms, day, 0, 0};
	*ticket = (struct tray_ticket){log, oldest, trays->last};
	return true;
}

void trays_count(struct trays *trays, const struct tray_ticket *ticket, bool failed)
{
	struct tray *tray;

	if (!ticket->tray)
		return;
	tray = &trays->open[(size_t)ticket->log * TRAYS_OPEN + ticket->place];
	if (tray->number != ticket->tray)
		return; /* it was closed: a straggler */
	tray->units += 1;
	tray->failed += failed;
}

/* Of the trays of one station, day and lot: the variance between them, and the binomial one. The
 * mean is theirs, which costs one degree of freedom. */
static void add(const struct tray_sums *sums, double *between, double *binomial)
{
	double p = sums->n > 0 ? sums->x / sums->n : 0;

	if (sums->trays < 2 || sums->n <= sums->trays)
		return;
	*between +=
		(sums->xx - 2 * p * sums->nx + p * p * sums->nn) * sums->trays / (sums->trays - 1);
	*binomial += sums->n * p * (1 - p);
}

double trays_factor(struct trays *trays, uint64_t *count)
{
	double between = 0, binomial = 0, factor;

	*count = 0;
	for (size_t i = 0; i < trays->open_room; i++)
		finish(trays, &trays->open[i]);
	for (size_t i = 0; i < trays->sums_count; i++) {
		const struct tray_sums *sums = &trays->sums[i];

		*count += sums->n > sums->trays ? (uint64_t)sums->trays : 0;
		add(sums, &between, &binomial);
	}
	factor = binomial > 0 ? between / binomial : 1;
	return factor > 1 ? factor : 1;
}

void trays_free(struct trays *trays)
{
	intern_free(&trays->days);
	free(trays->open);
	free(trays->sums);
	*trays = (struct trays){0};
}
