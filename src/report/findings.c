/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "findings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCE sizeof(((struct report_finding *)NULL)->text)
#define CONSEQUENCES_MAX 40
#define DOUBLES_NAMED 3
#define NAME_SHOWN 80

/* --- words --- */

void chance_text(double p, char *text, size_t size)
{
	double one_in = p > 0 ? 1 / p : HUGE_VAL;
	double scale = pow(10, floor(log10(fmax(1, one_in))));
	uint64_t round;

	if (one_in > 1e9) {
		snprintf(text, size, "less than 1 in a billion");
		return;
	}
	if (one_in < 10) {
		snprintf(text, size, one_in < 1.05 ? "certain" : "about 1 in %.1f", one_in);
		return;
	}
	/* Two digits for small numbers, one for large ones; commas between thousands. */
	scale = one_in < 100 ? 1 : scale;
	round = (uint64_t)(floor(one_in / scale + 0.5) * scale);
	if (round < 1000)
		snprintf(text, size, "about 1 in %" PRIu64, round);
	else if (round < 1000000)
		snprintf(text, size, "about 1 in %" PRIu64 ",%03" PRIu64, round / 1000,
			 round % 1000);
	else
		snprintf(text, size, "about 1 in %" PRIu64 ",%03" PRIu64 ",%03" PRIu64,
			 round / 1000000, round / 1000 % 1000, round % 1000);
}

static double yield(uint64_t failed, uint64_t boards)
{
	return 100.0 - 100.0 * (double)failed / (double)boards;
}

static const char *or_dash(const char *name)
{
	return *name ? name : "(none)";
}

/* The name of a candidate in a sentence: "lot L-17", "slot A7 of station S03". */
static void name_of(const struct report_collector *collector, const struct comparison *comparison,
		    const struct candidate *candidate, char *text, size_t size)
{
	const struct report *report = &collector->report;
	const char *station = "", *name;
	char when[CALENDAR_TEXT];

	switch (candidate->family) {
	case OF_TIME:
		calendar_group_name(&collector->calendar, collector->span,
				    comparison->cells->time_group[candidate->group], when);
		snprintf(text, size, "%s%s",
			 collector->span == SPAN_DAY     ? ""
			 : collector->span == SPAN_SHIFT ? "shift "
			 : collector->span == SPAN_HOUR  ? "the hour "
			 : collector->span == SPAN_WEEK  ? "week "
							 : "",
			 when);
		return;
	case OF_SLOT:
		name = group_name(collector, BY_SLOT, candidate->group, &station);
		snprintf(text, size, "slot %.100s of station %.100s", or_dash(name),
			 or_dash(station));
		return;
	case OF_LOT:
		name = group_name(collector, BY_LOT, candidate->group, NULL);
		snprintf(text, size, "lot %.100s", or_dash(name));
		return;
	case OF_STATION:
		name = group_name(collector, BY_STATION, candidate->group, NULL);
		snprintf(text, size, "station %.100s", or_dash(name));
		return;
	case OF_FIRMWARE:
		name = group_name(collector, BY_FIRMWARE, candidate->group, NULL);
		snprintf(text, size, "firmware %.100s", or_dash(name));
		return;
	case OF_DRIFT:
	default:
		snprintf(text, size, "station %.100s",
			 or_dash(report->drift[candidate->group].station));
	}
}

static void tell_limit(const struct candidate *candidate, const char *before, const char *name,
		       char *text)
{
	snprintf(text, SENTENCE,
		 "First-pass yield %s %.200s was %.1f %%, below its lower limit of %.1f %%.",
		 before, name, yield(candidate->failed, candidate->boards),
		 yield(candidate->limits.high, candidate->boards));
}

static void tell_drift(const struct report_collector *collector, const struct candidate *candidate,
		       char *text)
{
	const struct report_drift *drift = &collector->report.drift[candidate->group];
	char chance[64];

	chance_text(candidate->p, chance, sizeof(chance));
	snprintf(text, SENTENCE,
		 "Cycle time of station %.100s drifted by %+.1f s (median %.1f s): %s if it were "
		 "steady.",
		 or_dash(drift->station), drift->change / 1000, drift->median / 1000, chance);
}

