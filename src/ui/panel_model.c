/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel_model.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/text.h"
#include "h7gang/station/event.h"
#include "lingo.h"
#include "panel_grid.h"
#include "render.h"

#define KEEP_MS 5000     /* contract: a board that is back within 5 s is the same unit */
#define MESSAGE_MS 20000 /* how long the last message stays in its line */

static struct panel_cell *find(struct panel_model *model, const char *name)
{
	for (unsigned i = 0; i < model->count; i++)
		if (strcmp(model->cell[i].name, name) == 0)
			return &model->cell[i];
	return NULL;
}

static struct panel_cell *cell_of(struct panel_model *model, const struct gang_event *event)
{
	struct panel_cell *cell = find(model, event->slot);

	if (cell || !event->slot[0] || model->options->slot_count || model->count == PANEL_CELLS)
		return cell;
	cell = &model->cell[model->count++];
	memset(cell, 0, sizeof(*cell));
	snprintf(cell->name, sizeof(cell->name), "%s", event->slot);
	panel_grid_ports(model);
	return find(model, event->slot);
}

void panel_model_init(struct panel_model *model, const struct ui_options *options, int64_t now)
{
	memset(model, 0, sizeof(*model));
	model->options = options;
	model->began = now;
	model->passed = options->passed;
	model->failed = options->failed;
	model->aborted = options->aborted;
	model->not_recorded = options->not_recorded;
	if (options->lot)
		text_terminal(options->lot, model->lot, sizeof(model->lot));
	if (options->operator_name)
		text_terminal(options->operator_name, model->operator_name,
			      sizeof(model->operator_name));
	model->count = options->slot_count < PANEL_CELLS ? options->slot_count : PANEL_CELLS;
	for (unsigned i = 0; i < model->count; i++) {
		snprintf(model->cell[i].name, sizeof(model->cell[i].name), "%s",
			 options->slots[i].name);
		if (!options->slots[i].by_id_path)
			snprintf(model->cell[i].path, sizeof(model->cell[i].path), "%.*s",
				 USB_PATH_SIZE - 1, options->slots[i].path);
	}
	panel_grid_fixture(model);
}

void panel_model_say(struct panel_model *model, const char *text, int64_t now)
{
	char phrase[PHRASE_SIZE];

	text_terminal(ui_phrase(text, phrase), model->message, sizeof(model->message));
	model->message_until = now + MESSAGE_MS * CLOCK_MS;
	memcpy(model->said[model->sayings++ % PANEL_SAYINGS], model->message,
	       sizeof(model->message));
}

void panel_model_tick(struct panel_model *model, int64_t now)
{
	if (model->message[0] && now >= model->message_until)
		model->message[0] = 0;
	for (unsigned i = 0; i < model->count; i++) {
		struct panel_cell *cell = &model->cell[i];

		if (cell->kept_until && now >= cell->kept_until) {
			cell->kept_until = 0;
			cell->state = PANEL_EMPTY;
			cell->note[0] = 0;
		}
	}
}

static void verdict(struct panel_model *model, struct panel_cell *cell,
		    const struct gang_event *event, int64_t now)
{
	cell->state = PANEL_DONE;
	cell->result = event->result;
	cell->error = event->error;
	cell->recorded = event->recorded;
	cell->total_ms = event->total_ms;
	text_terminal(event->detail, cell->detail, sizeof(cell->detail));
	text_terminal(event->unit_serial, cell->serial, sizeof(cell->serial));
	panel_times_unit(model, now);
	if (!event->recorded)
		model->not_recorded++;
	else if (event->result == AUDIT_PASS)
		model->passed++;
	else if (event->result == AUDIT_ABORTED)
		model->aborted++;
	else
		model->failed++;
}

static void note(struct panel_model *model, struct panel_cell *cell, const char *text, int64_t now)
{
	char said[2 * PANEL_TEXT], phrase[PHRASE_SIZE];

	if (!cell) {
		panel_model_say(model, text, now);
		return;
	}
	text_terminal(text, cell->note, sizeof(cell->note));
	snprintf(said, sizeof(said), "%s: %.*s", cell->name, PANEL_TEXT, ui_phrase(text, phrase));
	panel_model_say(model, said, now);
	if (cell->state == PANEL_DONE && strcmp(text, "acknowledged") == 0) {
		cell->state = PANEL_EMPTY;
		cell->kept_until = 0;
	}
}

