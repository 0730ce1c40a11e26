/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report as one page: no script, nothing from elsewhere, charts as SVG with their numbers
 * beside them. Every text of a log goes through put_text: a board may call itself anything. */
#include <inttypes.h>
#include <string.h>

#include "audit.h"
#include "h7gang/ui/text.h"

#define SHOWN 200	/* bytes of a text */
#define LINES_MAX 500	/* of a table */
#define BAR_WIDTH 300	/* of a table's bars, in user units */
#define CHART_WIDTH 720 /* of the charts */
#define CHART_HEIGHT 160
#define BINS 24

static const char head[] = CLI_AUDIT_HTML
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<title>h7gang report</title>\n"
	"<style>\n"
	"body { font: 15px/1.4 sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em; "
	"color: #111; background: #fff }\n"
	"table { border-collapse: collapse; margin: 0.5em 0 }\n"
	"th, td { padding: 0.15em 0.8em 0.15em 0; text-align: left; vertical-align: top; "
	"overflow-wrap: anywhere }\n"
	"th { border-bottom: 1px solid #888 }\n"
	"td.n, th.n { text-align: right; white-space: nowrap }\n"
	".big { font-size: 2em }\n"
	".bad { font-weight: bold; color: #a00 }\n"
	"p.note { color: #444 }\n"
	"section { break-inside: avoid-page }\n"
	"svg text { font: 11px sans-serif; fill: #111 }\n"
	".first { fill: #2a7 } .retried { fill: #9c6 } .failed { fill: #b22 } .aborted { fill: "
	"#999 }\n"
	"rect { stroke: #fff; stroke-width: 0.5; print-color-adjust: exact; "
	"-webkit-print-color-adjust: exact }\n"
	"@media print { body { margin: 0; max-width: none; font-size: 11px } }\n"
	"</style>\n"
	"</head>\n"
	"<body>\n";

/* --- pieces --- */

static void put_text(FILE *to, const char *text)
{
	char shown[SHOWN];

	ui_printable(text, shown, sizeof(shown));
	for (const char *p = shown; *p; p++) {
		switch (*p) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\'':
			fputs("&#39;", to);
			break;
		default:
			putc(*p, to);
		}
	}
}

static void put_name(FILE *to, const struct audit_tally *tally, const char *unnamed)
{
	put_text(to, tally->station);
	if (*tally->station)
		putc(' ', to);
	put_text(to, *tally->name ? tally->name : unnamed);
}

static void put_number(FILE *to, uint64_t number)
{
	fprintf(to, "<td class=\"n\">%" PRIu64 "</td>", number);
}

static void put_share(FILE *to, uint64_t part, uint64_t whole)
{
	if (whole)
		fprintf(to, "<td class=\"n\">%.1f %%</td>", 100.0 * (double)part / (double)whole);
	else
		fputs("<td class=\"n\">-</td>", to);
}

static uint64_t units_of(const struct audit_tally *tally)
{
	return tally->passed + tally->failed + tally->aborted;
}

static uint64_t most_units(const struct audit_tallies *tallies)
{
	uint64_t most = 1;

	for (size_t i = 0; i < tallies->count; i++) {
		if (units_of(&tallies->tally[i]) > most)
			most = units_of(&tallies->tally[i]);
	}
	return most;
}

struct part {
	const char *name, *style;
	uint64_t units;
};

#define PARTS 4

static void parts_of(const struct audit_tally *tally, struct part part[PARTS])
{
	part[0] = (struct part){"passed at the first attempt", "first", tally->first};
	part[1] = (struct part){"passed after a retry", "retried", tally->passed - tally->first};
	part[2] = (struct part){"failed", "failed", tally->failed};
	part[3] = (struct part){"aborted", "aborted", tally->aborted};
}