static void tell(const struct report_collector *collector, const struct comparison *comparison,
		 const struct candidate *candidate, char *text)
{
	char name[256], chance[64];

	name_of(collector, comparison, candidate, name, sizeof(name));
	chance_text(candidate->p, chance, sizeof(chance));
	switch (candidate->family) {
	case OF_TIME:
		tell_limit(candidate, collector->span == SPAN_DAY ? "on" : "in", name, text);
		break;
	case OF_LOT:
		tell_limit(candidate, "of", name, text);
		break;
	case OF_SLOT:
		name[0] = 'S';
		snprintf(text, SENTENCE,
			 "%.210s failed %" PRIu64 " of %" PRIu64
			 " boards (%.1f %%). If all slots of the station were alike, it would be "
			 "%.1f: %s, before correction for %zu slots.",
			 name, candidate->failed, candidate->boards,
			 100 - yield(candidate->failed, candidate->boards), candidate->expected,
			 chance, comparison->groups[OF_SLOT]);
		break;
	case OF_STATION:
	case OF_FIRMWARE:
		snprintf(text, SENTENCE,
			 "First-pass yield of %.200s was %.1f %%. All others together had %.1f %%: "
			 "%s if they were alike.",
			 name, yield(candidate->failed, candidate->boards),
			 100 - 100 * candidate->centre, chance);
		break;
	case OF_DRIFT:
	default:
		tell_drift(collector, candidate, text);
	}
}

/* --- which --- */

/* The share of the budget that a family's tests have: p times this is compared with that of all
 * others. */
static void weigh(struct comparison *comparison, double factor[FAMILIES])
{
	size_t tests[FAMILIES] = {0}, families = 0, all = 0;

	for (size_t i = 0; i < comparison->count; i++)
		tests[comparison->candidate[i].family] += comparison->candidate[i].centre >= 0;
	for (size_t i = 0; i < FAMILIES; i++) {
		families += tests[i] > 0;
		all += tests[i];
	}
	for (size_t i = 0; i < FAMILIES; i++)
		factor[i] = all ? (double)families * (double)tests[i] / (double)all : 1;
}

static bool name_candidates(struct comparison *comparison, const double factor[FAMILIES],
			    size_t *tests, double *cut)
{
	size_t count = comparison->count, named = 0;
	double *p = calloc(count + 1, sizeof(*p)), *adjusted = calloc(count + 1, sizeof(*p));
	size_t *of = calloc(count + 1, sizeof(*of));
	bool good = p && adjusted && of;

	*tests = 0;
	for (size_t i = 0; good && i < count; i++) {
		if (comparison->candidate[i].centre < 0)
			continue;
		of[*tests] = i;
		p[(*tests)++] = fmin(1, comparison->candidate[i].p *
						factor[comparison->candidate[i].family]);
	}
	good = good && stat_fdr(p, *tests, adjusted);
	for (size_t i = 0; good && i < *tests; i++) {
		bool stands_out = adjusted[i] <= REPORT_FALSE_ALARMS;

		named += stands_out;
		comparison->candidate[of[i]].named =
			stands_out && comparison->candidate[of[i]].outside;
	}
	*cut = *tests ? REPORT_FALSE_ALARMS * (double)named / (double)*tests : 0;
	free(p);
	free(adjusted);
	free(of);
	return good;
}

static struct candidate *strongest(struct comparison *comparison)
{
	struct candidate *best = NULL;

	for (size_t i = 0; i < comparison->count; i++) {
		struct candidate *candidate = &comparison->candidate[i];

		if (candidate->named && !candidate->explained &&
		    (!best || candidate->score > best->score))
			best = candidate;
	}
	return best;
}

