/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel_draw.h"

#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/ui/text.h"

#define HEAD_LINES 2
#define FOOT_LINES 2
#define CELL_LINES_MIN 4
#define CELL_LINES_MAX 12
#define CELL_WIDE_MIN 14
#define CELL_WIDE_MAX 44
#define LINE_SIZE 512

enum { COLOUR_PASS = 1, COLOUR_FAIL, COLOUR_ODD, COLOUR_WORK, COLOUR_ASK };

struct box {
	int top, left, lines, wide; /* inside the border */
	int used;		    /* lines written so far */
};

bool panel_draw_colours(void)
{
	if (!has_colors() || start_color() != OK)
		return false;
	init_pair(COLOUR_PASS, COLOR_BLACK, COLOR_GREEN);
	init_pair(COLOUR_FAIL, COLOR_WHITE, COLOR_RED);
	init_pair(COLOUR_ODD, COLOR_WHITE, COLOR_MAGENTA);
	init_pair(COLOUR_WORK, COLOR_BLACK, COLOR_CYAN);
	init_pair(COLOUR_ASK, COLOR_BLACK, COLOR_YELLOW);
	return true;
}

/* Bytes of `text` that fit into `columns`: a character never takes more columns than it has bytes, but
 * for the few that have three and take two. */
static int cut(const char *text, int columns)
{
	int at = 0, used = 0;

	while (text[at] && used < columns) {
		int length = 1;

		while (((unsigned char)text[at + length] & 0xc0) == 0x80)
			length++;
		used += length >= 3 ? 2 : 1;
		if (used > columns)
			break;
		at += length;
	}
	return at;
}

