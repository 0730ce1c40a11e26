/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last shown progress of each target, so that 32 boards do not flood a terminal. */
#include "render.h"

#include <string.h>

static struct ui_track *track_of(struct ui_view *view, const char *path)
{
	struct ui_track *track;

	for (unsigned i = 0; i < UI_TRACKS; i++)
		if (strcmp(view->track[i].path, path) == 0)
			return &view->track[i];
	track = &view->track[view->next_track];
	view->next_track = (view->next_track + 1) % UI_TRACKS;
	memcpy(track->path, path, strnlen(path, sizeof(track->path) - 1) + 1);
	track->path[sizeof(track->path) - 1] = 0;
	track->told = 0;
	return track;
}

bool ui_track_due(struct ui_view *view, const struct gang_event *event, unsigned step)
{
	struct ui_track *track = track_of(view, event->path);
	unsigned reached = event->permille - event->permille % step;

	if (reached <= track->told)
		return false;
	track->told = reached;
	return true;
}

void ui_track_reset(struct ui_view *view, const struct gang_event *event)
{
	track_of(view, event->path)->told = 0;
}
