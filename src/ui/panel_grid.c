/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The positions of the slots: as in the fixture, or in the order of their ports. */
#include "panel_grid.h"

#include <stdlib.h>
#include <string.h>

static bool taken(const struct panel_model *model, unsigned before, unsigned row, unsigned column)
{
	for (unsigned i = 0; i < before; i++)
		if (model->cell[i].row == row && model->cell[i].column == column)
			return true;
	return false;
}

/* A fixture without a known shape is shown about twice as wide as high. */
static unsigned natural_columns(unsigned cells)
{
	unsigned columns = 1;

	while (columns * columns < 2 * cells)
		columns++;
	return columns;
}

/* The grid without the fixture's empty rows and columns. */
static void squeeze(struct panel_model *model)
{
	for (unsigned at = 0; at < model->rows;) {
		bool used = false;

		for (unsigned i = 0; i < model->count; i++)
			used |= model->cell[i].row == at;
		for (unsigned i = 0; i < model->count && !used; i++)
			model->cell[i].row -= model->cell[i].row > at;
		model->rows -= !used;
		at += used;
	}
	for (unsigned at = 0; at < model->columns;) {
		bool used = false;

		for (unsigned i = 0; i < model->count; i++)
			used |= model->cell[i].column == at;
		for (unsigned i = 0; i < model->count && !used; i++)
			model->cell[i].column -= model->cell[i].column > at;
		model->columns -= !used;
		at += used;
	}
}

/* Slots with a place in the fixture first; the others below them, in order. */
void panel_grid_fixture(struct panel_model *model)
{
	const struct ui_options *options = model->options;
	unsigned columns, next = 0, base;
	bool placed[PANEL_CELLS] = {false};

	for (unsigned i = 0; i < model->count; i++) {
		const struct profile_slot *slot = &options->slots[i];
		unsigned row = slot->row ? slot->row - 1 : 0;
		unsigned column = slot->column ? slot->column - 1 : 0;

		if ((!slot->row && !slot->column) || taken(model, i, row, column)) {
			model->cell[i].row = UINT32_MAX;
			continue;
		}
		placed[i] = true;
		model->cell[i].row = row;
		model->cell[i].column = column;
		model->rows = row >= model->rows ? row + 1 : model->rows;
		model->columns = column >= model->columns ? column + 1 : model->columns;
	}
	base = model->rows;
	columns = model->columns ? model->columns : natural_columns(model->count);
	for (unsigned i = 0; i < model->count; i++) {
		if (placed[i])
			continue;
		model->cell[i].row = base + next / columns;
		model->cell[i].column = next % columns;
		next++;
	}
	if (next) {
		model->rows = base + (next - 1) / columns + 1;
		model->columns = next < columns && base == 0 ? next : columns;
	}
	squeeze(model);
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct panel_cell *)a)->name,
			  ((const struct panel_cell *)b)->name);
}

/* Ports come as they are seen, and stand in their order. */
void panel_grid_ports(struct panel_model *model)
{
	char selected[PROFILE_NAME_SIZE];
	unsigned columns = natural_columns(model->count);

	memcpy(selected, model->cell[model->selected].name, sizeof(selected));
	qsort(model->cell, model->count, sizeof(model->cell[0]), by_name);
	for (unsigned i = 0; i < model->count; i++) {
		model->cell[i].row = i / columns;
		model->cell[i].column = i % columns;
		if (strcmp(model->cell[i].name, selected) == 0)
			model->selected = i;
	}
	model->columns = model->count < columns ? model->count : columns;
	model->rows = (model->count - 1) / columns + 1;
}

void panel_model_move(struct panel_model *model, int rows, int columns)
{
	const struct panel_cell *from = &model->cell[model->selected];
	int best = INT32_MAX;

	for (unsigned i = 0; i < model->count; i++) {
		int down = (int)model->cell[i].row - (int)from->row;
		int right = (int)model->cell[i].column - (int)from->column;
		int along = down * rows + right * columns;
		int across = abs(down * columns) + abs(right * rows);

		if (along > 0 && 4 * across + along < best) {
			best = 4 * across + along;
			model->selected = i;
		}
	}
}

void panel_model_page(struct panel_model *model, bool forward, int pages)
{
	unsigned step = pages > 0 ? (model->count + (unsigned)pages - 1) / (unsigned)pages : 0;

	if (!model->count || pages < 2)
		return;
	model->selected =
		(model->selected + (forward ? step : model->count - step % model->count)) %
		model->count;
}
