/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live panel. All calls from the ui thread. */
#ifndef H7GANG_SRC_UI_PANEL_H
#define H7GANG_SRC_UI_PANEL_H

#include "render.h"

#define PANEL_TICK_MS 50 /* interval of reading keys */

struct panel;

/* Takes the screen. NULL: this terminal cannot show a panel (nothing was changed), use lines. */
struct panel *panel_open(struct ui_view *view);

/* Shows an event, and keeps its lines for later. False: they could not be kept. */
bool panel_event(struct panel *panel, const struct gang_event *event);

/* Keys, messages, and the screen if it is due. */
void panel_tick(struct panel *panel);

/* Whether it shows the result of a run and was not closed by the operator yet. */
bool panel_stays(const struct panel *panel);

/* Whether the operator closed it. */
bool panel_left(const struct panel *panel);

/* Restores the screen, hands out the kept lines, frees. */
void panel_close(struct panel *panel, void (*piece)(void *user, bool err, const char *text),
		 void *user);

#endif
