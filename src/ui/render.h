/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns an event into text; pure, called by the ui thread alone. */
#ifndef H7GANG_SRC_UI_RENDER_H
#define H7GANG_SRC_UI_RENDER_H

#include <stddef.h>
#include <stdint.h>

#include "h7gang/base/text.h"
#include "h7gang/ui/ui.h"

#define UI_LINE_MAX 4096
#define UI_FAILED_MAX 4096
#define UI_TRACKS 128 /* one bus carries 127 devices */

/* The last progress of a target that was shown. */
struct ui_track {
	char path[USB_PATH_SIZE]; /* "": free */
	unsigned told;            /* permille of the current phase */
};

struct ui_view {
	struct ui_options options;
	bool colour_out;
	struct ui_track track[UI_TRACKS];
	unsigned next_track;
	char failed[UI_FAILED_MAX]; /* slots whose last unit did not pass, " A1 B2 " */
};

/* Lines of text, each ended by LF; "" none. */
struct ui_lines {
	char out[UI_LINE_MAX];
	char err[UI_LINE_MAX];
};

/* Appends to a text, which is cut at `size`. */
void ui_add(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The events of the station (state, scans, answers, stop rules) for ui_render_lines. */
void ui_render_station(const struct ui_view *view, const struct gang_event *event,
		       struct ui_lines *lines);

void ui_render_lines(struct ui_view *view, const struct gang_event *event, struct ui_lines *lines);

/* One JSON object and its LF, to be freed. NULL: no output for the event (*silent), or no memory.
 */
char *ui_render_json(struct ui_view *view, const struct gang_event *event, bool *silent);

/* Whether progress has advanced by `step` permille since it was last shown. */
bool ui_track_due(struct ui_view *view, const struct gang_event *event, unsigned step);
/* Forgets the shown progress of the event's target. */
void ui_track_reset(struct ui_view *view, const struct gang_event *event);

#endif
