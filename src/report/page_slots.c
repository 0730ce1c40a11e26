/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fixture's map: each station's slots in their order, coloured by failure rate. */
#include <inttypes.h>
#include <string.h>

#include "findings.h"
#include "page.h"

#define ACROSS 8
#define CELL 64
#define CELL_HEIGHT 34
#define WORST 20
#define STATIONS 60

/* 0: none failed; 4: four times as many as expected, or more. */
static int heat(const struct report_slot *slot)
{
	double failed = (double)slot->failed;

	return failed < 1                      ? 0
	       : failed < 1.5 * slot->expected ? 1
	       : failed < 2.5 * slot->expected ? 2
	       : failed < 4 * slot->expected   ? 3
					       : 4;
}

static void put_slot(FILE *to, const struct report *report, const struct report_slot *slot,
		     size_t at)
{
	size_t x = at % ACROSS * CELL, y = at / ACROSS * CELL_HEIGHT;
	char chance[64];

	fprintf(to,
		"<g><rect class=\"cell h%d%s\" x=\"%zu\" y=\"%zu\" width=\"%d\" "
		"height=\"%d\"/><text class=\"slot\" x=\"%zu\" y=\"%zu\">",
		heat(slot), slot->finding ? " named" : "", x + 1, y + 1, CELL - 2, CELL_HEIGHT - 2,
		x + CELL / 2, y + 14);
	html_text(to, slot->name);
	fprintf(to, "</text><text class=\"slot\" x=\"%zu\" y=\"%zu\">%.1f %%</text><title>",
		x + CELL / 2, y + 27, 100.0 * (double)slot->failed / (double)slot->boards);
	html_text(to, slot->name);
	fprintf(to, ": %" PRIu64 " of %" PRIu64 " boards did not pass first, %.1f expected",
		slot->failed, slot->boards, slot->expected);
	if (!report->options->live) {
		chance_text(slot->p, chance, sizeof(chance));
		fprintf(to, "; if all slots were alike: %s", chance);
	}
	fputs("</title></g>\n", to);
}

static void put_map(FILE *to, const struct report *report, size_t first, size_t count)
{
	size_t rows = (count + ACROSS - 1) / ACROSS;

	fputs("<figure><h3>Station ", to);
	html_text(to, report->slot[first].station);
	fprintf(to, "</h3><svg viewBox=\"0 0 %d %zu\" width=\"%d\" role=\"img\" aria-label=\"",
		ACROSS * CELL, rows * CELL_HEIGHT, ACROSS * CELL);
	html_text(to, report->slot[first].station);
	fputs("\">\n", to);
	for (size_t i = 0; i < count; i++)
		put_slot(to, report, &report->slot[first + i], i);
	fputs("</svg></figure>\n", to);
}

static void put_worst(FILE *to, const struct report *report)
{
	bool shown[PAGE_LINES] = {false};
	size_t most = report->slots < PAGE_LINES ? report->slots : PAGE_LINES;

	fputs("<h3>The slots that stand out most</h3><div class=\"scroll\"><table><tr><th>slot</th>"
	      "<th class=\"n\">boards</th><th class=\"n\">not passed first</th><th class=\"n\">"
	      "expected</th><th>if all slots were alike</th></tr>\n",
	      to);
	for (size_t n = 0; n < WORST && n < most; n++) {
		const struct report_slot *worst = NULL;
		char chance[64];

		for (size_t i = 0; i < most; i++) {
			if (!shown[i] && (!worst || report->slot[i].p < worst->p))
				worst = &report->slot[i];
		}
		shown[worst - report->slot] = true;
		if (worst->p > 0.05)
			break;
		chance_text(worst->p, chance, sizeof(chance));
		fprintf(to, "<tr%s data-row=\"", worst->finding ? " class=\"stands\"" : "");
		html_text(to, worst->station);
		fputs("\"><td class=\"name\">", to);
		html_text(to, worst->station);
		putc(' ', to);
		html_text(to, worst->name);
		fputs("</td>", to);
		html_number(to, worst->boards);
		html_number(to, worst->failed);
		fprintf(to, "<td class=\"n\">%.1f</td><td>%s%s</td></tr>\n", worst->expected,
			chance, worst->finding ? " <b class=\"bad\">finding</b>" : "");
	}
	fprintf(to,
		"</table></div><p class=\"note\">Each slot is compared with the others of its "
		"station that had boards of the same lot and firmware in the same %s (Fisher's "
		"exact "
		"test over these strata, one-sided). Probabilities are before correction for %zu "
		"slots; at 0.05 and under they are listed.</p>\n",
		report->time.span, report->slots);
}

void page_slots(FILE *to, const struct report *report)
{
	size_t stations = 0;

	fputs("<section><h2>Slots</h2>\n", to);
	for (size_t i = 0, count; i < report->slots && stations < STATIONS;
	     i += count, stations++) {
		for (count = 1;
		     i + count < report->slots &&
		     strcmp(report->slot[i].station, report->slot[i + count].station) == 0;
		     count++)
			;
		put_map(to, report, i, count < PAGE_LINES ? count : PAGE_LINES);
	}
	fputs("<p class=\"note\">Colours: blue, none or about as many failures as expected; "
	      "yellow, "
	      "from 1.5 times as many; orange, from 2.5 times; red, from 4 times.</p>\n",
	      to);
	if (!report->options->live && report->slots)
		put_worst(to, report);
	fputs("</section>\n", to);
}
