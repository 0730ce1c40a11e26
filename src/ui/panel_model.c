/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/ui/text.h"
#include "render.h"


static struct panel_cell *find(struct panel_model *model, const char *name)
{
	for (unsigned i = 0; i < model->count; i++)
		if (strcmp(model->cell[i].name, name) == 0)
			return &model->cell[i];
	return NULL;
}

static bool taken(const struct panel_model *model, unsigned before, unsigned row, unsigned column)
{
	for (unsigned i = 0; i < before; i++)
		if (model->cell[i].row == row && model->cell[i].column == column)
			return true;
	return false;
}

/* A fixture that says nothing of its shape is shown about twice as wide as high. */
static unsigned natural_columns(unsigned cells)
{
	unsigned columns = 1;

	while (columns * columns < 2 * cells)
		columns++;
	return columns;
}

/* The grid without the rows and columns of which the fixture has nothing. */
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
static void place_profile(struct panel_model *model)
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
	return strverscmp(((const struct panel_cell *)a)->name, ((const struct panel_cell *)b)->name);
}

/* Ports come as they are seen, and stand in their order. */
static void place_ports(struct panel_model *model)
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

static struct panel_cell *cell_of(struct panel_model *model, const struct gang_event *event)
{
	struct panel_cell *cell = find(model, event->slot);

	if (cell || !event->slot[0] || model->options->slot_count || model->count == PANEL_CELLS)
		return cell;
	cell = &model->cell[model->count++];
	memset(cell, 0, sizeof(*cell));
	snprintf(cell->name, sizeof(cell->name), "%s", event->slot);
	place_ports(model);
	return find(model, event->slot);
}

void panel_model_init(struct panel_model *model, const struct ui_options *options, int64_t now)
{
	memset(model, 0, sizeof(*model));
	model->options = options;
	model->began = now;
	model->count = options->slot_count < PANEL_CELLS ? options->slot_count : PANEL_CELLS;
	for (unsigned i = 0; i < model->count; i++) {
		snprintf(model->cell[i].name, sizeof(model->cell[i].name), "%s",
			 options->slots[i].name);
		if (!options->slots[i].by_id_path)
			snprintf(model->cell[i].path, sizeof(model->cell[i].path), "%.*s",
				 USB_PATH_SIZE - 1, options->slots[i].path);
	}
	place_profile(model);
}

void panel_model_say(struct panel_model *model, const char *text)
{
	ui_printable(text, model->message, sizeof(model->message));
}

static void verdict(struct panel_model *model, struct panel_cell *cell,
		    const struct gang_event *event)
{
	cell->state = PANEL_DONE;
	cell->result = event->result;
	cell->error = event->error;
	cell->recorded = event->recorded;
	cell->total_ms = event->total_ms;
	ui_printable(event->detail, cell->detail, sizeof(cell->detail));
	if (!event->recorded)
		model->not_recorded++;
	else if (event->result == AUDIT_PASS)
		model->passed++;
	else if (event->result == AUDIT_ABORTED)
		model->aborted++;
	else
		model->failed++;
}

static void note(struct panel_model *model, struct panel_cell *cell, const char *text)
{
	char said[2 * PANEL_TEXT];

	if (!cell) {
		panel_model_say(model, text);
		return;
	}
	ui_printable(text, cell->note, sizeof(cell->note));
	snprintf(said, sizeof(said), "%s: %s", cell->name, text);
	panel_model_say(model, said);
}

static void begin(struct panel_cell *cell, const struct gang_event *event, int64_t now)
{
	char name[PROFILE_NAME_SIZE];
	unsigned row = cell->row, column = cell->column;

	memcpy(name, cell->name, sizeof(name));
	memset(cell, 0, sizeof(*cell));
	memcpy(cell->name, name, sizeof(name));
	cell->row = row;
	cell->column = column;
	cell->state = PANEL_WORKING;
	cell->started = now;
	snprintf(cell->path, sizeof(cell->path), "%s", event->path);
}

void panel_model_event(struct panel_model *model, const struct gang_event *event, int64_t now)
{
	struct panel_cell *cell = cell_of(model, event);

	if (event->kind == GANG_NOTE) {
		note(model, cell, event->detail);
		return;
	}
	if (!cell)
		return;
	if (event->kind == GANG_TARGET)
		begin(cell, event, now);
	if (event->attempt) {
		cell->attempt = event->attempt;
		cell->attempts_allowed = event->attempts_allowed;
		snprintf(cell->uid, sizeof(cell->uid), "%s", event->uid);
		snprintf(cell->bootloader, sizeof(cell->bootloader), "%s", event->bootloader);
	}
	switch (event->kind) {
	case GANG_PHASE:
	case GANG_PROGRESS:
		cell->phase = event->phase;
		cell->permille = event->kind == GANG_PROGRESS ? event->permille : 0;
		break;
	case GANG_UNIT:
		verdict(model, cell, event);
		break;
	case GANG_TAKE_OUT:
		cell->take_out = true;
		break;
	case GANG_FREE:
		cell->take_out = false;
		cell->state = PANEL_EMPTY;
		cell->note[0] = 0;
		break;
	default:
		break;
	}
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

unsigned panel_model_units(const struct panel_model *model)
{
	return model->passed + model->failed + model->aborted + model->not_recorded;
}

unsigned panel_model_hourly(const struct panel_model *model, int64_t now)
{
	int64_t elapsed = (now - model->began) / CLOCK_MS;

	return elapsed > 0 ? (unsigned)(panel_model_units(model) * INT64_C(3600000) / elapsed) : 0;
}

/* How much of a unit is done, in permille: program and verify take most of it. */
static unsigned unit_permille(const struct panel_cell *cell)
{
	static const unsigned begins[GANG_PHASE_COUNT + 1] = {0, 10, 60, 300, 700, 980, 990, 1000};
	unsigned from = begins[cell->phase], to = begins[cell->phase + 1];

	return from + (to - from) * cell->permille / 1000;
}

static int64_t tray_left(const struct panel_model *model, int64_t now)
{
	int64_t most = -1;

	for (unsigned i = 0; i < model->count; i++) {
		const struct panel_cell *cell = &model->cell[i];
		unsigned done = unit_permille(cell);
		int64_t left;

		if (cell->state != PANEL_WORKING || done < 20)
			continue;
		left = (now - cell->started) / CLOCK_MS * (1000 - done) / done;
		most = left > most ? left : most;
	}
	return most;
}

int64_t panel_model_left_ms(const struct panel_model *model, int64_t now)
{
	unsigned units = panel_model_units(model);
	int64_t elapsed = (now - model->began) / CLOCK_MS;

	if (!model->options->watch)
		return tray_left(model, now);
	if (!model->options->count || units == 0 || units >= model->options->count)
		return -1;
	return elapsed * (model->options->count - units) / units;
}

const char *panel_verdict(const struct panel_cell *cell)
{
	struct gang_event event = {.result = cell->result, .recorded = cell->recorded};

	return ui_verdict(&event);
}

void panel_reason(const struct panel_cell *cell, char *to, size_t size)
{
	snprintf(to, size, "%s",
		 !cell->recorded ? "the log took no row" : h7_error_name(cell->error));
	for (char *at = to; *at; at++)
		if (*at == '_')
			*at = ' ';
}