/* One bar of up to BAR_WIDTH, its parts side by side. */
static void put_bar(FILE *to, const struct audit_tally *tally, uint64_t most)
{
	struct part part[PARTS];
	double x = 0;

	parts_of(tally, part);
	fprintf(to,
		"<td><svg width=\"%d\" height=\"14\" viewBox=\"0 0 %d 14\" role=\"img\" "
		"aria-label=\"%" PRIu64 " units\">",
		BAR_WIDTH, BAR_WIDTH, units_of(tally));
	for (size_t i = 0; i < PARTS; i++) {
		double width = BAR_WIDTH * (double)part[i].units / (double)most;

		if (part[i].units == 0)
			continue;
		fprintf(to,
			"<rect class=\"%s\" x=\"%.1f\" y=\"1\" width=\"%.1f\" height=\"12\">"
			"<title>%" PRIu64 " %s</title></rect>",
			part[i].style, x, width, part[i].units, part[i].name);
		x += width;
	}
	fputs("</svg></td>", to);
}

static void put_legend(FILE *to)
{
	static const struct audit_tally none;
	struct part part[PARTS];

	parts_of(&none, part);
	fputs("<p class=\"note\">Bars, from the left or from below:", to);
	for (size_t i = 0; i < PARTS; i++)
		fprintf(to,
			"%s <svg width=\"12\" height=\"12\"><rect class=\"%s\" width=\"12\" "
			"height=\"12\"/></svg> %s",
			i ? "," : "", part[i].style, part[i].name);
	fputs(".</p>\n", to);
}

/* --- sections --- */

static void html_logs(FILE *to, const struct cli_audit_report *report)
{
	fputs("<section><h2>Logs</h2>\n<table><tr><th>log</th><th>chain</th></tr>\n", to);
	for (size_t i = 0; i < report->logs && i < LINES_MAX; i++) {
		const struct cli_audit_log *log = &report->log[i];

		fputs("<tr><td>", to);
		put_text(to, log->first);
		if (log->files > 1) {
			fputs(" to ", to);
			put_text(to, log->last);
		}
		fputs(log->intact ? "</td><td>intact" : "</td><td class=\"bad\">NOT INTACT", to);
		if (*log->finding) {
			fputs(": ", to);
			put_text(to, log->finding);
		}
		fputs("</td></tr>\n", to);
	}
	fputs("</table></section>\n", to);
}

static void put_line(FILE *to, const char *what, uint64_t part, uint64_t whole)
{
	fprintf(to, "<tr><td>%s</td>", what);
	put_number(to, part);
	if (whole)
		put_share(to, part, whole);
	fputs("</tr>\n", to);
}

static void html_yield(FILE *to, const struct audit_stats *stats)
{
	const struct audit_tally *all = &stats->all, *verify = &stats->verify;
	uint64_t judged = all->passed + all->failed;

	fputs("<section><h2>Units</h2>\n<table><tr class=\"big\"><td>Yield</td>", to);
	put_share(to, all->passed, judged);
	fputs("</tr><tr class=\"big\"><td>First pass</td>", to);
	put_share(to, all->first, judged);
	fputs("</tr></table>\n<table>\n", to);
	put_line(to, "passed or failed", judged, 0);
	put_line(to, "passed at the first attempt", all->first, judged);
	put_line(to, "passed in the end", all->passed, judged);
	put_line(to, "failed", all->failed, judged);
	put_line(to, "aborted", all->aborted, 0);
	put_line(to, "boards told apart by UID", stats->boards, 0);
	put_line(to, "of these, passed at last", stats->boards_passed, stats->boards);
	if (units_of(verify))
		put_line(to, "units of h7gang verify that passed", verify->passed,
			 verify->passed + verify->failed);
	fputs("</table>\n<p class=\"note\">A unit is one visit of a board to a slot, its verdict "
	      "the last of its attempts. Yields leave out what was aborted.</p></section>\n",
	      to);
}

