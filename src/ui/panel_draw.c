/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen: the lines that are always visible, the tray in its pages, and the strip of slots that
 * need the operator. */
#include "panel_draw.h"

#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "lingo.h"
#include "panel_cell.h"
#include "panel_pages.h"

#define HEAD_LINES 3 /* product, totals, state */
#define FOOT_LINES 3 /* strip, message, keys */
#define WIDE_MIN 6
#define WIDE_NAMED 20 /* names do not make a cell wider than this */
#define LINE_SIZE 1024
#define KEYS_GAP "   " /* between the keys in the last line */

bool panel_draw_colours(void)
{
	const struct palette_pair *pairs;

	if (!has_colors() || start_color() != OK)
		return false;
	pairs = COLORS >= 256 ? palette_256 : palette_8;
	for (short i = PALETTE_PASS; i < PALETTE_USES; i++)
		init_pair(i, pairs[i].front, pairs[i].back);
	return true;
}

/* The visible cells, and their size. */
struct grid {
	int lines, wide;   /* of a cell */
	int rows, columns; /* shown at once */
	int row, column;   /* the first */
};

static int clamp(int value, int least, int most)
{
	return value < least ? least : value > most ? most : value;
}

static int name_width(const struct panel_model *model)
{
	int most = 0;

	for (unsigned i = 0; i < model->count; i++) {
		int wide = (int)strlen(model->cell[i].name) + 3; /* marks and a gap */

		most = wide > most ? wide : most;
	}
	return clamp(most, WIDE_MIN, WIDE_NAMED);
}

/* All the space there is; where that is not enough, pages of whole rows and columns. */
static void lay_out(const struct panel_model *model, struct panel_look *look, struct grid *grid)
{
	int room = LINES - HEAD_LINES - FOOT_LINES, least = name_width(model);
	int rows = (int)model->rows, columns = (int)model->columns;
	const struct panel_cell *chosen = &model->cell[model->selected];

	grid->lines = room / rows > CELL_LINES_MIN ? room / rows : CELL_LINES_MIN;
	grid->wide = COLS / columns > least ? COLS / columns : least;
	grid->rows = clamp(room / grid->lines, 1, rows);
	grid->columns = clamp(COLS / grid->wide, 1, columns);
	grid->row = (int)chosen->row / grid->rows * grid->rows;
	grid->column = (int)chosen->column / grid->columns * grid->columns;
	look->tray_pages = ((rows + grid->rows - 1) / grid->rows) *
			   ((columns + grid->columns - 1) / grid->columns);
}

static void draw_tray(const struct panel_model *model, struct panel_look *look, int64_t now)
{
	struct grid grid;

	look->tray_pages = 1;
	if (model->count == 0) {
		paint_put(look, HEAD_LINES + 1, 2, COLS - 4, _("No board yet."));
		return;
	}
	lay_out(model, look, &grid);
	for (unsigned i = 0; i < model->count; i++) {
		int down = (int)model->cell[i].row - grid.row;
		int right = (int)model->cell[i].column - grid.column;
		const struct box area = {.top = HEAD_LINES + down * grid.lines,
					 .left = right * grid.wide,
					 .lines = grid.lines,
					 .wide = grid.wide};

		if (down >= 0 && down < grid.rows && right >= 0 && right < grid.columns)
			panel_cell_draw(model, look, i, &area, now);
	}
}

static void draw_title(const struct panel_model *model, const struct panel_look *look)
{
	const struct ui_options *options = model->options;

	paint_format(look, 0, 0, COLS, "h7gang %s  %s%s%s  %s %s  %s %s", options->command,
		     options->profile, options->firmware_version[0] ? "  " : "",
		     options->firmware_version, _("lot"), model->lot[0] ? model->lot : "-",
		     _("operator"), model->operator_name[0] ? model->operator_name : "-");
}

static void draw_totals(const struct panel_model *model, const struct panel_look *look, int64_t now)
{
	const struct ui_options *options = model->options;
	unsigned units = panel_model_units(model), judged = model->passed + model->failed;
	unsigned hourly = panel_model_hourly(model, now);
	int64_t left = panel_model_left_ms(model, now);
	char time[32], totals[LINE_SIZE];
	size_t used, size = sizeof(totals);

	used = (size_t)snprintf(totals, size, _("passed %u  failed %u  aborted %u"), model->passed,
				model->failed, model->aborted);
	if (model->not_recorded)
		used += (size_t)snprintf(totals + used, size - used, "  %s %u", _("NOT RECORDED"),
					 model->not_recorded);
	if (options->watch && options->count)
		used += (size_t)snprintf(totals + used, size - used, "  %u/%u", units,
					 options->count);
	if (judged)
		used += (size_t)snprintf(totals + used, size - used, "  %s %.1f %%", _("yield"),
					 100.0 * model->passed / judged);
	if (hourly)
		used += (size_t)snprintf(totals + used, size - used, "  %u/h", hourly);
	if (left >= 0) {
		paint_clock(left, time, sizeof(time));
		snprintf(totals + used, size - used, "  %s %s", time, _("left"));
	}
	paint_put(look, 1, 0, COLS - 12, totals);
	paint_clock((now - model->began) / CLOCK_MS, time, sizeof(time));
	paint_put(look, 1, COLS - (int)strlen(time) - 1, (int)strlen(time), time);
}

