/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One JSON object a line. */
#include "render.h"

#include <stdlib.h>

#include "h7gang/station/event.h"

#define STEP_PERMILLE 50

static bool wanted(struct ui_view *view, const struct gang_event *event)
{
	bool tell = !view->options.quiet && view->options.level >= UI_INFO;

	switch (event->kind) {
	case GANG_PHASE:
		ui_track_reset(view, event);
		return tell;
	case GANG_PROGRESS:
		return tell && ui_track_due(view, event,
					    view->options.level >= UI_DEBUG ? 1 : STEP_PERMILLE);
	case GANG_NOTE:
		return view->options.level >= UI_WARNING;
	default:
		return true;
	}
}

char *ui_render_json(struct ui_view *view, const struct gang_event *event, bool *silent)
{
	const struct ui_options *options = &view->options;
	const struct station_facts facts = {options->command, options->profile, options->part,
					    options->lot, options->log};
	json_t *object;
	char *line = NULL;

	*silent = !wanted(view, event);
	if (*silent)
		return NULL;
	object = station_event_json(&facts, event);
	if (object)
		line = station_json_line(object);
	json_decref(object);
	return line;
}
