/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boards that needed more than one unit, numbers of more than one board and without one,
 * notes of the stations. */
#include <inttypes.h>

#include "page.h"

#define HISTORIES 100

static void put_visit(FILE *to, const struct report *report, const struct report_visit *visit)
{
	char when[CALENDAR_TEXT];

	calendar_text(visit->ms, true, when);
	fprintf(to, "%s ", when);
	html_text(to, visit->station);
	putc(' ', to);
	html_text(to, visit->slot);
	fprintf(to, " <b%s>%s</b> ", *visit->error ? " class=\"bad\"" : "", visit->verdict);
	html_text(to, visit->error);
	if (*visit->firmware) {
		fputs(" firmware ", to);
		html_text(to, visit->firmware);
	}
	if (visit->seq) {
		fputs(" (row ", to);
		page_row(to, report, visit->log, visit->seq);
		putc(')', to);
	}
}

static void put_histories(FILE *to, const struct report *report)
{
	fprintf(to, "<h3>Boards that needed more than one unit: %zu</h3>\n", report->boards_again);
	if (report->histories == 0)
		return;
	fputs("<div class=\"scroll\"><table><tr><th>UID</th><th>lot</th><th class=\"n\">units</th>"
	      "<th>history</th></tr>\n",
	      to);
	for (size_t i = 0; i < report->histories && i < HISTORIES; i++) {
		const struct report_history *history = &report->history[i];

		fputs("<tr data-row=\"\"><td class=\"hash\">", to);
		html_text(to, history->uid);
		fputs("</td>", to);
		html_cell(to, history->lot);
		html_number(to, history->units);
		fputs("<td>", to);
		for (size_t k = 0; k < history->visits; k++) {
			fputs(k ? "<br>" : "", to);
			put_visit(to, report, &history->visit[k]);
		}
		fputs("</td></tr>\n", to);
	}
	fputs("</table></div>\n", to);
	if (report->boards_again > HISTORIES)
		fputs("<p class=\"note\">Those with the most units are shown. h7gang audit find "
		      "--uid tells any board's history.</p>\n",
		      to);
}

static void put_place(FILE *to, const struct report *report, const struct report_example *row)
{
	char when[CALENDAR_TEXT];

	calendar_text(row->ms, true, when);
	fprintf(to, "<td>%s</td><td class=\"name\">", when);
	html_text(to, row->station);
	putc(' ', to);
	html_text(to, row->slot);
	fputs("</td><td>", to);
	page_row(to, report, row->log, row->seq);
	fputs("</td>", to);
}

static void put_numbers(FILE *to, const struct report *report)
{
	fprintf(to, "<h3>Numbers without a board that passed: %zu%s</h3>\n", report->numbers,
		report->numbers_cut ? " or more" : "");
	if (report->numbers == 0)
		return;
	fputs("<div "
	      "class=\"scroll\"><table><tr><th>number</th><th>why</th><th>UID</th><th>when</th>"
	      "<th>slot</th><th>row</th></tr>\n",
	      to);
	for (size_t i = 0; i < report->numbers && i < PAGE_LINES; i++) {
		const struct report_number *number = &report->number[i];

		fputs("<tr data-row=\"", to);
		html_text(to, number->row.station);
		fputs("\">", to);
		html_cell(to, number->number);
		html_cell(to, number->error);
		fputs("<td class=\"hash\">", to);
		html_text(to, *number->row.uid ? number->row.uid : "-");
		fputs("</td>", to);
		put_place(to, report, &number->row);
		fputs("</tr>\n", to);
	}
	fputs("</table></div>\n", to);
	page_more(to, report->numbers);
}

static void put_holder(FILE *to, const struct report *report, const struct report_holder *holder)
{
	char when[CALENDAR_TEXT];

	calendar_text(holder->row.ms, true, when);
	fprintf(to, "<span class=\"hash\">%s</span> %s ", holder->row.uid, when);
	html_text(to, holder->row.station);
	putc(' ', to);
	html_text(to, holder->row.slot);
	fputs(", lot ", to);
	html_text(to, holder->lot);
	fputs(", profile ", to);
	html_text(to, holder->profile);
	if (holder->row.seq) {
		fputs(" (row ", to);
		page_row(to, report, holder->row.log, holder->row.seq);
		putc(')', to);
	}
}

static void put_doubles(FILE *to, const struct report *report)
{
	fprintf(to, "<h3>Numbers of more than one board: %zu%s</h3>\n", report->doubles,
		report->doubles_cut ? " or more" : "");
	if (report->doubles == 0)
		return;
	fputs("<div class=\"scroll\"><table><tr><th>number</th><th class=\"n\">boards</th>"
	      "<th>that passed with it</th></tr>\n",
	      to);
	for (size_t i = 0; i < report->doubles && i < PAGE_LINES; i++) {
		const struct report_double *doubled = &report->doubled[i];

		fputs("<tr data-row=\"\">", to);
		html_cell(to, doubled->number);
		fprintf(to, "<td class=\"n\">%zu%s</td><td>", doubled->boards,
			doubled->more ? " or more" : "");
		for (size_t k = 0; k < doubled->boards; k++) {
			fputs(k ? "<br>" : "", to);
			put_holder(to, report, &doubled->holder[k]);
		}
		fputs("</td></tr>\n", to);
	}
	fputs("</table></div>\n", to);
	page_more(to, report->doubles);
}

static void put_notes(FILE *to, const struct report *report)
{
	if (report->notes == 0)
		return;
	fprintf(to,
		"<h3>Notes of the stations: %" PRIu64
		"</h3>\n<div class=\"scroll\"><table><tr><th>when</th><th>station, "
		"slot</th><th>row</th>"
		"<th>note</th></tr>\n",
		report->notes);
	for (size_t i = 0; i < report->notes_told; i++) {
		fputs("<tr data-row=\"", to);
		html_text(to, report->note[i].row.station);
		fputs("\">", to);
		put_place(to, report, &report->note[i].row);
		html_cell(to, report->note[i].detail);
		fputs("</tr>\n", to);
	}
	fputs("</table></div>\n", to);
}

void page_boards(FILE *to, const struct report *report)
{
	fputs("<section><h2>Boards and numbers</h2>\n", to);
	put_histories(to, report);
	put_doubles(to, report);
	put_numbers(to, report);
	put_notes(to, report);
	fputs("</section>\n", to);
}