static void html_errors(FILE *to, const struct audit_tallies *errors)
{
	uint64_t most = 1;

	fputs("<section><h2>Failures by error</h2>\n", to);
	if (errors->count == 0) {
		fputs("<p>None.</p></section>\n", to);
		return;
	}
	for (size_t i = 0; i < errors->count; i++)
		most = errors->tally[i].attempts > most ? errors->tally[i].attempts : most;
	fputs("<table><tr><th>error</th><th class=\"n\">units</th><th class=\"n\">attempts</th>"
	      "<th>attempts</th></tr>\n",
	      to);
	for (size_t i = 0; i < errors->count && i < LINES_MAX; i++) {
		const struct audit_tally *tally = &errors->tally[i];

		fputs("<tr><td>", to);
		put_name(to, tally, "-");
		fputs("</td>", to);
		put_number(to, tally->failed + tally->aborted);
		put_number(to, tally->attempts);
		fprintf(to,
			"<td><svg width=\"%d\" height=\"14\"><rect class=\"failed\" y=\"1\" "
			"width=\"%.1f\" height=\"12\"/></svg></td></tr>\n",
			BAR_WIDTH, BAR_WIDTH * (double)tally->attempts / (double)most);
	}
	fputs("</table></section>\n", to);
}

static void html_tallies(FILE *to, const char *title, const char *what,
			 const struct audit_tallies *tallies, const char *unnamed, bool slots)
{
	uint64_t most = most_units(tallies);

	fprintf(to,
		"<section><h2>%s</h2>\n<table><tr><th>%s</th><th class=\"n\">units</th>"
		"<th class=\"n\">first pass</th><th class=\"n\">final</th>"
		"<th class=\"n\">failed</th>%s<th></th></tr>\n",
		title, what, slots ? "<th class=\"n\">chance</th><th></th>" : "");
	for (size_t i = 0; i < tallies->count && i < LINES_MAX; i++) {
		const struct audit_tally *tally = &tallies->tally[i];

		fputs("<tr><td>", to);
		put_name(to, tally, unnamed);
		fputs("</td>", to);
		put_number(to, units_of(tally));
		put_share(to, tally->first, tally->passed + tally->failed);
		put_share(to, tally->passed, tally->passed + tally->failed);
		put_number(to, tally->failed);
		if (slots)
			fprintf(to, "<td class=\"n\">%.2g</td><td class=\"bad\">%s</td>",
				tally->chance, tally->outlier ? "fails more than the others" : "");
		put_bar(to, tally, most);
		fputs("</tr>\n", to);
	}
	fputs("</table>\n", to);
	if (tallies->count > LINES_MAX)
		fprintf(to, "<p>... and %zu more</p>\n", tallies->count - LINES_MAX);
	if (slots)
		fprintf(to, "<p class=\"note\">%s</p>\n", CLI_AUDIT_CHANCE);
	fputs("</section>\n", to);
}

/* --- charts --- */

static void chart_open(FILE *to, const char *title, uint64_t most)
{
	fprintf(to,
		"<section><h2>%s</h2>\n<svg viewBox=\"-60 -10 %d %d\" width=\"100%%\" "
		"role=\"img\" aria-label=\"%s\">\n"
		"<line x1=\"0\" y1=\"0\" x2=\"%d\" y2=\"0\" stroke=\"#ccc\"/>"
		"<text x=\"-6\" y=\"4\" text-anchor=\"end\">%" PRIu64 "</text>\n"
		"<line x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#888\"/>"
		"<text x=\"-6\" y=\"%d\" text-anchor=\"end\">0</text>\n",
		title, CHART_WIDTH + 80, CHART_HEIGHT + 105, title, CHART_WIDTH, most, CHART_HEIGHT,
		CHART_WIDTH, CHART_HEIGHT, CHART_HEIGHT + 4);
}

static void put_column(FILE *to, const struct audit_tally *tally, uint64_t most, double x,
		       double width)
{
	struct part part[PARTS];
	double y = CHART_HEIGHT;

	parts_of(tally, part);
	for (size_t i = 0; i < PARTS; i++) {
		double height = CHART_HEIGHT * (double)part[i].units / (double)most;

		if (part[i].units == 0)
			continue;
		y -= height;
		fprintf(to,
			"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\"><title>%" PRIu64 " %s</title></rect>",
			part[i].style, x, y, width, height, part[i].units, part[i].name);
	}
}

