/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The report for a terminal. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "h7gang/ui/text.h"
#include "table.h"

#define CELLS_MAX 8
#define CELL_SIZE 128
#define LINES_MAX 500 /* of a table; a log that someone made up may name a million slots */

struct row {
	char cell[CELLS_MAX][CELL_SIZE];
	size_t count;
};

__attribute__((format(printf, 2, 3))) static void put(struct row *row, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(row->cell[row->count++], CELL_SIZE, format, arguments);
	va_end(arguments);
}

static void put_name(struct row *row, const struct audit_tally *tally, const char *unnamed)
{
	char name[CELL_SIZE / 2], station[CELL_SIZE / 2];

	ui_printable(*tally->name ? tally->name : unnamed, name, sizeof(name));
	ui_printable(tally->station, station, sizeof(station));
	put(row, "  %s%s%s", station, *station ? " " : "", name);
}

/* "-" where there is nothing to divide by. */
static void put_share(struct row *row, uint64_t part, uint64_t whole)
{
	if (whole)
		put(row, "%.1f %%", 100.0 * (double)part / (double)whole);
	else
		put(row, "-");
}

static bool add(struct table *table, const struct row *row)
{
	const char *cells[CELLS_MAX];

	for (size_t i = 0; i < row->count; i++)
		cells[i] = row->cell[i];
	return table_add(table, cells);
}

static void show(FILE *to, struct table *table, size_t left_out)
{
	if (table)
		table_print(table, to);
	if (left_out)
		fprintf(to, "  ... and %zu more\n", left_out);
	table_free(table);
}

static void text_errors(FILE *to, const struct audit_tallies *errors)
{
	static const char *const heads[] = {"  error", "units", "attempts"};
	struct table *table = table_new(3, heads);
	size_t shown = errors->count < LINES_MAX ? errors->count : LINES_MAX;

	fputs("\nFailures by error\n", to);
	if (errors->count == 0)
		fputs("  none\n", to);
	for (size_t i = 0; i < shown && table; i++) {
		const struct audit_tally *tally = &errors->tally[i];
		struct row row = {.count = 0};

		put_name(&row, tally, "-");
		put(&row, "%" PRIu64, tally->failed + tally->aborted);
		put(&row, "%" PRIu64, tally->attempts);
		if (!add(table, &row))
			break;
	}
	if (errors->count)
		show(to, table, errors->count - shown);
	else
		table_free(table);
}

static void text_tallies(FILE *to, const char *title, const char *head,
			 const struct audit_tallies *tallies, const char *unnamed, bool slots)
{
	const char *heads[] = {head,	 "units",   "first pass", "final",
			       "failed", "aborted", "chance",	  ""};
	struct table *table = table_new(slots ? 8 : 6, heads);
	size_t shown = tallies->count < LINES_MAX ? tallies->count : LINES_MAX;

	fprintf(to, "\n%s\n", title);
	for (size_t i = 0; i < shown && table; i++) {
		const struct audit_tally *tally = &tallies->tally[i];
		uint64_t judged = tally->passed + tally->failed;
		struct row row = {.count = 0};

		put_name(&row, tally, unnamed);
		put(&row, "%" PRIu64, judged + tally->aborted);
		put_share(&row, tally->first, judged);
		put_share(&row, tally->passed, judged);
		put(&row, "%" PRIu64, tally->failed);
		put(&row, "%" PRIu64, tally->aborted);
		if (slots) {
			put(&row, "%.2g", tally->chance);
			put(&row, "%s", tally->outlier ? "<- fails more than the others" : "");
		}
		if (!add(table, &row))
			break;
	}
	show(to, table, tallies->count - shown);
}

