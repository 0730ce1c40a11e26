/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report for a terminal: the findings, the yields, the errors, and conspicuous slots. */
#include <inttypes.h>
#include <string.h>

#include "calendar.h"
#include "findings.h"
#include "h7gang/report/report.h"
#include "h7gang/base/text.h"

#define CELL_SIZE 128
#define LINES_MAX 500 /* of a table; a log that someone made up may name a million slots */
#define AGAIN_MAX 20
#define HOLDERS_MAX 10 /* of one number */

/* --- pieces --- */

static void put_text(FILE *to, const char *text)
{
	char shown[2 * sizeof(((struct report_finding *)NULL)->text)];

	text_terminal(text, shown, sizeof(shown));
	fputs(shown, to);
}

static void put_name(char name[CELL_SIZE], const struct report_group *group, const char *unnamed)
{
	char text[CELL_SIZE / 2], station[CELL_SIZE / 2];

	text_terminal(*group->name ? group->name : unnamed, text, sizeof(text));
	text_terminal(group->station, station, sizeof(station));
	snprintf(name, CELL_SIZE, "%s%s%s", station, *station ? " " : "", text);
}

static void put_share(FILE *to, uint64_t part, uint64_t whole)
{
	if (whole)
		fprintf(to, "  %6.1f %%", 100.0 * (double)part / (double)whole);
	else
		fputs("         -", to);
}

static void put_line(FILE *to, const char *what, uint64_t part, uint64_t whole,
		     const struct stat_interval *interval)
{
	fprintf(to, "  %-28s %10" PRIu64, what, part);
	if (whole)
		fprintf(to, "  %5.1f %%", 100.0 * (double)part / (double)whole);
	if (whole && interval)
		fprintf(to, "  (95 %%: %.1f to %.1f)", 100 * interval->low, 100 * interval->high);
	fputc('\n', to);
}

/* --- the head --- */

static void put_logs(FILE *to, const struct report *report)
{
	for (size_t i = 0; i < report->logs; i++) {
		const struct report_log *log = &report->log[i];

		fputs("  ", to);
		put_text(to, log->first);
		if (log->files > 1) {
			fputs(" to ", to);
			put_text(to, log->last);
		}
		fputs(log->intact ? ": intact" : ": NOT INTACT", to);
		if (*log->finding) {
			fputs(": ", to);
			put_text(to, log->finding);
		}
		fprintf(to, ", seq=%" PRIu64 "\n", log->head.seq);
	}
}

static void put_head(FILE *to, const struct report *report)
{
	char from[CALENDAR_TEXT] = "-", until[CALENDAR_TEXT] = "-", zone[CALENDAR_TEXT] = "";

	if (report->until_ms) {
		calendar_text(report->since_ms, true, from);
		calendar_text(report->until_ms, true, until);
		calendar_zone_name(report->since_ms, zone);
	}
	if (report->options->title) {
		put_text(to, report->options->title);
		fputc('\n', to);
	}
	fprintf(to, "Report on %" PRIu64 " rows, %s to %s %s\n", report->rows, from, until, zone);
	put_logs(to, report);
	for (size_t i = 0; i < report->overrides; i++) {
		fputs(i ? ", " : "  Overrides in use: ", to);
		put_text(to, report->override_used[i]);
	}
	fputs(report->overrides ? "\n" : "", to);
}

static void put_findings(FILE *to, const struct report *report)
{
	fputs("\nFindings\n", to);
	if (report->findings == 0)
		fputs(report->options->live ? "  none (without significance tests)\n"
					    : "  nothing stands out\n",
		      to);
	for (size_t i = 0; i < report->findings; i++) {
		const struct report_finding *finding = &report->finding[i];

		fputs("  * ", to);
		put_text(to, finding->text);
		fputc('\n', to);
		for (size_t k = 0; k < finding->consequences; k++) {
			fputs("      ", to);
			put_text(to, finding->consequence[k]);
			fputc('\n', to);
		}
	}
	if (!report->options->live)
		fprintf(to,
			"  (at most 1 false headline in 20 such reports, over %zu comparisons)\n",
			report->tests);
}

