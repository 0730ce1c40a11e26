/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of summing up, and the yields by group. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect.h"
#include "findings.h"

/* Numbers within names by their value: A2 before A10. */
static int by_name(const void *a, const void *b)
{
	const struct report_group *left = a, *right = b;
	int order = strverscmp(left->station, right->station);

	return order ? order : strverscmp(left->name, right->name);
}

/* Boards of one slot are never in one tray, so that trays do not widen its interval. */
static struct stat_interval interval(const struct report *report, const struct report_tally *tally,
				     enum report_by by)
{
	double factor = by == BY_SLOT ? 1 : report->tray_factor;

	return stat_wilson((double)tally->boards_first / factor, (double)tally->boards / factor,
			   STAT_Z95);
}

static bool of_time(struct report_collector *collector, enum report_by by,
		    struct report_group *group, uint32_t number)
{
	char *name = report_keep(collector, CALENDAR_TEXT, 1);

	if (!name)
		return false;
	if (by == BY_SHIFT)
		calendar_shift_name(&collector->calendar, number, name);
	else
		snprintf(name, CALENDAR_TEXT, "%02u h", number);
	group->name = name;
	return true;
}

static bool sum_dimension(struct report_collector *collector, enum report_by by)
{
	struct dimension *dimension = &collector->by[by];
	struct report_dimension *to = &collector->report.by[by];
	size_t count = by == BY_SHIFT  ? collector->calendar.shifts
		       : by == BY_HOUR ? 24
				       : dimension->names.count;
	bool several = collector->by[BY_STATION].names.count > 1;

	to->group = report_keep(collector, count, sizeof(*to->group));
	if (!to->group)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		struct report_group *group = &to->group[to->count];
		const struct report_tally *tally = &dimension->tally[i];

		group->station = "";
		if (tally->units + tally->excluded + tally->aborted == 0)
			continue; /* of a note or of verify alone */
		if (by >= BY_SHIFT && !of_time(collector, by, group, i))
			return false;
		if (by < BY_SHIFT)
			group->name = group_name(collector, by, i, &group->station);
		if (by == BY_SLOT && !several)
			group->station = "";
		group->tally = *tally;
		group->first = interval(&collector->report, tally, by);
		to->count++;
	}
	if (by < BY_SHIFT)
		qsort(to->group, to->count, sizeof(*to->group), by_name);
	return true;
}

static void sum_all(struct report *report)
{
	const struct report_tally *all = &report->all;
	double factor = report->tray_factor;

	report->boards_first = stat_wilson((double)all->boards_first / factor,
					   (double)all->boards / factor, STAT_Z95);
	report->boards_passed = stat_wilson((double)all->boards_passed / factor,
					    (double)all->boards / factor, STAT_Z95);
	report->units_first = stat_wilson((double)all->units_first / factor,
					  (double)all->units / factor, STAT_Z95);
	report->units_passed = stat_wilson((double)all->units_passed / factor,
					   (double)all->units / factor, STAT_Z95);
	report->attempts_passed = stat_wilson((double)all->attempts_passed / factor,
					      (double)all->attempts / factor, STAT_Z95);
}

/* --- facts --- */

static const char *next(const char *text)
{
	return text + strlen(text) + 1;
}

static int by_image(const void *a, const void *b)
{
	const struct report_image *left = a, *right = b;
	int order = strverscmp(left->profile, right->profile);

	order = order ? order : strcmp(left->part, right->part);
	order = order ? order : strverscmp(left->firmware, right->firmware);
	return order ? order : strcmp(left->sha256, right->sha256);
}

static bool same_firmware(const struct report_image *a, const struct report_image *b)
{
	return strcmp(a->profile, b->profile) == 0 && strcmp(a->part, b->part) == 0 &&
	       strcmp(a->firmware, b->firmware) == 0;
}

static bool sum_facts(struct report_collector *collector)
{
	struct report *report = &collector->report;

	report->image = report_keep(collector, collector->images.count, sizeof(*report->image));
	report->override_used =
		report_keep(collector, collector->overrides.count, sizeof(*report->override_used));
	if (!report->image || !report->override_used)
		return false;
	for (size_t i = 0; i < collector->images.count; i++) {
		struct report_image *image = &report->image[i];

		image->profile = collector->images.text[i];
		image->part = next(image->profile);
		image->firmware = next(image->part);
		image->sha256 = next(image->firmware);
	}
	report->images = collector->images.count;
	qsort(report->image, report->images, sizeof(*report->image), by_image);
	for (size_t i = 1; i < report->images; i++) {
		struct report_image *image = &report->image[i];

		if (*image->firmware && *image->sha256 && *image[-1].sha256 &&
		    same_firmware(image - 1, image))
			image->differs = image[-1].differs = true;
	}
	report->overrides = collector->overrides.count;
	for (size_t i = 0; i < report->overrides; i++)
		report->override_used[i] = collector->overrides.text[i];
	return true;
}

bool sum_copies(struct report_collector *collector)
{
	const struct copies *copies = &collector->copies;
	struct report *report = &collector->report;

	report->copy = report_keep(collector, copies->logs, sizeof(*report->copy));
	if (!report->copy)
		return false;
	for (size_t i = 0; i < copies->logs; i++) {
		const struct copies_log *log = &copies->log[i];
		struct report_copy *copy = &report->copy[report->copies];

		if (!log->copied)
			continue;
		*copy = (struct report_copy){.log = i,
					     .of = log->of,
					     .rows = log->rows,
					     .copied = log->copied,
					     .seq = log->branch_seq};
		copy->fork = copies_fork(copies, i, &copy->of);
		report->copies++;
	}
	return true;
}

const struct report *report_sum(struct report_collector *collector, const struct report_log *log,
				size_t logs)
{
	struct report *report = &collector->report;

	report->options = &collector->options;
	report->log = log;
	report->logs = logs;
	if (!units_over(collector))
		return NULL;
	report->tray_factor = trays_factor(&collector->trays, &report->trays);
	if (!sum_facts(collector) || !sum_cycles(collector) || !sum_doubles(collector) ||
	    !sum_copies(collector) || !findings_facts(collector) || !sum_boards(collector) ||
	    !sum_errors(collector) || !sum_histories(collector))
		return NULL;
	for (size_t by = 0; by < REPORT_BY_COUNT; by++) {
		if (by == BY_OPERATOR && !collector->options.by_operator)
			continue;
		if (!sum_dimension(collector, (enum report_by)by))
			return NULL;
	}
	sum_all(report);
	return report;
}
