/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results that need the boards in the order of time: yields by board, control charts, findings. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collect.h"
#include "findings.h"
#include "h7gang/report/report.h"

#define DAY_MS INT64_C(86400000)
#define HOURS_MAX (3 * DAY_MS)     /* a longer period is shown by day */
#define DAYS_MAX (100 * DAY_MS)    /* by week */
#define WEEKS_MAX (700 * DAY_MS)   /* by month */
#define MONTHS_MAX (3000 * DAY_MS) /* by year */
#define SHIFTS_MAX (35 * DAY_MS)
#define BASELINE_MIN 8   /* subgroups, where there are so many */
#define BASELINE_SHARE 3 /* a third of them */
#define RISE 2.0         /* the CUSUM looks for a rate this many times as high */

struct boards_sum {
	struct report_collector *collector;
	struct report *report;
	uint32_t *order;
	struct cells cells;
	struct comparison comparison;
	uint64_t *finding_of;
	uint32_t *lot_order; /* as they came */
	size_t lots;
	bool *lot_seen;
};

static bool is_judged(const struct board *board)
{
	return board->flags & BOARD_JUDGED;
}

static bool has_failed(const struct board *board)
{
	return !(board->flags & BOARD_FIRST_PASSED);
}

/* --- tallies --- */

static void count(struct report_tally *tally, const struct board *board)
{
	tally->boards++;
	tally->boards_first += !has_failed(board);
	tally->boards_passed += (board->flags & BOARD_PASSED) != 0;
}

static void count_everywhere(struct report_collector *collector, const struct board *board,
			     const struct context *context)
{
	count(&collector->report.all, board);
	for (size_t by = 0; by < CONTEXT_DIMENSIONS; by++) {
		if (by != BY_OPERATOR || collector->options.by_operator)
			count(&collector->by[by].tally[context->group[by]], board);
	}
	count(&collector->by[BY_HOUR].tally[calendar_hour(&collector->calendar, board->first_ms)],
	      board);
	if (collector->calendar.shifts)
		count(&collector->by[BY_SHIFT]
			       .tally[calendar_shift(&collector->calendar, board->first_ms)],
		      board);
}

static enum calendar_span span_of(const struct report_collector *collector)
{
	int64_t period = collector->report.until_ms - collector->report.since_ms;

	if (collector->calendar.shifts && period <= SHIFTS_MAX)
		return SPAN_SHIFT;
	return period <= HOURS_MAX    ? SPAN_HOUR
	       : period <= DAYS_MAX   ? SPAN_DAY
	       : period <= WEEKS_MAX  ? SPAN_WEEK
	       : period <= MONTHS_MAX ? SPAN_MONTH
				      : SPAN_YEAR;
}

static bool walk(struct boards_sum *sum)
{
	struct report_collector *collector = sum->collector;

	for (size_t i = 0; i < collector->boards.count; i++) {
		const struct board *board = &collector->boards.board[sum->order[i]];
		struct context context = context_of(collector, board->context);
		uint32_t lot = context.group[BY_LOT];

		sum->report->nameless += (board->flags & BOARD_NAMELESS) != 0;
		sum->report->boards_again += board->units > 1;
		if (!is_judged(board)) {
			sum->report->unjudged++;
			continue;
		}
		count_everywhere(collector, board, &context);
		if (!sum->lot_seen[lot])
			sum->lot_order[sum->lots++] = lot;
		sum->lot_seen[lot] = true;
		if (!cells_add(
			    &sum->cells, &context,
			    calendar_group(&collector->calendar, collector->span, board->first_ms),
			    has_failed(board)))
			return false;
	}
	cells_end(&sum->cells);
	sum->report->boards = collector->boards.count;
	return true;
}

/* --- the baseline --- */

static size_t baseline_size(size_t groups)
{
	size_t share = groups / BASELINE_SHARE;

	share = share < BASELINE_MIN ? BASELINE_MIN : share;
	return share < groups ? share : groups;
}

static bool in_period(const struct report_options *options, int64_t ms)
{
	return ms >= options->baseline_since_ms &&
	       (!options->baseline_until_ms || ms < options->baseline_until_ms);
}

/* The period asked for, or the first subgroups and the first lots. */
static bool set_baseline(struct boards_sum *sum)
{
	struct report_collector *collector = sum->collector;
	const struct report_options *options = &collector->options;
	size_t times = sum->cells.times.count, lots = collector->by[BY_LOT].names.count;
	bool *time = calloc(times + 1, sizeof(*time)), *lot = calloc(lots + 1, sizeof(*lot));

	sum->cells.time_baseline = time;
	sum->comparison.baseline_lot = lot;
	if (!time || !lot)
		return false;
	if (!options->baseline_since_ms && !options->baseline_until_ms) {
		for (size_t i = 0; i < baseline_size(times); i++)
			time[i] = true;
		for (size_t i = 0; i < baseline_size(sum->lots); i++)
			lot[sum->lot_order[i]] = true;
		return true;
	}
	for (size_t i = 0; i < collector->boards.count; i++) {
		const struct board *board = &collector->boards.board[i];
		int64_t group =
			calendar_group(&collector->calendar, collector->span, board->first_ms);
		uint32_t number =
			intern_find(&sum->cells.times, (const char *)&group, sizeof(group));

		if (!is_judged(board) || !in_period(options, board->first_ms))
			continue;
		time[number] = true;
		lot[context_of(collector, board->context).group[BY_LOT]] = true;
	}
	return true;
}