static void put_yield(FILE *to, const struct report *report)
{
	const struct report_tally *all = &report->all;

	fputs("\nBoards (one UID in one lot; first pass: first attempt of its first unit)\n", to);
	put_line(to, "boards", report->boards, 0, NULL);
	put_line(to, "passed first", all->boards_first, all->boards, &report->boards_first);
	put_line(to, "passed in the end", all->boards_passed, all->boards, &report->boards_passed);
	put_line(to, "without a readable UID", report->nameless, 0, NULL);
	put_line(to, "without a unit that counts", report->unjudged, 0, NULL);
	fputs("\nUnits (one visit of a board to a slot; yields leave out what was aborted)\n", to);
	put_line(to, "passed or failed", all->units, 0, NULL);
	put_line(to, "passed at the first attempt", all->units_first, all->units,
		 &report->units_first);
	put_line(to, "passed in the end", all->units_passed, all->units, &report->units_passed);
	put_line(to, "failed", all->units - all->units_passed, all->units, NULL);
	put_line(to, "aborted", all->aborted, 0, NULL);
	put_line(to, "left out (station or lot)", all->excluded, 0, NULL);
	if (report->rework.units)
		put_line(to, "units of rework that passed", report->rework.units_passed,
			 report->rework.units, NULL);
	if (report->verify.units)
		put_line(to, "units of h7gang verify", report->verify.units_passed,
			 report->verify.units, NULL);
	fputs("\nAttempts\n", to);
	put_line(to, "passed", all->attempts_passed, all->attempts, &report->attempts_passed);
	if (report->tray_factor > 1.05)
		fprintf(to,
			"  Boards of one tray fail together: intervals and limits allow for %.1f "
			"times the variance.\n",
			report->tray_factor);
}

/* --- tables --- */

static void put_errors(FILE *to, const struct report *report)
{
	fputs("\nFailures by error\n", to);
	if (report->errors == 0) {
		fputs("  none\n", to);
		return;
	}
	fprintf(to, "  %-20s %8s %8s %9s %11s\n", "error", "boards", "units", "attempts",
		"cumulative");
	for (size_t i = 0; i < report->errors; i++) {
		const struct report_error *error = &report->error[i];
		char name[CELL_SIZE];

		text_terminal(error->name, name, sizeof(name));
		fprintf(to, "  %-20s %8" PRIu64 " %8" PRIu64 " %9" PRIu64 " %9.1f %%%s\n", name,
			error->boards, error->units, error->attempts, 100 * error->cumulative,
			error->excluded ? "  in no yield" : "");
	}
}

static void put_dimension(FILE *to, const char *title, const struct report_dimension *dimension,
			  const char *unnamed)
{
	size_t shown = dimension->count < LINES_MAX ? dimension->count : LINES_MAX, width = 8;
	char name[CELL_SIZE];

	if (dimension->count == 0)
		return;
	for (size_t i = 0; i < shown; i++) {
		put_name(name, &dimension->group[i], unnamed);
		width = strlen(name) > width ? strlen(name) : width;
	}
	fprintf(to, "\n%s\n  %-*s %8s %10s %10s %8s %8s %8s %8s\n", title, (int)width, "", "boards",
		"first pass", "in the end", "units", "failed", "aborted", "left out");
	for (size_t i = 0; i < shown; i++) {
		const struct report_tally *tally = &dimension->group[i].tally;

		put_name(name, &dimension->group[i], unnamed);
		fprintf(to, "  %-*s %8" PRIu64, (int)width, name, tally->boards);
		put_share(to, tally->boards_first, tally->boards);
		put_share(to, tally->boards_passed, tally->boards);
		fprintf(to, " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "\n", tally->units,
			tally->units - tally->units_passed, tally->aborted, tally->excluded);
	}
	if (dimension->count > shown)
		fprintf(to, "  ... and %zu more\n", dimension->count - shown);
}

