/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control charts of first-pass yield, by subgroups of time and by lot, and board by board where
 * failures are rare. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "page.h"
#include "svg.h"

#define POINTS 200 /* of a chart; the last ones */
#define RUN 8      /* points on one side of the centre: a run (Western Electric's fourth rule) */

static double yield_of(double failed, double boards)
{
	return boards > 0 ? 100 * (1 - failed / boards) : NAN;
}

/* Low enough for every point and limit that matters, by a round number. */
static double scale_low(const struct report_point *point, size_t count)
{
	double low = 100;

	for (size_t i = 0; i < count; i++) {
		if (point[i].boards)
			low = fmin(low, yield_of((double)point[i].failed, (double)point[i].boards));
		if (point[i].boards >= 30 && point[i].centre >= 0)
			low = fmin(low, yield_of((double)point[i].high, (double)point[i].boards));
	}
	return low > 90 ? floor(low * 2 - 0.5) / 2 : floor((low - 1) / 5) * 5;
}

static void put_point(struct svg *svg, const struct report_point *point, size_t at, bool in_run)
{
	double share = yield_of((double)point->failed, (double)point->boards);
	const char *style = point->finding && !point->consequence ? "out"
			    : point->outside                      ? "explained"
			    : point->baseline                     ? "base"
								  : "point";

	if (!point->boards)
		return;
	if (in_run)
		fprintf(svg->to, "<circle class=\"run\" cx=\"%.1f\" cy=\"%.1f\" r=\"8\"/>",
			svg_x(svg, at), svg_y(svg, share));
	fprintf(svg->to, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>", style,
		svg_x(svg, at), svg_y(svg, share),
		point->finding && !point->consequence ? "6" : "4");
	html_text(svg->to, *point->name ? point->name : "(none)");
	fprintf(svg->to, ": %.2f %%, %" PRIu64 " of %" PRIu64 " boards did not pass first", share,
		point->failed, point->boards);
	if (point->centre >= 0)
		fprintf(svg->to, "; expected %.1f, limits %" PRIu64 " to %" PRIu64,
			point->centre * (double)point->boards, point->low, point->high);
	fprintf(svg->to, "%s%s%s</title></circle>\n", point->baseline ? "; in the baseline" : "",
		point->consequence ? "; explained by a finding"
		: point->finding   ? "; see the findings"
		: point->outside   ? "; outside the limits, within the false-alarm budget"
				   : "",
		in_run ? "; a run of 8 on one side of the centre" : "");
}

/* Whether a run of RUN points on one side ends here. */
static bool ends_run(const struct report_point *point, size_t at)
{
	int side = 0;

	for (size_t i = 0; i < RUN; i++) {
		const struct report_point *here;
		double difference;
		int now;

		if (at < i)
			return false;
		here = &point[at - i];
		if (!here->boards || here->centre < 0)
			return false;
		difference = (double)here->failed - here->centre * (double)here->boards;
		now = difference > 0 ? 1 : -1;
		if (i > 0 && now != side)
			return false;
		side = now;
	}
	return true;
}

static bool put_lines(struct svg *svg, const struct report_point *point, size_t count)
{
	double *line = calloc(count * 5 + 1, sizeof(*line));
	static const char *const styles[] = {"centre", "limit", "limit", "laney", "laney"};

	if (!line)
		return false;
	for (size_t i = 0; i < count; i++) {
		double n = (double)point[i].boards;
		bool known = point[i].centre >= 0 && n > 0;

		line[i] = known ? 100 * (1 - point[i].centre) : NAN;
		line[count + i] = known ? yield_of((double)point[i].high, n) : NAN;
		line[2 * count + i] = known ? yield_of((double)point[i].low, n) : NAN;
		line[3 * count + i] = known ? 100 * (1 - point[i].laney_high) : NAN;
		line[4 * count + i] = known ? 100 * (1 - point[i].laney_low) : NAN;
	}
	for (size_t i = 0; i < 5; i++)
		svg_steps(svg, styles[i], line + i * count);
	free(line);
	return true;
}

static void put_numbers(FILE *to, const struct report_chart *chart, size_t first)
{
	fprintf(to,
		"<details><summary>The chart in numbers</summary><div class=\"scroll\"><table>"
		"<tr><th>%s</th><th class=\"n\">boards</th><th class=\"n\">not passed first</th>"
		"<th class=\"n\">yield</th><th class=\"n\">lower limit</th><th class=\"n\">upper "
		"limit</th><th></th></tr>\n",
		chart->span);
	for (size_t i = first; i < chart->count; i++) {
		const struct report_point *point = &chart->point[i];
		double n = (double)point->boards;

		fputs("<tr data-row=\"\">", to);
		html_cell(to, point->name);
		html_number(to, point->boards);
		html_number(to, point->failed);
		html_share(to, n - (double)point->failed, n, 2);
		html_share(to, n - (double)point->high, point->centre >= 0 ? n : 0, 2);
		html_share(to, n - (double)point->low, point->centre >= 0 ? n : 0, 2);
		fprintf(to, "<td>%s%s</td></tr>\n", point->baseline ? "baseline" : "",
			point->consequence ? " explained"
			: point->finding   ? " <b class=\"bad\">finding</b>"
					   : "");
	}
	fputs("</table></div></details>\n", to);
}

