/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as one page that needs nothing else: charts with their numbers beside them, one small
 * script that only filters tables, and a policy that allows nothing but these. */
#include "page.h"

#include <inttypes.h>
#include <string.h>

#include "h7gang/base/version.h"

/* The files of src/report/page. */
extern const char report_page_css[], report_page_js[];

/* --- the subject --- */

static void put_period(FILE *to, const struct report *report)
{
	char from[CALENDAR_TEXT], until[CALENDAR_TEXT], zone[CALENDAR_TEXT];

	fputs("<dt>Period</dt><dd>", to);
	if (!report->until_ms) {
		fputs("no rows</dd>\n", to);
		return;
	}
	calendar_text(report->since_ms, true, from);
	calendar_text(report->until_ms, true, until);
	calendar_zone_name(report->since_ms, zone);
	fprintf(to, "%s to %s %s", from, until, zone);
	calendar_text(report->since_ms, false, from);
	calendar_text(report->until_ms, false, until);
	fprintf(to, "<br>%s to %s UTC</dd>\n", from, until);
}

static void put_names(FILE *to, const char *title, const struct report_dimension *dimension)
{
	fprintf(to, "<dt>%s</dt><dd>", title);
	for (size_t i = 0; i < dimension->count && i < 40; i++) {
		fputs(i ? ", " : "", to);
		html_text(to, *dimension->group[i].name ? dimension->group[i].name : "(none)");
	}
	if (dimension->count > 40)
		fprintf(to, " and %zu more", dimension->count - 40);
	fputs(dimension->count ? "</dd>\n" : "none</dd>\n", to);
}

static void put_images(FILE *to, const struct report *report)
{
	fputs("<dt>Firmware</dt><dd>", to);
	for (size_t i = 0; i < report->images && i < 40; i++) {
		const struct report_image *image = &report->image[i];

		fputs(i ? "<br>" : "", to);
		html_text(to, *image->firmware ? image->firmware : "(no version)");
		fputs(" of ", to);
		html_text(to, *image->profile ? image->profile : "(no profile)");
		fputs(" <span class=\"hash\">", to);
		html_text(to, image->sha256);
		fputs(image->differs ? "</span> <b class=\"bad\">two images of one version</b>"
				     : "</span>",
		      to);
	}
	if (report->images > 40)
		fprintf(to, "<br>and %zu more", report->images - 40);
	fputs("</dd>\n", to);
}

static void put_log(FILE *to, const struct report_log *log)
{
	fputs("<tr><td class=\"name\">", to);
	html_text(to, log->first);
	if (log->files > 1) {
		fputs(" to ", to);
		html_text(to, log->last);
	}
	fputs(log->intact ? "</td><td>intact" : "</td><td class=\"bad\">NOT INTACT", to);
	if (*log->finding) {
		fputs(": ", to);
		html_text(to, log->finding);
	}
	if (log->open_marks)
		fprintf(to, "; %u attempts begun without a row", log->open_marks);
	fputs("</td><td>", to);
	if (log->sealed)
		fprintf(to, "holds to row %" PRIu64, log->sealed_seq);
	else
		fputs("not checked", to);
	fprintf(to, "</td><td class=\"n\">%" PRIu64 "</td><td class=\"hash\">", log->head.seq);
	html_text(to, log->head.row_hash);
	fputs("</td></tr>\n", to);
}

void page_logs(FILE *to, const struct report *report)
{
	fputs("<section><h2>Logs</h2>\n<div class=\"scroll\"><table><tr><th>log</th><th>chain</th>"
	      "<th>seal</th><th class=\"n\">last row</th><th>row_hash of it</th></tr>\n",
	      to);
	for (size_t i = 0; i < report->logs; i++)
		put_log(to, &report->log[i]);
	fputs("</table></div></section>\n", to);
}

static void put_filter(FILE *to, const char *name, const char *text)
{
	if (!text)
		return;
	fprintf(to, " %s ", name);
	html_text(to, text);
	putc(';', to);
}