static void html_chart(FILE *to, const char *title, const struct audit_tallies *tallies)
{
	uint64_t most = most_units(tallies);
	double step = CHART_WIDTH / (double)(tallies->count ? tallies->count : 1);

	step = step > 60 ? 60 : step;
	chart_open(to, title, most);
	for (size_t i = 0; i < tallies->count; i++) {
		double x = step * (double)i;

		put_column(to, &tallies->tally[i], most, x + step * 0.1, step * 0.8);
		fprintf(to,
			"<text transform=\"translate(%.1f %d) rotate(-60)\" "
			"text-anchor=\"end\">",
			x + step / 2 + 4, CHART_HEIGHT + 10);
		put_name(to, &tallies->tally[i], "-");
		fputs("</text>\n", to);
	}
	fputs("</svg></section>\n", to);
}

/* As in the log's times, which are UTC. */
static void html_hours(FILE *to, const struct audit_stats *stats)
{
	struct audit_tally hour[24];
	char name[24][8];

	memcpy(hour, stats->hour, sizeof(hour));
	for (unsigned i = 0; i < 24; i++) {
		snprintf(name[i], sizeof(name[i]), "%02u h", i);
		hour[i].station = "";
		hour[i].name = name[i];
	}
	html_chart(to, "By hour of the day (UTC)", &(struct audit_tallies){hour, 24});
}

static void html_cycle(FILE *to, const struct audit_stats *stats)
{
	static const unsigned at[] = {0, 50, 250, 500, 750, 950, 1000};
	static const char *const name[] = {"least", "5 %",  "25 %", "median",
					   "75 %",  "95 %", "most"};
	size_t bin[BINS] = {0}, most = 1;
	double low, width;

	if (stats->cycles == 0)
		return;
	low = (double)stats->cycle_ms[0];
	width = ((double)stats->cycle_ms[stats->cycles - 1] - low) / BINS;
	for (size_t i = 0; i < stats->cycles; i++) {
		double place = width > 0 ? ((double)stats->cycle_ms[i] - low) / width : 0;
		size_t k = place >= BINS ? BINS - 1 : (size_t)place;

		bin[k]++;
		most = bin[k] > most ? bin[k] : most;
	}
	chart_open(to, "Cycle time of attempts that passed", most);
	for (size_t k = 0; k < BINS; k++) {
		double x = CHART_WIDTH / (double)BINS * (double)k;
		double height = CHART_HEIGHT * (double)bin[k] / (double)most;

		fprintf(to,
			"<rect class=\"first\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\"><title>%zu</title></rect>\n",
			x, CHART_HEIGHT - height, CHART_WIDTH / (double)BINS, height, bin[k]);
		if (k % 4 == 0)
			fprintf(to, "<text x=\"%.1f\" y=\"%d\">%.1f s</text>\n", x,
				CHART_HEIGHT + 16, (low + width * (double)k) / 1000);
	}
	fputs("</svg>\n<table><tr>", to);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		fprintf(to, "<th class=\"n\">%s</th>", name[i]);
	fputs("</tr><tr>", to);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		fprintf(to, "<td class=\"n\">%.1f s</td>",
			(double)audit_cycle_at(stats, at[i]) / 1000);
	fputs("</tr></table></section>\n", to);
}

void cli_audit_html(FILE *to, const struct cli_audit_report *report)
{
	const struct audit_stats *stats = report->stats;

	fputs(head, to);
	fprintf(to,
		"<h1>h7gang report</h1>\n<p>%" PRIu64 " rows, %s to %s (UTC), by h7gang %s</p>\n",
		stats->rows, stats->since, stats->until, H7GANG_VERSION);
	html_logs(to, report);
	html_yield(to, stats);
	put_legend(to);
	html_errors(to, &stats->errors);
	if (stats->stations.count > 1)
		html_tallies(to, "By station", "station", &stats->stations, "-", false);
	if (stats->lines.count > 1)
		html_tallies(to, "By line (the tag line=)", "line", &stats->lines, "-", false);
	html_tallies(to, "By slot", "slot", &stats->slots, "-", true);
	html_tallies(to, "By part and bootloader", "bootloader", &stats->bootloaders, "unknown",
		     false);
	html_chart(to, "By time (UTC)", &stats->times);
	html_tallies(to, "The same in numbers", "time", &stats->times, "-", false);
	if (strcmp(stats->time_unit, "hour") != 0)
		html_hours(to, stats);
	html_cycle(to, stats);
	fputs("</body>\n</html>\n", to);
}