static void put_cycle(FILE *to, const struct report *report)
{
	static const char *const name[] = {"least", "5 %",  "25 %", "median",
					   "75 %",  "95 %", "most"};

	fprintf(to, "\nCycle time of attempts that passed (%" PRIu64 ")\n ", report->cycle.count);
	for (size_t i = 0; i < 7 && report->cycle.count; i++)
		fprintf(to, " %s %.1f s%s", name[i], report->cycle.at[i] / 1000, i < 6 ? "," : "");
	fputs(report->cycle.count ? "\n" : " none\n", to);
}

static void put_again(FILE *to, const struct report *report)
{
	if (report->boards_again == 0)
		return;
	fprintf(to, "\nBoards that needed more than one unit: %zu\n", report->boards_again);
	for (size_t i = 0; i < report->histories && i < AGAIN_MAX; i++) {
		const struct report_history *history = &report->history[i];

		fprintf(to, "  %s:", history->uid);
		for (size_t k = 0; k < history->visits; k++) {
			fprintf(to, "%s %s", k ? "," : "", history->visit[k].verdict);
			fputs(*history->visit[k].error ? " " : "", to);
			put_text(to, history->visit[k].error);
		}
		fputc('\n', to);
	}
	if (report->boards_again > AGAIN_MAX)
		fprintf(to, "  ... and %zu more\n", report->boards_again - AGAIN_MAX);
}

static void put_doubles(FILE *to, const struct report *report)
{
	char when[CALENDAR_TEXT];

	if (report->doubles == 0)
		return;
	fprintf(to, "\nNumbers of more than one board: %zu%s\n", report->doubles,
		report->doubles_cut ? " or more" : "");
	for (size_t i = 0; i < report->doubles && i < AGAIN_MAX; i++) {
		const struct report_double *doubled = &report->doubled[i];

		fputs("  ", to);
		put_text(to, doubled->number);
		fprintf(to, ": %zu%s boards\n", doubled->boards, doubled->more ? " or more" : "");
		for (size_t k = 0; k < doubled->boards && k < HOLDERS_MAX; k++) {
			const struct report_holder *holder = &doubled->holder[k];

			calendar_text(holder->row.ms, true, when);
			fprintf(to, "    %s %s station ", holder->row.uid, when);
			put_text(to, holder->row.station);
			fputs(" slot ", to);
			put_text(to, holder->row.slot);
			fputs(" lot ", to);
			put_text(to, holder->lot);
			fputs(" profile ", to);
			put_text(to, holder->profile);
			fputc('\n', to);
		}
		if (doubled->boards > HOLDERS_MAX)
			fputs("    ...\n", to);
	}
	if (report->doubles > AGAIN_MAX)
		fprintf(to, "  ... and %zu more\n", report->doubles - AGAIN_MAX);
}

void report_text(FILE *to, const struct report *report)
{
	static const struct {
		enum report_by by;
		const char *title, *unnamed;
	} tables[] = {{BY_LOT, "By lot", "(none)"},
		      {BY_FIRMWARE, "By firmware", "(none)"},
		      {BY_STATION, "By station", "(none)"},
		      {BY_LINE, "By line (the tag line=)", "(none)"},
		      {BY_SLOT, "By slot", "(none)"},
		      {BY_PROFILE, "By profile", "(none)"},
		      {BY_BOOTLOADER, "By part and bootloader", "unknown"},
		      {BY_OPERATOR, "By operator", "(none)"},
		      {BY_SHIFT, "By shift", "-"},
		      {BY_HOUR, "By hour of the day", "-"}};

	put_head(to, report);
	put_findings(to, report);
	put_yield(to, report);
	put_errors(to, report);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct report_dimension *dimension = &report->by[tables[i].by];

		if (dimension->count == 1 && !*dimension->group[0].name)
			continue;
		put_dimension(to, tables[i].title, dimension, tables[i].unnamed);
	}
	put_cycle(to, report);
	put_again(to, report);
	put_doubles(to, report);
}
