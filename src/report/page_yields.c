/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Yields: three side by side, then the boards' by everything that they may have in common. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "page.h"

#define DOT_WIDTH 260

static void tile(FILE *to, const char *title, uint64_t part, uint64_t whole,
		 const struct stat_interval *interval, const char *what)
{
	fprintf(to, "<div class=\"tile\">%s", title);
	if (whole)
		fprintf(to,
			"<b>%.1f %%</b><span class=\"note\">%" PRIu64 " of %" PRIu64
			" %s; 95 %% interval %.1f to %.1f %%</span></div>\n",
			100.0 * (double)part / (double)whole, part, whole, what,
			100 * interval->low, 100 * interval->high);
	else
		fprintf(to, "<b>-</b><span class=\"note\">no %s</span></div>\n", what);
}

static void put_apart(FILE *to, const struct report *report)
{
	fprintf(to,
		"<p>Apart: %" PRIu64 " units were aborted and %" PRIu64
		" ended with an error that the yield leaves out (of the station or the lot, not of "
		"the board); %" PRIu64 " boards have no unit that counts.",
		report->all.aborted, report->all.excluded, report->unjudged);
	if (report->rework.units + report->rework.aborted + report->rework.excluded)
		fprintf(to, " Rework: %" PRIu64 " units, %" PRIu64 " passed.", report->rework.units,
			report->rework.units_passed);
	if (report->verify.units + report->verify.aborted + report->verify.excluded)
		fprintf(to, " h7gang verify: %" PRIu64 " units, %" PRIu64 " passed.",
			report->verify.units, report->verify.units_passed);
	fputs("</p>\n", to);
}

static void put_all(FILE *to, const struct report *report)
{
	const struct report_tally *all = &report->all;

	fputs("<section><h2>Yield</h2>\n<div class=\"tiles\">\n", to);
	tile(to, "Boards: first pass", all->boards_first, all->boards, &report->boards_first,
	     "boards");
	tile(to, "Boards: in the end", all->boards_passed, all->boards, &report->boards_passed,
	     "boards");
	tile(to, "Insertions: first attempt", all->units_first, all->units, &report->units_first,
	     "units");
	tile(to, "Insertions: in the end", all->units_passed, all->units, &report->units_passed,
	     "units");
	tile(to, "Attempts", all->attempts_passed, all->attempts, &report->attempts_passed,
	     "attempts");
	fputs("</div>\n", to);
	put_apart(to, report);
	fputs("<p class=\"note\">A board is one UID in one lot. Its first pass is the first "
	      "attempt "
	      "of its first unit in the lot. An insertion (unit) is one visit of a board to a "
	      "slot; "
	      "its verdict is its last attempt. An attempt is one try. Intervals are Wilson's at "
	      "95 %.</p>\n",
	      to);
	if (report->tray_factor > 1.05)
		fprintf(to,
			"<p class=\"note\">Boards of one tray share hub, power and operator, and "
			"fail "
			"together: between %" PRIu64
			" trays failures vary %.1f times as much as boards on their own would. "
			"Intervals, limits and probabilities allow for it.</p>\n",
			report->trays, report->tray_factor);
	else
		fputs("<p class=\"note\">Boards of one tray share hub, power and operator. Here "
		      "they "
		      "fail no more together than by chance.</p>\n",
		      to);
	fputs("</section>\n", to);
}

/* --- by group --- */

/* Where the scale starts: a round number below every interval worth showing. */
static double scale_start(const struct report_dimension *dimension)
{
	double low = 1;

	for (size_t i = 0; i < dimension->count; i++) {
		const struct report_group *group = &dimension->group[i];

		if (group->tally.boards >= 20)
			low = fmin(low, group->first.low);
		else if (group->tally.boards)
			low = fmin(low,
				   (double)group->tally.boards_first / (double)group->tally.boards);
	}
	low = low > 0.9 ? floor(low * 100) / 100 : floor(low * 10) / 10;
	return low < 1 ? low : 0.9;
}

static double place(double share, double start)
{
	return 6 + (DOT_WIDTH - 12) * fmax(0, share - start) / (1 - start);
}