/* --- charts --- */

static void make_point(const struct boards_sum *sum, const struct candidate *candidate,
		       struct report_point *point)
{
	double tail = stat_normal_upper(3 * sqrt(sum->report->tray_factor));
	struct stat_counts limits = {0, 0};

	point->boards = candidate->first.boards;
	point->failed = candidate->first.failed;
	point->p = candidate->first.p;
	point->centre = candidate->chart_centre;
	if (point->centre >= 0)
		limits = stat_binomial_limits(point->boards, point->centre, tail);
	point->low = limits.low;
	point->high = limits.high;
	point->outside =
		point->centre >= 0 && (point->failed > limits.high || point->failed < limits.low);
	if (sum->finding_of)
		point->finding = sum->finding_of[candidate - sum->comparison.candidate];
	point->consequence = point->finding && !candidate->told;
}

/* The centre of the chart, and Laney's sigma of the subgroups that it comes from. */
static bool set_centre(struct report_chart *chart)
{
	uint64_t boards = 0, failed = 0, *n = calloc(chart->count + 1, sizeof(*n));
	uint64_t *x = calloc(chart->count + 1, sizeof(*x));
	size_t used = 0;

	for (size_t i = 0; n && x && i < chart->count; i++) {
		const struct report_point *point = &chart->point[i];

		if (!point->baseline || (point->finding && !point->consequence) ||
		    point->boards == 0)
			continue;
		boards += n[used] = point->boards;
		failed += x[used++] = point->failed;
	}
	if (n && x) {
		chart->baseline = used;
		chart->centre = boards ? (double)failed / (double)boards : -1;
		chart->sigma_z = stat_laney_sigma(x, n, used, chart->centre);
	}
	for (size_t i = 0; n && x && boards && i < chart->count; i++) {
		struct report_point *point = &chart->point[i];
		struct stat_interval laney =
			stat_laney_limits(chart->centre, (double)point->boards, chart->sigma_z);

		point->laney_low = laney.low;
		point->laney_high = laney.high;
	}
	free(n);
	free(x);
	return n && x;
}

static bool make_charts(struct boards_sum *sum)
{
	struct report_collector *collector = sum->collector;
	struct report_chart *time = &sum->report->time, *lots = &sum->report->lots;
	const struct candidate *candidate = sum->comparison.candidate;

	time->count = sum->cells.times.count;
	time->span = calendar_span_name(collector->span);
	time->point = report_keep(collector, time->count, sizeof(*time->point));
	lots->count = sum->lots;
	lots->span = "lot";
	lots->point = report_keep(collector, lots->count, sizeof(*lots->point));
	if (!time->point || !lots->point)
		return false;
	for (size_t i = 0; i < time->count; i++) {
		struct report_point *point = &time->point[i];

		calendar_group_name(&collector->calendar, collector->span, sum->cells.time_group[i],
				    point->name);
		point->baseline = sum->cells.time_baseline[i];
		make_point(sum, &candidate[i], point);
	}
	candidate += time->count;
	for (size_t i = 0; i < lots->count; i++) {
		struct report_point *point = &lots->point[i];
		const char *name = group_name(collector, BY_LOT, sum->lot_order[i], NULL);

		strncpy(point->name, name, sizeof(point->name) - 1);
		point->baseline = sum->comparison.baseline_lot[sum->lot_order[i]];
		make_point(sum, &candidate[sum->lot_order[i]], point);
	}
	return set_centre(time) && set_centre(lots);
}

/* --- boards one by one --- */

static bool make_rare(struct boards_sum *sum)
{
	struct report_collector *collector = sum->collector;
	struct report_rare *rare = &sum->report->rare;
	struct stat_cusum steps;
	double level = 0;
	uint64_t gap = 0;

	rare->gap = report_keep(collector, REPORT_GAPS, sizeof(*rare->gap));
	rare->p0 = sum->report->time.centre;
	if (!rare->gap)
		return false;
	if (rare->p0 <= 0 || rare->p0 >= 0.4)
		return true;
	rare->p1 = RISE * rare->p0;
	steps = stat_cusum_steps(rare->p0, rare->p1);
	rare->limits = stat_gap_limits(rare->p0, STAT_THREE_SIGMA);
	rare->height = stat_cusum_height((double)sum->report->all.boards, REPORT_FALSE_ALARMS);
	for (size_t i = 0; i < collector->boards.count; i++) {
		const struct board *board = &collector->boards.board[sum->order[i]];

		if (!is_judged(board))
			continue;
		level = fmax(0, level + (has_failed(board) ? steps.failed : steps.good));
		rare->highest = fmax(rare->highest, level);
		if (!has_failed(board)) {
			gap++;
			continue;
		}
		rare->gap[rare->all++ % REPORT_GAPS] =
			(struct report_gap){board->first_ms, gap, level};
		gap = 0;
	}
	rare->count = rare->all < REPORT_GAPS ? rare->all : REPORT_GAPS;
	return true;
}