static void begin(struct panel_cell *cell, const struct gang_event *event, int64_t now)
{
	struct panel_cell fresh = {
		.row = cell->row, .column = cell->column, .state = PANEL_WORKING, .started = now};

	memcpy(fresh.name, cell->name, sizeof(fresh.name));
	memcpy(fresh.blocked, cell->blocked, sizeof(fresh.blocked));
	snprintf(fresh.path, sizeof(fresh.path), "%s", event->path);
	fresh.phase_began = now;
	*cell = fresh;
}

/* A failure stays visible until the board was out for some time: a board that is back earlier is
 * the same unit. */
static void is_free(struct panel_cell *cell, int64_t now)
{
	cell->take_out = false;
	if (cell->state == PANEL_DONE && !(cell->recorded && cell->result == AUDIT_PASS)) {
		cell->kept_until = now + KEEP_MS * CLOCK_MS;
		return;
	}
	cell->state = PANEL_EMPTY;
	cell->note[0] = 0;
}

static void state(struct panel_model *model, const struct gang_event *event)
{
	model->state = event->state;
	text_terminal(event->detail, model->reason, sizeof(model->reason));
	text_terminal(event->lot, model->lot, sizeof(model->lot));
	text_terminal(event->operator_name, model->operator_name, sizeof(model->operator_name));
}

static void scan(struct panel_model *model, struct panel_cell *cell, const struct gang_event *event,
		 int64_t now)
{
	char said[2 * PANEL_TEXT], phrase[PHRASE_SIZE];

	snprintf(said, sizeof(said), "%s \"%.200s\": %.250s",
		 event->accepted ? _("scan") : _("scan REFUSED"), event->scan,
		 ui_phrase(event->detail, phrase));
	panel_model_say(model, said, now);
	if (!event->accepted)
		model->refused++;
	if (!cell)
		return;
	model->selected = (unsigned)(cell - model->cell);
	cell->label[0] = 0;
	if (event->accepted && strcmp(event->what, "serial") == 0) {
		text_terminal(event->scan, cell->label, sizeof(cell->label));
		cell->label_until = now + 60000 * CLOCK_MS;
	}
}

/* Events about the station; the cell may be NULL. */
static bool station_event(struct panel_model *model, struct panel_cell *cell,
			  const struct gang_event *event, int64_t now)
{
	switch (event->kind) {
	case GANG_NOTE:
		note(model, cell, event->detail, now);
		return true;
	case GANG_STATE:
		state(model, event);
		return true;
	case GANG_SCAN:
		scan(model, cell, event, now);
		return true;
	case GANG_ANSWER:
		if (!event->accepted)
			panel_model_say(model, event->detail, now);
		return true;
	case GANG_SUMMARY:
		model->over = true;
		return true;
	default:
		return false;
	}
}

void panel_model_event(struct panel_model *model, const struct gang_event *event, int64_t now)
{
	struct panel_cell *cell = cell_of(model, event);

	if (station_event(model, cell, event, now) || !cell)
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
		panel_times_phase(model, cell, event->phase, now);
		cell->permille = 0;
		break;
	case GANG_PROGRESS:
		cell->permille = event->permille;
		break;
	case GANG_UNIT:
		panel_times_phase(model, cell, cell->phase, now);
		verdict(model, cell, event, now);
		break;
	case GANG_TAKE_OUT:
		cell->take_out = true;
		cell->kept_until = 0;
		break;
	case GANG_FREE:
		is_free(cell, now);
		break;
	case GANG_BLOCKED:
		text_terminal(event->detail, cell->blocked, sizeof(cell->blocked));
		break;
	case GANG_UNLOCKED:
		cell->blocked[0] = 0;
		break;
	default:
		break;
	}
}

const char *panel_verdict(const struct panel_cell *cell)
{
	struct gang_event event = {.result = cell->result, .recorded = cell->recorded};

	return station_verdict(&event);
}

void panel_reason(const struct panel_cell *cell, char *to, size_t size)
{
	snprintf(to, size, "%s",
		 !cell->recorded ? _("the row could not be written") : h7_error_name(cell->error));
	for (char *at = to; cell->recorded && *at; at++)
		if (*at == '_')
			*at = ' ';
}