/* The state of the station, over the whole width when it waits for an operator. */
static void draw_state(const struct panel_model *model, const struct panel_look *look)
{
	static const char *const names[] = {
		[GANG_READY] = N_("ready"),   [GANG_RUNNING] = N_("running"),
		[GANG_ASKING] = N_("SCAN"),   [GANG_STOPPED] = N_("STOPPED"),
		[GANG_ENDING] = N_("ending"),
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == GANG_STATES, "a name for each state");
	struct box line = {.top = 2, .left = 0, .lines = 1, .wide = COLS};
	char text[2 * PHRASE_SIZE], reason[PHRASE_SIZE];

	snprintf(text, sizeof(text), "%s%s%s", _(names[model->state]), model->reason[0] ? ": " : "",
		 ui_phrase(model->reason, reason));
	if (model->state == GANG_STOPPED)
		paint_banner(look, &line, text, PALETTE_BLOCKED);
	else if (model->state == GANG_ASKING)
		paint_banner(look, &line, text, PALETTE_ASK);
	else
		paint_add(look, &line, text);
}

/* Adds the names of the cells for which `which` is true. */
static size_t list_cells(const struct panel_model *model, char *text, size_t size, size_t used,
			 const char *word, bool (*which)(const struct panel_cell *cell))
{
	bool any = false;

	for (unsigned i = 0; i < model->count; i++) {
		if (!which(&model->cell[i]) || used + PROFILE_NAME_SIZE + 40 > size)
			continue;
		if (!any)
			used += (size_t)snprintf(text + used, size - used,
						 "%s%s:", used ? "   " : "", word);
		any = true;
		used += (size_t)snprintf(text + used, size - used, " %s", model->cell[i].name);
	}
	return used;
}

static bool is_failed(const struct panel_cell *cell)
{
	return cell->state == PANEL_DONE && !(cell->recorded && cell->result == AUDIT_PASS);
}

static bool is_blocked(const struct panel_cell *cell)
{
	return cell->blocked[0] != 0;
}

static bool is_waiting(const struct panel_cell *cell)
{
	return cell->take_out && !is_failed(cell);
}

static void draw_strip(const struct panel_model *model, const struct panel_look *look)
{
	char text[LINE_SIZE] = "";
	struct box line = {.top = LINES - 3, .left = 0, .lines = 1, .wide = COLS};
	size_t used = list_cells(model, text, sizeof(text), 0, "FAIL", is_failed);
	bool failed = used > 0;

	used = list_cells(model, text, sizeof(text), used, _("BLOCKED"), is_blocked);
	list_cells(model, text, sizeof(text), used, _("take out"), is_waiting);
	if (failed)
		paint_use(look, PALETTE_FAIL);
	if (failed)
		paint_fill(&line);
	paint_add(look, &line, text);
	paint_plain();
}

/* Takes the item with that number, and the gap before it, out of a list. */
static void take_out_item(char *list, unsigned number)
{
	char *begin = list, *end;

	while (number-- > 0 && begin)
		begin = strstr(begin + (begin != list), KEYS_GAP);
	if (!begin)
		return;
	end = strstr(begin + 1, KEYS_GAP);
	memmove(begin, end ? end : "", strlen(end ? end : "") + 1);
}

/* Where not all keys fit, those that unlock and acknowledge stay; the arrows are found without
 * being told of, then go m and Enter. */
static void fit_keys(char *keys, int wide)
{
	static const unsigned least[] = {1, 2, 1};

	for (size_t i = 0; i < sizeof(least) / sizeof(least[0]) && paint_width(keys) > wide; i++)
		take_out_item(keys, least[i]);
}

static void draw_foot(const struct panel_model *model, const struct panel_look *look)
{
	char keys[LINE_SIZE];

	draw_strip(model, look);
	paint_put(look, LINES - 2, 0, COLS - 1, model->message);
	if (look->question) {
		paint_use(look, PALETTE_ASK);
		paint_put(look, LINES - 1, 0, COLS - 1, look->question);
		paint_plain();
		return;
	}
	snprintf(keys, sizeof(keys), "%s%s%s",
		 look->page == PANEL_TRAY ? _("q quit   arrows select   Enter details   m messages")
					  : _("Enter back   arrows other slot   m messages"),
		 model->options->watch ? _("   a acknowledge   u unlock   z drop label") : "",
		 look->tray_pages > 1 ? _("   PgDn next page") : "");
	fit_keys(keys, COLS - 1);
	paint_put(look, LINES - 1, 0, COLS - 1, keys);
}

void panel_draw(const struct panel_model *model, struct panel_look *look, int64_t now)
{
	struct box body = {.top = HEAD_LINES,
			   .left = 0,
			   .lines = LINES - HEAD_LINES - FOOT_LINES,
			   .wide = COLS};

	paint_plain();
	erase();
	if (LINES < HEAD_LINES + FOOT_LINES + CELL_LINES_MIN || COLS < 2 * WIDE_MIN) {
		paint_put(look, 0, 0, COLS, _("too small"));
		refresh();
		return;
	}
	draw_title(model, look);
	draw_totals(model, look, now);
	draw_state(model, look);
	if (look->page == PANEL_DETAILS)
		panel_page_details(model, look, &body, now);
	else if (look->page == PANEL_MESSAGES)
		panel_page_messages(model, look, &body);
	else if (look->page == PANEL_RESULT)
		panel_page_result(model, look, &body);
	else
		draw_tray(model, look, now);
	draw_foot(model, look);
	refresh();
}
