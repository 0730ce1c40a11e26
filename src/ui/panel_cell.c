/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel_cell.h"

#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "lingo.h"

#define LINE_SIZE 512

enum palette_use panel_cell_use(const struct panel_cell *cell)
{
	if (!cell->recorded || cell->result == AUDIT_ABORTED)
		return PALETTE_ODD;
	return cell->result == AUDIT_PASS ? PALETTE_PASS : PALETTE_FAIL;
}

const char *panel_cell_verdict(const struct panel_cell *cell)
{
	/* Operators know PASS and FAIL, the words of the log. */
	return cell->state == PANEL_DONE ? _(panel_verdict(cell)) : "";
}

/* A message about the slot, in the operator's language. */
static void say(const struct panel_look *look, struct box *box, const char *text)
{
	char phrase[PHRASE_SIZE];

	paint_wrapped(look, box, ui_phrase(text, phrase));
}

static bool good(const struct panel_cell *cell)
{
	return cell->recorded && cell->error == H7_OK;
}

static const char *phase_text(enum gang_phase phase)
{
	static const char *const names[] = {
		N_("identify"), N_("blank check"), N_("erase"), N_("program"),
		N_("verify"),   N_("start"),       N_("gate"),  N_("record"),
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == GANG_PHASE_COUNT,
		       "a name for each phase");

	return (unsigned)phase < GANG_PHASE_COUNT ? _(names[phase]) : "";
}

/* The slot's name; with its verdict where "take out" leaves no line for that. */
static void name_line(const struct panel_look *look, struct box *box, const struct panel_cell *cell,
		      bool chosen)
{
	bool verdict =
		cell->state == PANEL_DONE && cell->take_out && !cell->blocked[0] && box->lines < 3;
	char line[PROFILE_NAME_SIZE + 40];

	snprintf(line, sizeof(line), chosen ? ">%s<%s%s" : "%s%s%s", cell->name, verdict ? " " : "",
		 verdict ? panel_cell_verdict(cell) : "");
	attrset(chosen ? A_REVERSE : A_NORMAL);
	if (verdict)
		paint_use(look, panel_cell_use(cell));
	paint_add(look, box, line);
	paint_plain();
}

static void working(const struct panel_model *model, const struct panel_look *look, struct box *box,
		    const struct panel_cell *cell, int64_t now)
{
	unsigned done = panel_times_permille(model, cell);
	int64_t left = panel_times_left_ms(model, cell, now);
	char line[LINE_SIZE], time[32];

	snprintf(line, sizeof(line), "%u %%", done / 10);
	if (box->lines - box->used >= 9) {
		char digits[16];

		snprintf(digits, sizeof(digits), "%u", done / 10);
		if (!paint_big(look, box, digits, (box->lines - box->used) / 2))
			paint_add(look, box, line);
	} else if (box->lines - box->used < 3) {
		paint_add(look, box, line);
		return;
	}
	paint_bar(look, box, done);
	if (left >= 0) {
		paint_clock(left, time, sizeof(time));
		snprintf(line, sizeof(line), "%u %%  %s  %s %s", done / 10, phase_text(cell->phase),
			 time, _("left"));
	} else {
		snprintf(line, sizeof(line), "%u %%  %s", done / 10, phase_text(cell->phase));
	}
	paint_add(look, box, line);
	if (cell->attempt > 1) {
		snprintf(line, sizeof(line), _("attempt %u of %u"), cell->attempt,
			 cell->attempts_allowed);
		paint_add(look, box, line);
	}
}

/* `named`: the verdict and its reason stand in the frame already. */
static void done(const struct panel_look *look, struct box *box, const struct panel_cell *cell,
		 bool named)
{
	const char *verdict = panel_cell_verdict(cell);
	int room = box->lines - box->used - (cell->take_out ? 1 : 0);
	char reason[PANEL_TEXT], line[2 * PANEL_TEXT];
	struct box area = *box;

	panel_reason(cell, reason, sizeof(reason));
	area.top += area.used;
	area.lines = room;
	area.used = 0;
	paint_use(look, panel_cell_use(cell));
	paint_fill(&area);
	snprintf(line, sizeof(line), "%s", verdict);
	if (room >= 9)
		area.used = 1;
	/* The name as large as the verdict, where there is room for both. */
	if (room >= 14)
		paint_big(look, &area, cell->name, (room - 2) / 2 - 1);
	if (room >= 14)
		area.used++;
	if (!paint_big(look, &area, verdict, room - area.used - (good(cell) ? 0 : 1)))
		paint_add(look, &area, line);
	else if (room >= 9)
		area.used++;
	if (!good(cell)) {
		if (!named)
			paint_add(look, &area, reason);
		paint_wrapped(look, &area,
			      cell->recorded ? ui_advice(cell->error)
					     : _("This unit counts as not finished. Check the log "
						 "and the disk."));
	} else if (cell->serial[0]) {
		paint_add(look, &area, cell->serial);
	} else if (cell->note[0]) {
		say(look, &area, cell->note);
	}
	paint_plain();
	box->used = box->lines - (cell->take_out ? 1 : 0);
	if (cell->take_out)
		paint_banner(look, box, _("take out"), PALETTE_ASK);
}

