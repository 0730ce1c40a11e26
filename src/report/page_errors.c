/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pareto of errors by boards, each with its advice and the rows behind it. */
#include <inttypes.h>

#include "page.h"
#include "svg.h"

#define BARS 24

static void put_pareto(FILE *to, const struct report *report)
{
	size_t count = report->errors < BARS ? report->errors : BARS;
	struct svg svg = {.to = to, .height = 180, .count = count};
	double width = SVG_WIDTH / (double)count * 0.7, line[BARS];

	svg.high = report->error[0].boards ? (double)report->error[0].boards * 1.05 : 1;
	width = width > 70 ? 70 : width;
	svg_begin(&svg, "Boards by error", "", 0, 110);
	for (size_t i = 0; i < count; i++) {
		const struct report_error *error = &report->error[i];
		double y = svg_y(&svg, (double)error->boards);

		fprintf(to,
			"<rect class=\"barbad\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\"><title>",
			svg_x(&svg, i) - width / 2, y, width, svg.height - y);
		html_text(to, error->name);
		fprintf(to, ": %" PRIu64 " board%s, %" PRIu64 " attempt%s</title></rect>\n",
			error->boards, error->boards == 1 ? "" : "s", error->attempts,
			error->attempts == 1 ? "" : "s");
		svg_label(&svg, i, error->name);
		line[i] = error->cumulative * svg.high;
	}
	svg_line(&svg, "cumulative", line);
	for (size_t i = 0; i < count; i++)
		fprintf(to,
			"<circle class=\"point\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%.1f %% up "
			"to "
			"here</title></circle>",
			svg_x(&svg, i), svg_y(&svg, line[i]), 100 * report->error[i].cumulative);
	svg_end(&svg, "Bars: boards that met the error at least once. Line: their cumulative "
		      "share, from 0 to 100 % at the top.");
}

static void put_examples(FILE *to, const struct report *report, const struct report_error *error)
{
	fputs("<div class=\"scroll\"><table><tr><th>UID</th><th>when</th><th>slot</th><th>row</th>"
	      "</tr>\n",
	      to);
	for (size_t i = 0; i < error->examples; i++) {
		const struct report_example *example = &error->example[i];
		char when[CALENDAR_TEXT];

		fputs("<tr data-row=\"", to);
		html_text(to, example->station);
		fputs("\"><td class=\"hash\">", to);
		html_text(to, *example->uid ? example->uid : "-");
		calendar_text(example->ms, true, when);
		fprintf(to, "</td><td>%s</td><td class=\"name\">", when);
		html_text(to, example->station);
		putc(' ', to);
		html_text(to, example->slot);
		fputs("</td><td>", to);
		page_row(to, report, example->log, example->seq);
		fputs("</td></tr>\n", to);
	}
	fputs("</table></div>\n", to);
	if (error->attempts > error->examples) {
		fprintf(to, "<p class=\"note\">%" PRIu64 " more: h7gang audit find --error ",
			error->attempts - error->examples);
		html_text(to, error->name);
		fputs("</p>\n", to);
	}
}

void page_errors(FILE *to, const struct report *report)
{
	fputs("<section><h2>Errors</h2>\n", to);
	if (report->errors == 0) {
		fputs("<p>None.</p></section>\n", to);
		return;
	}
	put_pareto(to, report);
	fputs("<div class=\"scroll\"><table><tr><th>error</th><th class=\"n\">boards</th>"
	      "<th class=\"n\">units</th><th class=\"n\">attempts</th><th "
	      "class=\"n\">cumulative</th>"
	      "<th>what to do</th></tr>\n",
	      to);
	for (size_t i = 0; i < report->errors; i++) {
		const struct report_error *error = &report->error[i];

		fputs("<tr data-row=\"\">", to);
		html_cell(to, error->name);
		html_number(to, error->boards);
		html_number(to, error->units);
		html_number(to, error->attempts);
		html_share(to, error->cumulative, 1, 1);
		fputs("<td>", to);
		html_text(to, error->advice);
		fputs(error->excluded ? " <i>(in no yield)</i></td></tr>\n" : "</td></tr>\n", to);
	}
	fputs("</table></div>\n", to);
	for (size_t i = 0; i < report->errors; i++) {
		fputs("<details><summary>The boards and rows behind ", to);
		html_text(to, report->error[i].name);
		fputs("</summary>\n", to);
		put_examples(to, report, &report->error[i]);
		fputs("</details>\n", to);
	}
	fputs("</section>\n", to);
}