static void put_chart(FILE *to, const char *title, const struct report_chart *chart)
{
	size_t first = chart->count > POINTS ? chart->count - POINTS : 0;
	const struct report_point *point = chart->point + first;
	struct svg svg = {.to = to, .high = 100, .height = 200, .count = chart->count - first};

	if (chart->count < 2)
		return;
	svg.low = scale_low(point, svg.count);
	fprintf(to, "<figure><h3>%s</h3>\n", title);
	svg_begin(&svg, title, " %", svg.low > 98 ? 1 : 0, 90);
	put_lines(&svg, point, svg.count);
	for (size_t i = 0; i < svg.count; i++) {
		put_point(&svg, &point[i], i, ends_run(chart->point, first + i));
		svg_label(&svg, i, *point[i].name ? point[i].name : "(none)");
	}
	svg_end(&svg, NULL);
	fprintf(to, "<p class=\"note\">The scale starts at %.1f %%. ", svg.low);
	if (chart->centre >= 0)
		fprintf(to,
			"Limits are exact binomial limits of 0.135 %% a side around the baseline: "
			"%zu %ss, %.2f %% yield. Each point of the baseline is compared with the "
			"others. Dashed: Laney's p&#8242; limits, &#963;<sub>z</sub> = %.2f. ",
			chart->baseline, chart->span, 100 * (1 - chart->centre), chart->sigma_z);
	fputs("Rings mark runs of 8 on one side; they are shown and make no finding.</p>\n", to);
	put_numbers(to, chart, first);
	fputs("</figure>\n", to);
}

/* --- board by board --- */

static void put_gaps(FILE *to, const struct report_rare *rare, const double *value)
{
	double most = 1;
	struct svg svg = {.to = to, .height = 150, .count = rare->count};

	for (size_t i = 0; i < rare->count; i++)
		most = fmax(most, value[i]);
	svg.high = most * 1.05;
	svg_begin(&svg, "Good boards between failures", "", 0, 12);
	svg_line(&svg, "series", value);
	for (size_t i = 0; i < rare->count; i++) {
		bool out =
			rare->gap[i].gap < rare->limits.low || rare->gap[i].gap > rare->limits.high;
		char when[CALENDAR_TEXT];

		calendar_text(rare->gap[i].ms, true, when);
		fprintf(to,
			"<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"><title>%s: %" PRIu64
			" good boards before this failure</title></circle>",
			out ? "explained" : "point", svg_x(&svg, i), svg_y(&svg, value[i]), when,
			rare->gap[i].gap);
	}
	svg_end(&svg, NULL);
	fprintf(to,
		"<p class=\"note\">g chart of the last %zu of %zu failures. With %.3f %% failures "
		"a "
		"gap lies between %" PRIu64 " and %" PRIu64
		" good boards with 0.135 %% a side outside.</p>\n",
		rare->count, rare->all, 100 * rare->p0, rare->limits.low, rare->limits.high);
}

static void put_cusum(FILE *to, const struct report_rare *rare, double *value)
{
	struct svg svg = {.to = to, .height = 150, .count = rare->count};

	svg.high = fmax(rare->height, rare->highest) * 1.05;
	for (size_t i = 0; i < rare->count; i++)
		value[i] = rare->height;
	svg_begin(&svg, "CUSUM of failures", "", 0, 12);
	svg_steps(&svg, "limit", value);
	for (size_t i = 0; i < rare->count; i++)
		value[i] = rare->gap[i].cusum;
	svg_line(&svg, "centre", value);
	svg_end(&svg, NULL);
	fprintf(to,
		"<p class=\"note\">Bernoulli CUSUM for a rise from %.3f %% to %.3f %% failures, at "
		"the "
		"same failures. Its height is such that steady boards reach it in at most 1 of 20 "
		"reports. It reached %.1f of %.1f. It is shown, and makes no finding.</p>\n",
		100 * rare->p0, 100 * rare->p1, rare->highest, rare->height);
}

static void put_rare(FILE *to, const struct report_rare *rare)
{
	double *value;

	if (rare->count < 2 || rare->p0 <= 0 || rare->p0 > 0.02)
		return;
	value = calloc(rare->count, sizeof(*value));
	if (!value)
		return;
	for (size_t i = 0; i < rare->count; i++)
		value[i] = (double)rare->gap[i].gap;
	fputs("<figure><h3>Board by board, since failures are rare</h3>\n", to);
	put_gaps(to, rare, value);
	put_cusum(to, rare, value);
	fputs("</figure>\n", to);
	free(value);
}

void page_charts(FILE *to, const struct report *report)
{
	char title[80];

	fputs("<section><h2>Control charts</h2>\n", to);
	snprintf(title, sizeof(title), "First-pass yield by %s", report->time.span);
	put_chart(to, title, &report->time);
	put_chart(to, "First-pass yield by lot", &report->lots);
	put_rare(to, &report->rare);
	if (report->time.count < 2)
		fputs("<p>One subgroup of time makes no chart.</p>\n", to);
	fputs("</section>\n", to);
}