/* One line, cut at `wide`. Without UTF-8 what is not ASCII shows as '?'. */
__attribute__((format(printf, 5, 6))) static void put(const struct panel_look *look, int line,
						       int column, int wide, const char *format, ...)
{
	char text[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	for (char *at = text; !look->utf8 && *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	if (wide > 0)
		mvaddnstr(line, column, text, cut(text, wide));
}

/* The box's next line. */
static void add(const struct panel_look *look, struct box *box, const char *text)
{
	if (box->used < box->lines)
		put(look, box->top + box->used++, box->left, box->wide, "%s", text);
}

/* Text over as many lines as there are, broken at spaces. */
static void add_wrapped(const struct panel_look *look, struct box *box, const char *text)
{
	char line[LINE_SIZE];

	while (*text && box->used < box->lines) {
		int fits = cut(text, box->wide);
		int end = fits;

		while (text[fits] && end > 0 && text[end] != ' ')
			end--;
		if (end == 0)
			end = fits;
		if (end == 0)
			return;
		snprintf(line, sizeof(line), "%.*s", end, text);
		add(look, box, line);
		text += end;
		text += strspn(text, " ");
	}
}

/* A bar of full width in the middle of which stands `text`; as high as there is room. */
static void add_banner(struct box *box, const char *text, int attributes, int lines)
{
	int wide = (int)strlen(text) < box->wide ? (int)strlen(text) : box->wide;

	attrset(attributes);
	for (int i = 0; i < lines && box->used < box->lines; i++, box->used++) {
		mvhline(box->top + box->used, box->left, ' ' | (chtype)attributes, box->wide);
		if (i == lines / 2)
			mvaddnstr(box->top + box->used, box->left + (box->wide - wide) / 2, text, wide);
	}
	attrset(A_NORMAL);
}

static void add_bar(const struct panel_look *look, struct box *box, unsigned permille)
{
	int full = box->wide * (int)permille / 1000;

	if (box->used >= box->lines)
		return;
	move(box->top + box->used++, box->left);
	for (int i = 0; i < box->wide; i++) {
		if (look->utf8)
			addstr(i < full ? "\xe2\x96\x88" : "\xe2\x96\x91");
		else
			addch(i < full ? '#' : '.');
	}
}

static int attributes_of(const struct panel_look *look, const struct panel_cell *cell)
{
	bool pass = cell->recorded && cell->result == AUDIT_PASS;
	bool fail = cell->recorded && cell->result == AUDIT_FAIL;

	if (!look->colour)
		return (int)(pass ? A_BOLD : A_BOLD | A_REVERSE);
	return (int)A_BOLD |
	       (int)COLOR_PAIR(pass ? COLOUR_PASS : fail ? COLOUR_FAIL : COLOUR_ODD);
}

static int ask_attributes(const struct panel_look *look)
{
	return look->colour ? (int)COLOR_PAIR(COLOUR_ASK) : (int)A_REVERSE;
}

static void clock_text(int64_t ms, char *to, size_t size)
{
	int64_t s = ms / 1000;

	if (s >= 3600)
		snprintf(to, size, "%lld:%02d:%02d", (long long)(s / 3600), (int)(s / 60 % 60),
			 (int)(s % 60));
	else
		snprintf(to, size, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

static void working(const struct panel_look *look, struct box *box, const struct panel_cell *cell,
		    int64_t now)
{
	char line[LINE_SIZE], time[32];

	snprintf(line, sizeof(line), "%s %u %%", gang_phase_name(cell->phase), cell->permille / 10);
	add(look, box, line);
	add_bar(look, box, cell->permille);
	clock_text((now - cell->started) / CLOCK_MS, time, sizeof(time));
	if (cell->attempt > 1)
		snprintf(line, sizeof(line), "%s  attempt %u of %u", time, cell->attempt,
			 cell->attempts_allowed);
	else
		snprintf(line, sizeof(line), "%s", time);
	add(look, box, line);
}

static void done(const struct panel_look *look, struct box *box, const struct panel_cell *cell)
{
	const char *verdict = panel_verdict(cell);
	bool good = cell->recorded && cell->error == H7_OK;
	char reason[PANEL_TEXT], line[LINE_SIZE];

	panel_reason(cell, reason, sizeof(reason));
	if (!good && box->lines < 3) {
		snprintf(line, sizeof(line), "%s %s", verdict, reason);
		add_banner(box, line, attributes_of(look, cell), 1);
	} else {
		add_banner(box, verdict, attributes_of(look, cell), box->lines >= 7 ? 3 : 1);
		if (!good)
			add(look, box, reason);
	}
	if (cell->take_out)
		add_banner(box, "take out", ask_attributes(look), 1);
	if (!good)
		add_wrapped(look, box,
			    cell->recorded ? h7_error_advice(cell->error)
					   : "This unit counts as not done: see to the log.");
	else if (cell->note[0])
		add_wrapped(look, box, cell->note);
}

static void inside(const struct panel_model *model, const struct panel_look *look, struct box *box,
		   const struct panel_cell *cell, int64_t now)
{
	switch (cell->state) {
	case PANEL_WORKING:
		working(look, box, cell, now);
		break;
	case PANEL_DONE:
		done(look, box, cell);
		break;
	case PANEL_EMPTY:
		add(look, box, model->options->watch ? "ready" : "empty");
		if (cell->take_out)
			add_banner(box, "take out", ask_attributes(look), 1);
		if (cell->note[0])
			add_wrapped(look, box, cell->note);
		break;
	}
}

static void frame(const struct panel_look *look, int top, int left, int lines, int wide, bool bold)
{
	bool plain = !look->utf8;

	attrset(bold ? A_BOLD : A_DIM);
	mvhline(top, left, plain ? '-' : 0, wide);
	mvhline(top + lines - 1, left, plain ? '-' : 0, wide);
	mvvline(top, left, plain ? '|' : 0, lines);
	mvvline(top, left + wide - 1, plain ? '|' : 0, lines);
	mvaddch(top, left, plain ? '+' : ACS_ULCORNER);
	mvaddch(top, left + wide - 1, plain ? '+' : ACS_URCORNER);
	mvaddch(top + lines - 1, left, plain ? '+' : ACS_LLCORNER);
	mvaddch(top + lines - 1, left + wide - 1, plain ? '+' : ACS_LRCORNER);
	attrset(A_NORMAL);
}

static void draw_cell(const struct panel_model *model, const struct panel_look *look, unsigned index,
		      int top, int left, int lines, int wide, int64_t now)
{
	const struct panel_cell *cell = &model->cell[index];
	struct box box = {.top = top + 1, .left = left + 1, .lines = lines - 2, .wide = wide - 2};
	bool chosen = index == model->selected;

	frame(look, top, left, lines, wide, chosen);
	attrset(chosen ? A_BOLD | A_REVERSE : A_BOLD);
	put(look, top, left + 2, wide - 4, chosen ? ">%s<" : " %s ", cell->name);
	attrset(A_NORMAL);
	inside(model, look, &box, cell, now);
}

static int clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

/* Which rows (or columns) show, so that the chosen one is among them. */
static int first_shown(int chosen, int shown, int all)
{
	return clamp(chosen - shown / 2, 0, all > shown ? all - shown : 0);
}

static void draw_tray(const struct panel_model *model, const struct panel_look *look, int64_t now)
{
	int room = LINES - HEAD_LINES - FOOT_LINES;
	int rows = (int)model->rows, columns = (int)model->columns;
	int lines, wide, shown_rows, shown_columns, row, column;

	if (model->count == 0) {
		put(look, HEAD_LINES + 1, 2, COLS - 4, "No board yet.");
		return;
	}
	lines = clamp(room / rows, CELL_LINES_MIN, CELL_LINES_MAX);
	wide = clamp(COLS / columns, CELL_WIDE_MIN, CELL_WIDE_MAX);
	shown_rows = room / lines;
	shown_columns = COLS / wide;
	row = first_shown((int)model->cell[model->selected].row, shown_rows, rows);
	column = first_shown((int)model->cell[model->selected].column, shown_columns, columns);
	for (unsigned i = 0; i < model->count; i++) {
		int down = (int)model->cell[i].row - row, right = (int)model->cell[i].column - column;

		if (down >= 0 && down < shown_rows && right >= 0 && right < shown_columns)
			draw_cell(model, look, i, HEAD_LINES + down * lines, right * wide, lines, wide,
				  now);
	}
}

static void draw_details(const struct panel_model *model, const struct panel_look *look)
{
	const struct panel_cell *cell = &model->cell[model->selected];
	struct box box = {.top = HEAD_LINES + 1,
			  .left = 2,
			  .lines = LINES - HEAD_LINES - FOOT_LINES - 1,
			  .wide = COLS - 4};
	char line[LINE_SIZE], reason[PANEL_TEXT];

	if (model->count == 0)
		return;
	snprintf(line, sizeof(line), "slot %s   port %s   uid %s   bootloader %s", cell->name,
		 cell->path[0] ? cell->path : "-", cell->uid[0] ? cell->uid : "-",
		 cell->bootloader[0] ? cell->bootloader : "-");
	add(look, &box, line);
	box.used++;
	if (cell->state == PANEL_DONE) {
		panel_reason(cell, reason, sizeof(reason));
		snprintf(line, sizeof(line), "%s   %.1f s   attempt %u of %u", panel_verdict(cell),
			 (double)cell->total_ms / 1000, cell->attempt, cell->attempts_allowed);
		add(look, &box, line);
		if (cell->error != H7_OK) {
			add(look, &box, reason);
			add_wrapped(look, &box, h7_error_advice(cell->error));
		}
		box.used++;
		add_wrapped(look, &box, cell->detail);
	} else if (cell->state == PANEL_WORKING) {
		snprintf(line, sizeof(line), "%s %u %%   attempt %u of %u",
			 gang_phase_name(cell->phase), cell->permille / 10, cell->attempt,
			 cell->attempts_allowed);
		add(look, &box, line);
	} else {
		add(look, &box, model->options->watch ? "ready" : "empty");
	}
	if (cell->note[0]) {
		box.used++;
		add_wrapped(look, &box, cell->note);
	}
}

static void draw_head(const struct panel_model *model, const struct panel_look *look, int64_t now)
{
	const struct ui_options *options = model->options;
	unsigned units = panel_model_units(model), judged = model->passed + model->failed;
	int64_t left = panel_model_left_ms(model, now);
	char time[32], totals[LINE_SIZE], lot[PANEL_TEXT];
	size_t used;

	ui_printable(options->lot, lot, sizeof(lot));
	attrset(A_BOLD);
	put(look, 0, 0, COLS, "h7gang %s  %s  %s%s%s", options->command, options->profile,
	    options->part, lot[0] ? "  lot " : "", lot);
	attrset(A_NORMAL);
	used = (size_t)snprintf(totals, sizeof(totals), "passed %u  failed %u  aborted %u",
				model->passed, model->failed, model->aborted);
	if (model->not_recorded)
		used += (size_t)snprintf(totals + used, sizeof(totals) - used, "  NOT RECORDED %u",
					 model->not_recorded);
	if (options->watch && options->count)
		used += (size_t)snprintf(totals + used, sizeof(totals) - used, "  %u of %u", units,
					 options->count);
	if (judged)
		used += (size_t)snprintf(totals + used, sizeof(totals) - used, "  yield %.1f %%",
					 100.0 * model->passed / judged);
	if (units)
		used += (size_t)snprintf(totals + used, sizeof(totals) - used, "  %u/h",
					 panel_model_hourly(model, now));
	if (left >= 0) {
		clock_text(left, time, sizeof(time));
		snprintf(totals + used, sizeof(totals) - used, "  left %s", time);
	}
	put(look, 1, 0, COLS - 12, "%s", totals);
	clock_text((now - model->began) / CLOCK_MS, time, sizeof(time));
	put(look, 1, COLS - (int)strlen(time) - 1, COLS, "%s", time);
}

static void draw_foot(const struct panel_model *model, const struct panel_look *look)
{
	put(look, LINES - 2, 0, COLS - 1, "%s", model->message);
	if (look->question) {
		attrset(ask_attributes(look) | (int)A_BOLD);
		put(look, LINES - 1, 0, COLS - 1, "%s", look->question);
		attrset(A_NORMAL);
		return;
	}
	put(look, LINES - 1, 0, COLS - 1, "%s",
	    look->page == PANEL_DETAILS
		    ? "q quit   arrows other slot   Enter back"
		    : (model->options->watch
			       ? "q quit   arrows choose   Enter details   a acknowledge: another board"
			       : "q quit   arrows choose   Enter details"));
}

void panel_draw(const struct panel_model *model, const struct panel_look *look, int64_t now)
{
	erase();
	if (LINES < HEAD_LINES + FOOT_LINES + CELL_LINES_MIN || COLS < CELL_WIDE_MIN + 2) {
		put(look, 0, 0, COLS, "too small");
	} else {
		draw_head(model, look, now);
		if (look->page == PANEL_DETAILS)
			draw_details(model, look);
		else
			draw_tray(model, look, now);
		draw_foot(model, look);
	}
	refresh();
}