void page_title(FILE *to, const struct report *report)
{
	const struct report_options *options = report->options;

	fputs("<header><h1>", to);
	html_text(to, options->title ? options->title : "Programming report");
	fputs("</h1>\n<dl>\n", to);
	put_period(to, report);
	if (options->lot || options->station || options->profile || options->firmware) {
		fputs("<dt>Only</dt><dd>", to);
		put_filter(to, "lot", options->lot);
		put_filter(to, "station", options->station);
		put_filter(to, "profile", options->profile);
		put_filter(to, "firmware", options->firmware);
		fputs("</dd>\n", to);
	}
	put_names(to, "Stations", &report->by[BY_STATION]);
	put_names(to, "Lots", &report->by[BY_LOT]);
	put_names(to, "Profiles", &report->by[BY_PROFILE]);
	put_images(to, report);
	fprintf(to,
		"<dt>Boards</dt><dd>%" PRIu64 " (%" PRIu64
		" without a readable UID, counted by unit)</dd>\n"
		"<dt>Units</dt><dd>%" PRIu64 " that count, %" PRIu64 " aborted, %" PRIu64
		" left out of yields</dd>\n<dt>Rows</dt><dd>%" PRIu64 "</dd>\n",
		report->boards, report->nameless, report->all.units, report->all.aborted,
		report->all.excluded, report->rows);
	fputs("<dt>Overrides</dt><dd>", to);
	for (size_t i = 0; i < report->overrides; i++) {
		fputs(i ? ", " : "", to);
		html_text(to, report->override_used[i]);
	}
	fputs(report->overrides ? " in use</dd>\n</dl>\n" : "none in use</dd>\n</dl>\n", to);
	fprintf(to, "<p class=\"note\">Made by h7gang %s.</p></header>\n", h7gang_version);
}

/* --- findings --- */

static void put_finding(FILE *to, const struct report_finding *finding)
{
	fputs("<li>", to);
	html_text(to, finding->text);
	for (size_t i = 0; i < finding->consequences; i++) {
		fputs(i ? "<li>" : "<ul><li>", to);
		html_text(to, finding->consequence[i]);
		fputs("</li>", to);
	}
	fputs(finding->consequences ? "</ul></li>\n" : "</li>\n", to);
}

void page_findings(FILE *to, const struct report *report)
{
	fprintf(to, "<section><div class=\"findings%s\"><h2>Findings</h2>\n",
		report->findings ? " some" : "");
	if (report->findings == 0)
		fputs(report->options->live ? "<p>No facts to report.</p>\n"
					    : "<p>Nothing stands out.</p>\n",
		      to);
	else
		fputs("<ol>\n", to);
	for (size_t i = 0; i < report->findings; i++)
		put_finding(to, &report->finding[i]);
	fputs(report->findings ? "</ol>\n" : "", to);
	if (report->options->live)
		fputs("<p class=\"note\">This page is looked at again and again, which would raise "
		      "the rate of false alarms: it has no significance "
		      "tests.</p></div></section>\n",
		      to);
	else
		fprintf(to,
			"<p class=\"note\">False-alarm budget: at most 1 false headline in 20 such "
			"reports, kept over all %zu comparisons on this page (false discovery rate "
			"of Benjamini and Hochberg, shared equally between days or shifts, lots, "
			"slots, stations, firmware and drift). Each finding is left out before the "
			"next one is tested again.</p></div></section>\n",
			report->tests);
}

void report_html(FILE *to, const struct report *report)
{
	const char *title = report->options->title ? report->options->title : "Programming report";

	html_begin(to, title, report_page_css, report_page_js);
	fputs("<div id=\"tools\" hidden><input type=\"search\" aria-label=\"Filter tables\" "
	      "placeholder=\"Filter tables: lot, slot, UID, error ...\"><select "
	      "aria-label=\"Station\">"
	      "<option value=\"\">all stations</option></select></div>\n",
	      to);
	page_title(to, report);
	page_findings(to, report);
	page_logs(to, report);
	page_yields(to, report);
	page_charts(to, report);
	page_errors(to, report);
	page_slots(to, report);
	page_cycles(to, report);
	page_boards(to, report);
	html_end(to, report_page_js);
}
