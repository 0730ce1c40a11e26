/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the panel shows: pure, fed with events and the time. */
#ifndef H7GANG_SRC_UI_PANEL_MODEL_H
#define H7GANG_SRC_UI_PANEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/ui/ui.h"

#define PANEL_CELLS 128 /* one bus carries 127 devices */
#define PANEL_TEXT 256

enum panel_state { PANEL_EMPTY, PANEL_WORKING, PANEL_DONE };

/* One slot. All text is fit for a terminal. */
struct panel_cell {
	char name[PROFILE_NAME_SIZE];
	char path[USB_PATH_SIZE];
	unsigned row, column; /* in the grid, from 0 */
	enum panel_state state;
	bool take_out;
	enum gang_phase phase;
	unsigned permille;
	unsigned attempt, attempts_allowed;
	int64_t started; /* of the unit (base/clock) */
	/* of the last unit; DONE */
	enum audit_result result;
	enum h7_error error;
	bool recorded;
	int64_t total_ms;
	char uid[25], bootloader[8];
	char detail[PANEL_TEXT];
	char note[PANEL_TEXT]; /* the last note about it */
};

struct panel_model {
	const struct ui_options *options;
	unsigned count;
	struct panel_cell cell[PANEL_CELLS];
	unsigned rows, columns; /* of the grid */
	unsigned selected;      /* index of a cell */
	unsigned passed, failed, aborted, not_recorded;
	int64_t began;
	char message[PANEL_TEXT]; /* the last thing that was said */
};

void panel_model_init(struct panel_model *model, const struct ui_options *options, int64_t now);
void panel_model_event(struct panel_model *model, const struct gang_event *event, int64_t now);
void panel_model_say(struct panel_model *model, const char *text);

/* Moves the selection to the nearest cell in that direction. */
void panel_model_move(struct panel_model *model, int rows, int columns);

/* Units finished; those an hour (0: none yet); ms until the tray or --count is done, -1: unknown. */
unsigned panel_model_units(const struct panel_model *model);
unsigned panel_model_hourly(const struct panel_model *model, int64_t now);
int64_t panel_model_left_ms(const struct panel_model *model, int64_t now);

/* "PASS", "FAIL" ...; the error in two or three words; both of a cell that is DONE. */
const char *panel_verdict(const struct panel_cell *cell);
void panel_reason(const struct panel_cell *cell, char *to, size_t size);

#endif