static void text_hours(FILE *to, const struct audit_stats *stats)
{
	char names[24][8];
	struct audit_tally some[24];
	struct audit_tallies hours = {.tally = some};

	for (unsigned i = 0; i < 24; i++) {
		if (!stats->hour[i].passed && !stats->hour[i].failed && !stats->hour[i].aborted)
			continue;
		snprintf(names[i], sizeof(names[i]), "%02u h", i);
		some[hours.count] = stats->hour[i];
		some[hours.count].station = "";
		some[hours.count++].name = names[i];
	}
	text_tallies(to, "By hour of the day (UTC)", "  hour", &hours, "-", false);
}

static void text_cycle(FILE *to, const struct audit_stats *stats)
{
	static const unsigned at[] = {0, 50, 250, 500, 750, 950, 1000};
	static const char *const name[] = {"least", "5 %",  "25 %", "median",
					   "75 %",  "95 %", "most"};

	fprintf(to, "\nCycle time of attempts that passed (%zu)\n ", stats->cycles);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]) && stats->cycles; i++)
		fprintf(to, " %s %.1f s%s", name[i], (double)audit_cycle_at(stats, at[i]) / 1000,
			i + 1 < sizeof(at) / sizeof(at[0]) ? "," : "");
	fputs(stats->cycles ? "\n" : " none\n", to);
}

static void text_share(FILE *to, const char *what, uint64_t part, uint64_t whole)
{
	fprintf(to, "  %-26s %10" PRIu64, what, part);
	if (whole)
		fprintf(to, "  %5.1f %%", 100.0 * (double)part / (double)whole);
	fputc('\n', to);
}

static void text_logs(FILE *to, const struct cli_audit_report *report)
{
	for (size_t i = 0; i < report->logs; i++) {
		const struct cli_audit_log *log = &report->log[i];
		char first[CELL_SIZE], last[CELL_SIZE], finding[sizeof(log->finding)];

		ui_printable(log->first, first, sizeof(first));
		ui_printable(log->last, last, sizeof(last));
		ui_printable(log->finding, finding, sizeof(finding));
		fprintf(to, "  %s%s%s: %s%s%s\n", first, log->files > 1 ? " to " : "",
			log->files > 1 ? last : "", log->intact ? "intact" : "NOT INTACT",
			*finding ? ": " : "", finding);
	}
}

void cli_audit_text(FILE *to, const struct cli_audit_report *report)
{
	const struct audit_stats *stats = report->stats;
	const struct audit_tally *all = &stats->all;
	uint64_t judged = all->passed + all->failed;

	fprintf(to, "Report on %" PRIu64 " rows, %s to %s\n", stats->rows,
		*stats->since ? stats->since : "-", *stats->until ? stats->until : "-");
	text_logs(to, report);
	fputs("\nUnits (one visit of a board to a slot; yields leave out what was aborted)\n", to);
	text_share(to, "passed or failed", judged, 0);
	text_share(to, "passed at the first attempt", all->first, judged);
	text_share(to, "passed in the end", all->passed, judged);
	text_share(to, "failed", all->failed, judged);
	text_share(to, "aborted", all->aborted, 0);
	text_share(to, "boards told apart by UID", stats->boards, 0);
	text_share(to, "of these, passed at last", stats->boards_passed, stats->boards);
	if (stats->verify.passed + stats->verify.failed + stats->verify.aborted)
		text_share(to, "units of h7gang verify", stats->verify.passed,
			   stats->verify.passed + stats->verify.failed);
	text_errors(to, &stats->errors);
	if (stats->stations.count > 1)
		text_tallies(to, "By station", "  station", &stats->stations, "-", false);
	if (stats->lines.count > 1)
		text_tallies(to, "By line (the tag line=)", "  line", &stats->lines, "-", false);
	text_tallies(to, "By slot", "  slot", &stats->slots, "-", true);
	fprintf(to, "  %s\n", CLI_AUDIT_CHANCE);
	text_tallies(to, "By part and bootloader", "  bootloader", &stats->bootloaders, "unknown",
		     false);
	text_tallies(to, "By time (UTC)", "  time", &stats->times, "-", false);
	if (strcmp(stats->time_unit, "hour") != 0)
		text_hours(to, stats);
	text_cycle(to, stats);
}
