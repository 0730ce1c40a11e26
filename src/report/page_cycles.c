/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cycle times: all of them, by kind of attempt, and how each station's drift. */
#include <inttypes.h>
#include <math.h>

#include "findings.h"
#include "page.h"
#include "svg.h"

#define DRIFTS 60

static void put_histogram(FILE *to, const struct report *report)
{
	static const char *const name[] = {"least", "5 %",  "25 %", "median",
					   "75 %",  "95 %", "most"};
	size_t bins = sizeof(report->cycle.bin) / sizeof(report->cycle.bin[0]);
	struct svg svg = {.to = to, .height = 140, .count = bins, .high = 1};
	double width = (report->cycle.high - report->cycle.low) / (double)bins;

	for (size_t i = 0; i < bins; i++)
		svg.high = fmax(svg.high, (double)report->cycle.bin[i]);
	svg_begin(&svg, "Cycle time of attempts that passed", "", 0, 24);
	for (size_t i = 0; i < bins; i++) {
		double y = svg_y(&svg, (double)report->cycle.bin[i]);
		double from = report->cycle.low + width * (double)i;

		fprintf(to,
			"<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\"><title>%.2f to %.2f s: %" PRIu64 "</title></rect>\n",
			svg_x(&svg, i) - SVG_WIDTH / 2.0 / (double)bins + 0.5, y,
			SVG_WIDTH / (double)bins - 1, svg.height - y, from / 1000,
			(from + width) / 1000, report->cycle.bin[i]);
		if (i % 4 == 0)
			fprintf(to, "<text x=\"%.1f\" y=\"%.0f\">%.1f s</text>\n",
				svg_x(&svg, i) - SVG_WIDTH / 2.0 / (double)bins, svg.height + 16,
				from / 1000);
	}
	svg_end(&svg, NULL);
	fputs("<div class=\"scroll\"><table><tr>", to);
	for (size_t i = 0; i < 7; i++)
		fprintf(to, "<th class=\"n\">%s</th>", name[i]);
	fputs("</tr><tr>", to);
	for (size_t i = 0; i < 7; i++)
		fprintf(to, "<td class=\"n\">%.2f s</td>", report->cycle.at[i] / 1000);
	fputs("</tr></table></div>\n", to);
}

static void put_strata(FILE *to, const struct report *report)
{
	static const char *const name[] = {
		[PHASE_BLANK] = "blank check", [PHASE_ERASE] = "erase",
		[PHASE_PROGRAM] = "program",   [PHASE_VERIFY] = "verify",
		[PHASE_WORK] = "in all",       [PHASE_WAIT] = "wait for the wire"};
	_Static_assert(sizeof(name) / sizeof(name[0]) == REPORT_PHASES, "a name for each phase");

	fputs("<h3>Phases by kind of attempt: median and 95 % point, in seconds</h3>\n<div "
	      "class=\"scroll\"><table><tr><th>erase method</th><th>bootloader</th><th "
	      "class=\"n\">hubs</th><th class=\"n\">passed</th>",
	      to);
	for (size_t i = 0; i < REPORT_PHASES; i++)
		fprintf(to, "<th class=\"n\">%s</th><th class=\"n\">95 %%</th>", name[i]);
	fputs("</tr>\n", to);
	for (size_t i = 0; i < report->strata && i < PAGE_LINES; i++) {
		const struct report_stratum *stratum = &report->stratum[i];

		fputs("<tr data-row=\"\">", to);
		html_cell(to, stratum->erase_method);
		html_cell(to, stratum->bootloader);
		html_number(to, stratum->hubs);
		html_number(to, stratum->phase[PHASE_WORK].count);
		for (size_t k = 0; k < REPORT_PHASES; k++) {
			const struct report_phase_times *times = &stratum->phase[k];

			html_seconds(to, times->count > 0, times->median);
			html_seconds(to, times->count > 0, times->p95);
		}
		fputs("</tr>\n", to);
	}
	fputs("</table></div>\n", to);
	page_more(to, report->strata);
	fputs("<p class=\"note\">\"In all\" leaves out the wait for the wire. Times of more than "
	      "1,024 attempts are kept to one part in a thousand.</p>\n",
	      to);
}

static void put_drift(FILE *to, const struct report_drift *drift)
{
	double reach = 100;
	struct svg svg = {.to = to, .height = 60, .count = drift->points};

	for (size_t i = 0; i < drift->points; i++)
		reach = fmax(reach, fabs(drift->deviation[i]));
	svg.low = -reach * 1.1 / 1000;
	svg.high = reach * 1.1 / 1000;
	fputs("<figure><h3>", to);
	html_text(to, *drift->station ? drift->station : "(none)");
	fprintf(to, ": %+.2f s over the period%s</h3>\n", drift->change / 1000,
		drift->finding ? " <span class=\"bad\">(finding)</span>" : "");
	svg_begin(&svg, "Drift of the cycle time", " s", 1, 4);
	fprintf(to, "<path class=\"centre\" d=\"M0 %.1fH%d\"/>", svg_y(&svg, 0), SVG_WIDTH);
	for (size_t i = 0; i < drift->points; i++) {
		char when[CALENDAR_TEXT];

		calendar_text((int64_t)drift->ms_local[i], false, when);
		fprintf(to,
			"<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%.10s: %+.2f "
			"s</title></circle>",
			drift->finding ? "out" : "point", svg_x(&svg, i),
			svg_y(&svg, drift->deviation[i] / 1000), when, drift->deviation[i] / 1000);
	}
	svg_end(&svg, NULL);
	fputs("</figure>\n", to);
}

void page_cycles(FILE *to, const struct report *report)
{
	fprintf(to, "<section><h2>Cycle times</h2>\n<p>Attempts that passed: %" PRIu64 ".</p>\n",
		report->cycle.count);
	if (report->cycle.count) {
		put_histogram(to, report);
		put_strata(to, report);
	}
	if (report->drifts && report->drift[0].points >= 3) {
		fprintf(to,
			"<h3>Drift by station</h3><p class=\"note\">Each point is the mean "
			"difference, in one %s, from what attempts of the same kind (profile, "
			"firmware, part, erase method, bootloader, hubs) take on average at this "
			"station. The change follows Theil and Sen's slope; Mann and Kendall's "
			"test "
			"judges it.</p>\n",
			report->drift_span);
		for (size_t i = 0; i < report->drifts && i < DRIFTS; i++) {
			if (report->drift[i].points >= 3)
				put_drift(to, &report->drift[i]);
		}
	}
	fputs("</section>\n", to);
}
