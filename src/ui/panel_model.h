/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panel's contents: pure, fed with events and the time. */
#ifndef H7GANG_SRC_UI_PANEL_MODEL_H
#define H7GANG_SRC_UI_PANEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "h7gang/ui/ui.h"

#define PANEL_CELLS 128 /* one bus carries 127 devices */
#define PANEL_TEXT 256
#define PANEL_SAYINGS 60
#define PANEL_FINISHES 1024
#define PANEL_RATE_MS 600000 /* boards an hour are counted over the last ten minutes */

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
	char serial[PROFILE_SERIAL_SIZE];
	char blocked[PANEL_TEXT]; /* the reason; "" not blocked */
	char label[PANEL_TEXT];   /* a scan that waits for its board here; "" none */
	int64_t label_until;
	int64_t kept_until; /* the board is out, and its failure is shown until then; 0: not */
	int64_t phase_began;
};

struct panel_model {
	const struct ui_options *options;
	unsigned count;
	struct panel_cell cell[PANEL_CELLS];
	unsigned rows, columns; /* of the grid */
	unsigned selected;      /* index of a cell */
	unsigned passed, failed, aborted, not_recorded;
	int64_t began;
	char message[PANEL_TEXT]; /* the last one; "" it is old */
	int64_t message_until;
	char said[PANEL_SAYINGS][PANEL_TEXT]; /* a ring of all messages */
	unsigned sayings;
	enum gang_state state;
	char reason[PANEL_TEXT]; /* of the state */
	char lot[PANEL_TEXT], operator_name[PANEL_TEXT];
	unsigned refused;                   /* scans */
	bool over;                          /* the run is over */
	int64_t phase_ms[GANG_PHASE_COUNT]; /* measured averages; 0: not yet */
	int64_t finish[PANEL_FINISHES];     /* a ring of the times of verdicts */
	unsigned finishes;
};

void panel_model_init(struct panel_model *model, const struct ui_options *options, int64_t now);
void panel_model_event(struct panel_model *model, const struct gang_event *event, int64_t now);
void panel_model_say(struct panel_model *model, const char *text, int64_t now);

/* Lets time pass. */
void panel_model_tick(struct panel_model *model, int64_t now);

/* Moves the selection to the nearest cell in that direction. */
void panel_model_move(struct panel_model *model, int rows, int columns);

/* Moves the selection to the next or the previous of `pages` screens. */
void panel_model_page(struct panel_model *model, bool forward, int pages);

/* Units finished; units an hour over the last ten minutes (0: not known yet); ms until the tray or
 * --count is done, -1: unknown.
 */
unsigned panel_model_units(const struct panel_model *model);
unsigned panel_model_hourly(const struct panel_model *model, int64_t now);
int64_t panel_model_left_ms(const struct panel_model *model, int64_t now);

/* A phase begins in that cell, and the previous one ends; a unit gets its verdict. */
void panel_times_phase(struct panel_model *model, struct panel_cell *cell, enum gang_phase phase,
		       int64_t now);
void panel_times_unit(struct panel_model *model, int64_t now);

/* Progress of the cell's unit over all phases; ms that it still takes, -1: unknown. */
unsigned panel_times_permille(const struct panel_model *model, const struct panel_cell *cell);
int64_t panel_times_left_ms(const struct panel_model *model, const struct panel_cell *cell,
			    int64_t now);

/* "PASS", "FAIL" ...; the error in two or three words; both of a cell that is DONE. */
const char *panel_verdict(const struct panel_cell *cell);
void panel_reason(const struct panel_cell *cell, char *to, size_t size);

#endif
