/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws the model on the current curses screen. */
#ifndef H7GANG_SRC_UI_PANEL_DRAW_H
#define H7GANG_SRC_UI_PANEL_DRAW_H

#include "panel_model.h"

enum panel_page { PANEL_TRAY, PANEL_DETAILS, PANEL_MESSAGES, PANEL_RESULT };

struct panel_look {
	bool colour, utf8;
	enum panel_page page;
	const char *question; /* instead of the keys; NULL: none */
	int tray_pages;       /* output: screens that the tray fills */
};

/* Sets up the colours of the current terminal. False: it has none. */
bool panel_draw_colours(void);
void panel_draw(const struct panel_model *model, struct panel_look *look, int64_t now);

#endif
