/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel_pages.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "lingo.h"
#include "panel_cell.h"

#define LINE_SIZE 1024

static const char *or_dash(const char *text)
{
	return text[0] ? text : "-";
}

static void details_done(const struct panel_look *look, struct box *body,
			 const struct panel_cell *cell)
{
	char line[LINE_SIZE], reason[PANEL_TEXT], attempt[100];

	panel_reason(cell, reason, sizeof(reason));
	snprintf(attempt, sizeof(attempt), _("attempt %u of %u"), cell->attempt,
		 cell->attempts_allowed);
	snprintf(line, sizeof(line), "%s   %.1f s   %s", panel_cell_verdict(cell),
		 (double)cell->total_ms / 1000, attempt);
	paint_banner(look, body, line, panel_cell_use(cell));
	if (cell->error != H7_OK || !cell->recorded) {
		paint_add(look, body, reason);
		paint_wrapped(look, body, ui_advice(cell->error));
	}
	body->used++;
	paint_wrapped(look, body, cell->detail);
}

void panel_page_details(const struct panel_model *model, const struct panel_look *look,
			struct box *body, int64_t now)
{
	const struct panel_cell *cell = &model->cell[model->selected];
	char line[2 * LINE_SIZE], phrase[PHRASE_SIZE], time[32];

	body->left += 2;
	body->wide -= 4;
	if (model->count == 0)
		return;
	snprintf(line, sizeof(line), "%s %s   %s %s   uid %s   %s %s   %s", _("slot"), cell->name,
		 _("port"), or_dash(cell->path), or_dash(cell->uid), _("bootloader"),
		 or_dash(cell->bootloader), cell->serial);
	paint_wrapped(look, body, line);
	body->used++;
	if (cell->blocked[0]) {
		snprintf(line, sizeof(line), "%s: %s", _("BLOCKED"),
			 ui_phrase(cell->blocked, phrase));
		paint_banner(look, body, line, PALETTE_BLOCKED);
	}
	if (cell->state == PANEL_DONE) {
		details_done(look, body, cell);
	} else if (cell->state == PANEL_WORKING) {
		paint_clock((now - cell->started) / CLOCK_MS, time, sizeof(time));
		snprintf(line, sizeof(line), "%u %%   %s", panel_times_permille(model, cell) / 10,
			 time);
		paint_add(look, body, line);
		paint_bar(look, body, panel_times_permille(model, cell));
	} else {
		paint_add(look, body, model->options->watch ? _("ready") : _("empty"));
	}
	if (cell->note[0]) {
		body->used++;
		paint_wrapped(look, body, ui_phrase(cell->note, phrase));
	}
}

void panel_page_messages(const struct panel_model *model, const struct panel_look *look,
			 struct box *body)
{
	unsigned kept = model->sayings < PANEL_SAYINGS ? model->sayings : PANEL_SAYINGS;

	body->left += 2;
	body->wide -= 4;
	if (kept == 0)
		paint_add(look, body, _("No message yet."));
	for (unsigned i = 1; i <= kept; i++)
		paint_wrapped(look, body, model->said[(model->sayings - i) % PANEL_SAYINGS]);
}

static bool passed(const struct panel_cell *cell)
{
	return cell->recorded && cell->result == AUDIT_PASS;
}

static void result_line(const struct panel_look *look, struct box *body,
			const struct panel_cell *cell)
{
	char line[LINE_SIZE], reason[PANEL_TEXT];

	panel_reason(cell, reason, sizeof(reason));
	snprintf(line, sizeof(line), "%s  %s  %s", cell->name, panel_cell_verdict(cell), reason);
	paint_banner(look, body, line, panel_cell_use(cell));
	paint_wrapped(look, body,
		      cell->recorded
			      ? ui_advice(cell->error)
			      : _("This unit counts as not finished. Check the log and the disk."));
}

void panel_page_result(const struct panel_model *model, const struct panel_look *look,
		       struct box *body)
{
	unsigned bad = panel_model_units(model) - model->passed, told = 0;
	struct box verdict = *body;
	char line[LINE_SIZE];

	verdict.lines = bad ? 1 : body->lines - 1;
	snprintf(line, sizeof(line), _("passed %u  failed %u  aborted %u"), model->passed,
		 model->failed, model->aborted + model->not_recorded);
	if (bad || model->passed == 0) {
		paint_banner(look, &verdict, line, bad ? PALETTE_FAIL : PALETTE_ODD);
	} else {
		paint_use(look, PALETTE_PASS);
		paint_fill(&verdict);
		verdict.used = verdict.lines > 12 ? verdict.lines / 4 : 0;
		if (!paint_big(look, &verdict, "PASS", verdict.lines - verdict.used - 1))
			paint_add(look, &verdict, "PASS");
		paint_plain();
		return;
	}
	body->used = 1;
	for (unsigned i = 0; i < model->count; i++) {
		const struct panel_cell *cell = &model->cell[i];

		if (cell->state != PANEL_DONE || passed(cell))
			continue;
		if (body->used + 2 < body->lines || told + 1 == bad) {
			result_line(look, body, cell);
			told++;
		}
	}
	if (told < bad) {
		snprintf(line, sizeof(line), _("and %u more: see the strip below"), bad - told);
		paint_add(look, body, line);
	}
}