static void empty(const struct panel_model *model, const struct panel_look *look, struct box *box,
		  const struct panel_cell *cell, int64_t now)
{
	char line[LINE_SIZE];

	if (cell->label[0] && now < cell->label_until) {
		snprintf(line, sizeof(line), "%s %d s", cell->label,
			 (int)((cell->label_until - now) / CLOCK_MS / 1000));
		paint_banner(look, box, line, PALETTE_ASK);
		paint_add(look, box, _("insert the board"));
		return;
	}
	if (strcmp(cell->note, GANG_NOTE_ASKING) == 0)
		paint_banner(look, box, _("SCAN"), PALETTE_ASK);
	else
		paint_add(look, box, model->options->watch ? _("ready") : _("empty"));
	if (cell->take_out)
		paint_banner(look, box, _("take out"), PALETTE_ASK);
	if (cell->note[0])
		say(look, box, cell->note);
}

static void frame(const struct panel_look *look, const struct box *area)
{
	bool plain = !look->utf8;
	int top = area->top, left = area->left, bottom = top + area->lines - 1;
	int right = left + area->wide - 1;

	mvhline(top, left, plain ? '-' : 0, area->wide);
	mvhline(bottom, left, plain ? '-' : 0, area->wide);
	mvvline(top, left, plain ? '|' : 0, area->lines);
	mvvline(top, right, plain ? '|' : 0, area->lines);
	mvaddch(top, left, plain ? '+' : ACS_ULCORNER);
	mvaddch(top, right, plain ? '+' : ACS_URCORNER);
	mvaddch(bottom, left, plain ? '+' : ACS_LLCORNER);
	mvaddch(bottom, right, plain ? '+' : ACS_LRCORNER);
}

/* The verdict and the reason in small letters, too: for a terminal that is read by a program, and
 * so that the large ones have all the room. */
static void title_verdict(const struct panel_look *look, const struct box *area,
			  const struct panel_cell *cell)
{
	int used = (int)strlen(cell->name) + 4;
	char text[PANEL_TEXT + 40], reason[PANEL_TEXT] = "";

	if (cell->state != PANEL_DONE)
		return;
	if (!good(cell))
		panel_reason(cell, reason, sizeof(reason));
	snprintf(text, sizeof(text), "%s %s%s", panel_cell_verdict(cell), reason,
		 reason[0] ? " " : "");
	paint_put(look, area->top, area->left + used, area->wide - used - 2, text);
}

static void inside(const struct panel_model *model, const struct panel_look *look, struct box *box,
		   const struct panel_cell *cell, bool named, int64_t now)
{
	if (cell->blocked[0] && cell->state != PANEL_WORKING) {
		paint_banner(look, box, _("BLOCKED"), PALETTE_BLOCKED);
		say(look, box, cell->blocked);
		if (cell->take_out)
			paint_banner(look, box, _("take out"), PALETTE_ASK);
		return;
	}
	switch (cell->state) {
	case PANEL_WORKING:
		working(model, look, box, cell, now);
		break;
	case PANEL_DONE:
		done(look, box, cell, named);
		break;
	case PANEL_EMPTY:
		empty(model, look, box, cell, now);
		break;
	}
}

void panel_cell_draw(const struct panel_model *model, const struct panel_look *look, unsigned index,
		     const struct box *area, int64_t now)
{
	const struct panel_cell *cell = &model->cell[index];
	bool chosen = index == model->selected;
	struct box box = *area;

	box.used = 0;
	if (area->lines < CELL_FRAMED || area->wide < 12) {
		box.wide--; /* a gap to the next cell */
		if (area->lines > CELL_LINES_MIN)
			box.lines -= area->lines > 3;
		name_line(look, &box, cell, chosen);
		inside(model, look, &box, cell, false, now);
		return;
	}
	paint_plain();
	frame(look, area);
	attrset(chosen ? A_REVERSE : A_NORMAL);
	paint_format(look, area->top, area->left + 2, area->wide - 4, chosen ? ">%s<" : " %s ",
		     cell->name);
	paint_plain();
	title_verdict(look, area, cell);
	box.top++;
	box.left++;
	box.lines -= 2;
	box.wide -= 2;
	inside(model, look, &box, cell, true, now);
}