/* A ring whose oldest entry may stand in the middle is laid straight. */
static bool straighten(struct boards_sum *sum)
{
	struct report_rare *rare = &sum->report->rare;
	size_t first = rare->all > REPORT_GAPS ? rare->all % REPORT_GAPS : 0;
	struct report_gap *straight = report_keep(sum->collector, REPORT_GAPS, sizeof(*straight));

	if (!straight)
		return false;
	for (size_t i = 0; i < rare->count; i++)
		straight[i] = rare->gap[(first + i) % REPORT_GAPS];
	rare->gap = straight;
	return true;
}

/* --- slots and stations --- */

static int by_place(const void *a, const void *b)
{
	const struct report_slot *left = a, *right = b;
	int order = strverscmp(left->station, right->station);

	return order ? order : strverscmp(left->name, right->name);
}

static bool make_slots(struct boards_sum *sum)
{
	struct report *report = sum->report;
	const struct comparison *comparison = &sum->comparison;

	report->slot =
		report_keep(sum->collector, comparison->groups[OF_SLOT], sizeof(*report->slot));
	if (!report->slot)
		return false;
	for (size_t i = 0; i < comparison->count; i++) {
		const struct candidate *candidate = &comparison->candidate[i];
		struct report_slot *slot = &report->slot[report->slots];

		if (candidate->family != OF_SLOT || candidate->first.boards == 0)
			continue;
		slot->name = group_name(sum->collector, BY_SLOT, candidate->group, &slot->station);
		slot->boards = candidate->first.boards;
		slot->failed = candidate->first.failed;
		slot->expected = candidate->first.expected;
		slot->p = candidate->first.p;
		slot->finding = sum->finding_of ? sum->finding_of[i] : 0;
		report->slots++;
	}
	qsort(report->slot, report->slots, sizeof(*report->slot), by_place);
	return true;
}

static void add_drifts(struct boards_sum *sum)
{
	for (size_t i = 0; i < sum->report->drifts; i++) {
		const struct report_drift *drift = &sum->report->drift[i];

		sum->comparison.candidate[sum->comparison.count++] = (struct candidate){
			.family = OF_DRIFT,
			.group = (uint32_t)i,
			.p = drift->trend.p,
			/* It shows, and there were enough subgroups to tell. */
			.outside = fabs(drift->change) >= 0.01 * drift->median,
			.centre = drift->points >= 8 ? 0 : -1,
			.score = drift->trend.p < 1 ? stat_normal_upper_quantile(drift->trend.p / 2)
						    : 0};
	}
}

static void mark_drifts(struct boards_sum *sum)
{
	for (size_t i = 0; i < sum->comparison.count; i++) {
		const struct candidate *candidate = &sum->comparison.candidate[i];

		if (candidate->family == OF_DRIFT)
			sum->report->drift[candidate->group].finding = sum->finding_of[i];
	}
}

static bool sum_up(struct boards_sum *sum)
{
	if (!walk(sum) || !set_baseline(sum) ||
	    !compare_make(&sum->comparison, sum->report->drifts))
		return false;
	sum->comparison.tray_factor = sum->report->tray_factor;
	add_drifts(sum);
	if (sum->collector->options.live) {
		if (!compare_test(&sum->comparison))
			return false;
	} else {
		if (!findings_tested(sum->collector, &sum->comparison, &sum->finding_of))
			return false;
		mark_drifts(sum);
	}
	return make_charts(sum) && make_rare(sum) && straighten(sum) && make_slots(sum);
}

bool sum_boards(struct report_collector *collector)
{
	size_t lots = collector->by[BY_LOT].names.count + 1;
	struct boards_sum sum = {.collector = collector,
				 .report = &collector->report,
				 .lot_order = calloc(lots, sizeof(uint32_t)),
				 .lot_seen = calloc(lots, sizeof(bool)),
				 .order = boards_in_order(&collector->boards)};
	bool good;

	sum.comparison.collector = collector;
	sum.comparison.cells = &sum.cells;
	collector->span = span_of(collector);
	good = sum.lot_order && sum.lot_seen && sum.order && sum_up(&sum);
	compare_free(&sum.comparison);
	cells_free(&sum.cells);
	free(sum.finding_of);
	free(sum.lot_order);
	free(sum.lot_seen);
	free(sum.order);
	return good;
}