static void leave_out(struct comparison *comparison, const struct candidate *candidate)
{
	for (size_t i = 0; candidate->family != OF_DRIFT && i < comparison->cells->count; i++) {
		if (compare_has(candidate, &comparison->cells->cell[i]))
			comparison->cells->cell[i].out = true;
	}
}

static char *sentence(struct report_collector *collector, const char *text)
{
	char *kept = report_keep(collector, strlen(text) + 1, 1);

	if (kept)
		memcpy(kept, text, strlen(text));
	return kept;
}

/* The finding explains the named candidates that no longer stand out. */
static bool explain(struct report_collector *collector, struct comparison *comparison,
		    const double factor[FAMILIES], double cut, size_t finding, uint64_t *finding_of)
{
	struct report_finding *to = &collector->report.finding[finding];

	to->consequence = report_keep(collector, CONSEQUENCES_MAX, sizeof(char *));
	if (!to->consequence)
		return false;
	for (size_t i = 0; i < comparison->count; i++) {
		struct candidate *candidate = &comparison->candidate[i];
		char name[256], text[SENTENCE];

		if (!candidate->named || candidate->explained ||
		    (candidate->centre >= 0 && candidate->outside &&
		     candidate->p * factor[candidate->family] <= cut))
			continue;
		candidate->explained = true;
		finding_of[i] = finding + 1;
		if (to->consequences == CONSEQUENCES_MAX)
			continue;
		name_of(collector, comparison, candidate, name, sizeof(name));
		name[0] = (char)(name[0] >= 'a' && name[0] <= 'z' ? name[0] - 'a' + 'A' : name[0]);
		snprintf(text, sizeof(text),
			 "%.200s stands out too, and no longer does without these boards.", name);
		to->consequence[to->consequences] = sentence(collector, text);
		if (!to->consequence[to->consequences++])
			return false;
	}
	return true;
}

static struct report_finding *add_finding(struct report_collector *collector)
{
	struct report *report = &collector->report;
	struct report_finding *fresh =
		report_keep(collector, report->findings + 1, sizeof(*report->finding));

	if (!fresh)
		return NULL;
	if (report->findings)
		memcpy(fresh, report->finding, report->findings * sizeof(*fresh));
	report->finding = fresh;
	return &fresh[report->findings++];
}

bool findings_tested(struct report_collector *collector, struct comparison *comparison,
		     uint64_t **out)
{
	uint64_t *finding_of = calloc(comparison->count + 1, sizeof(*finding_of));
	double factor[FAMILIES], cut;
	struct candidate *candidate;

	*out = finding_of;
	if (!finding_of || !compare_test(comparison))
		return false;
	weigh(comparison, factor);
	if (!name_candidates(comparison, factor, &collector->report.tests, &cut))
		return false;
	while ((candidate = strongest(comparison)) != NULL) {
		struct report_finding *finding = add_finding(collector);

		if (!finding)
			return false;
		finding->headline = true;
		finding->p = candidate->p;
		tell(collector, comparison, candidate, finding->text);
		candidate->explained = candidate->told = true;
		finding_of[candidate - comparison->candidate] = collector->report.findings;
		leave_out(comparison, candidate);
		if (!compare_test(comparison) ||
		    !explain(collector, comparison, factor, cut, collector->report.findings - 1,
			     finding_of))
			return false;
	}
	return true;
}

/* --- facts --- */

/* A fact's sentence, to be written. NULL: no memory. */
static char *add_fact(struct report_collector *collector)
{
	struct report_finding *finding = add_finding(collector);

	return finding ? finding->text : NULL;
}

/* The first of `count` numbers with their boards: "A-1 (4 boards), A-2 (2 boards) and 3 more". */
static void name_doubles(const struct report_double *doubled, size_t count, bool more, char *text,
			 size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < count && i < DOUBLES_NAMED; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%.30s (%zu%s boards)",
					 i ? ", " : "", doubled[i].number, doubled[i].boards,
					 doubled[i].more ? " or more" : "");
	if (count > DOUBLES_NAMED)
		snprintf(text + used, size - used, " and %zu%s more", count - DOUBLES_NAMED,
			 more ? " or more" : "");
}