static void put_dot(FILE *to, const struct report_group *group, double start)
{
	double share;

	fputs("<td>", to);
	if (group->tally.boards) {
		share = (double)group->tally.boards_first / (double)group->tally.boards;
		fprintf(to,
			"<svg class=\"dot\" width=\"%d\" height=\"16\" role=\"img\"><title>%.1f "
			"%%, "
			"95 %% interval %.1f to %.1f %%</title><line class=\"grid\" x1=\"0\" "
			"y1=\"8\" x2=\"%d\" y2=\"8\"/><line class=\"interval\" x1=\"%.1f\" "
			"y1=\"8\" "
			"x2=\"%.1f\" y2=\"8\"/><circle class=\"point\" cx=\"%.1f\" cy=\"8\" "
			"r=\"4\"/></svg>",
			DOT_WIDTH, 100 * share, 100 * group->first.low, 100 * group->first.high,
			DOT_WIDTH, place(group->first.low, start), place(group->first.high, start),
			place(share, start));
	}
	fputs("</td>", to);
}

static void put_group(FILE *to, const struct report_group *group, double start, const char *unnamed)
{
	const struct report_tally *tally = &group->tally;

	fputs("<tr data-row=\"", to);
	html_text(to, group->station);
	fputs("\"><td class=\"name\">", to);
	html_text(to, group->station);
	fputs(*group->station ? " " : "", to);
	html_text(to, *group->name ? group->name : unnamed);
	fputs("</td>", to);
	html_number(to, tally->boards);
	html_share(to, (double)tally->boards_first, (double)tally->boards, 1);
	put_dot(to, group, start);
	html_share(to, (double)tally->boards_passed, (double)tally->boards, 1);
	html_number(to, tally->units);
	html_share(to, (double)tally->units_passed, (double)tally->units, 1);
	html_number(to, tally->units - tally->units_passed);
	html_share(to, (double)tally->attempts_passed, (double)tally->attempts, 1);
	html_number(to, tally->aborted + tally->excluded);
	fputs("</tr>\n", to);
}

static void put_dimension(FILE *to, const char *title, const char *what,
			  const struct report_dimension *dimension, const char *unnamed,
			  bool folded)
{
	double start = scale_start(dimension);

	if (dimension->count == 0)
		return;
	fprintf(to, folded ? "<details><summary>%s (%zu)</summary>\n" : "<h3>%s</h3>\n", title,
		dimension->count);
	fprintf(to,
		"<div class=\"scroll\"><table><tr><th>%s</th><th class=\"n\">boards</th>"
		"<th class=\"n\">first pass</th><th>%.0f %% to 100 %% (the scale starts at %.0f "
		"%%)</th><th class=\"n\">in the end</th><th class=\"n\">units</th><th "
		"class=\"n\">passed</th><th class=\"n\">failed</th><th "
		"class=\"n\">attempts</th><th "
		"class=\"n\">left out</th></tr>\n",
		what, 100 * start, 100 * start);
	for (size_t i = 0; i < dimension->count && i < PAGE_LINES; i++)
		put_group(to, &dimension->group[i], start, unnamed);
	fputs("</table></div>\n", to);
	page_more(to, dimension->count);
	fputs(folded ? "</details>\n" : "", to);
}

void page_yields(FILE *to, const struct report *report)
{
	static const struct {
		enum report_by by;
		const char *title, *what, *unnamed;
	} tables[] = {{BY_LOT, "By lot", "lot", "(none)"},
		      {BY_FIRMWARE, "By firmware", "firmware", "(none)"},
		      {BY_STATION, "By station", "station", "(none)"},
		      {BY_LINE, "By line (the tag line=)", "line", "(none)"},
		      {BY_SLOT, "By slot", "slot", "(none)"},
		      {BY_PROFILE, "By profile", "profile", "(none)"},
		      {BY_BOOTLOADER, "By part and bootloader", "bootloader", "unknown"},
		      {BY_OPERATOR, "By operator", "operator", "(none)"},
		      {BY_SHIFT, "By shift", "shift", "-"},
		      {BY_HOUR, "By hour of the day", "hour", "-"}};

	put_all(to, report);
	fputs("<section><h2>First-pass yield by group</h2>\n", to);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct report_dimension *dimension = &report->by[tables[i].by];

		if (tables[i].by == BY_LINE && dimension->count == 1 && !*dimension->group[0].name)
			continue;
		put_dimension(to, tables[i].title, tables[i].what, dimension, tables[i].unnamed,
			      dimension->count > 16);
	}
	fputs("</section>\n", to);
}