/* A number that two boards of one profile have is one finding; a number that boards of several
 * profiles share is another one, since each product may count from 1. */
static bool tell_doubles(struct report_collector *collector)
{
	const struct report *report = &collector->report;
	size_t one = 0, several;
	char names[200], *text;

	while (one < report->doubles && report->doubled[one].one_profile)
		one++;
	several = report->doubles - one;
	if (one) {
		text = add_fact(collector);
		if (!text)
			return false;
		name_doubles(report->doubled, one, report->doubles_cut, names, sizeof(names));
		snprintf(text, SENTENCE,
			 "Numbers that more than one board passed with: %s. Hold these boards "
			 "back. \"h7gang audit find --serial NUMBER\" shows their rows.",
			 names);
	}
	if (several) {
		text = add_fact(collector);
		if (!text)
			return false;
		name_doubles(report->doubled + one, several, report->doubles_cut, names,
			     sizeof(names));
		snprintf(text, SENTENCE,
			 "Numbers that boards of different profiles passed with: %s. If these "
			 "profiles share one sequence of numbers, hold these boards back.",
			 names);
	}
	return true;
}

static bool tell_logs(struct report_collector *collector)
{
	const struct report *report = &collector->report;

	for (size_t i = 0; i < report->logs; i++) {
		char *text;

		if (report->log[i].intact)
			continue;
		text = add_fact(collector);
		if (!text)
			return false;
		snprintf(text, SENTENCE, "The log %.120s is not intact: %.240s",
			 report->log[i].last, report->log[i].finding);
	}
	return true;
}

/* The end of a long name tells more than its beginning. */
static const char *tail_of(const char *name)
{
	size_t length = strlen(name);

	return length > NAME_SHOWN ? name + length - NAME_SHOWN : name;
}

static const char *log_name(const struct report *report, size_t log)
{
	return log < report->logs ? tail_of(report->log[log].last) : "(unknown)";
}

static bool tell_copies(struct report_collector *collector)
{
	const struct report *report = &collector->report;

	for (size_t i = 0; i < report->copies; i++) {
		const struct report_copy *copy = &report->copy[i];
		const char *name = log_name(report, copy->log), *of = log_name(report, copy->of);
		char *text = add_fact(collector);

		if (!text)
			return false;
		if (copy->fork)
			snprintf(text, SENTENCE,
				 "The logs %s and %s are equal up to row %" PRIu64
				 " and differ after it. Two stations, or a station and its copy, "
				 "continued one log. Find out which of them; numbers may be on "
				 "boards of both.",
				 of, name, copy->seq);
		else if (copy->log == copy->of)
			snprintf(text, SENTENCE,
				 "The log %s has %" PRIu64 " rows more than once. They count once.",
				 name, copy->copied);
		else
			snprintf(text, SENTENCE,
				 "The log %s has %" PRIu64 " of its %" PRIu64
				 " rows in common with %s: it is a copy, or one of them is an "
				 "older backup. These rows count once.",
				 name, copy->copied, copy->rows, of);
	}
	return true;
}

static bool tell_images(struct report_collector *collector)
{
	const struct report *report = &collector->report;

	for (size_t i = 0; i + 1 < report->images; i++) {
		const struct report_image *image = &report->image[i];
		char *text;

		if (!image->differs ||
		    (i > 0 && image[-1].differs && strcmp(image[-1].profile, image->profile) == 0 &&
		     strcmp(image[-1].firmware, image->firmware) == 0))
			continue;
		text = add_fact(collector);
		if (!text)
			return false;
		snprintf(
			text, SENTENCE,
			"Firmware %.80s of profile %.80s stands for more than one image (SHA-256).",
			or_dash(image->firmware), or_dash(image->profile));
	}
	return true;
}

bool findings_facts(struct report_collector *collector)
{
	return tell_doubles(collector) && tell_logs(collector) && tell_copies(collector) &&
	       tell_images(collector);
}
