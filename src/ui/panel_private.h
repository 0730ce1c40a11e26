/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the panel's files: its state, the screen, and the keys. */
#ifndef H7GANG_SRC_UI_PANEL_PRIVATE_H
#define H7GANG_SRC_UI_PANEL_PRIVATE_H

#include <ncurses.h>
#include <signal.h>
#include <stdio.h>

#include "h7gang/ui/keys.h"
#include "panel.h"
#include "panel_draw.h"

/* A command key asks a question; only F10, pressed by itself, confirms. */
enum question {
	ASK_NOTHING,
	ASK_END,
	ASK_ABORT,
	ASK_ACKNOWLEDGE,
	ASK_UNLOCK,
	ASK_UNDO,
	ASK_LEAVE,
	ASK_CLOSE
};

struct panel {
	struct ui_view *view;
	struct ui_lines lines;
	struct panel_model model;
	struct panel_look look;
	FILE *out, *in;
	SCREEN *screen;
	bool reads; /* standard input is a terminal */
	struct ui_keys keys;
	enum question question;
	int64_t asked;  /* when */
	bool seen;      /* the operator closed the result: the panel may close */
	unsigned beeps; /* verdicts and refusals that the bell rang for */
	unsigned stops; /* requested so far */
	int spool;
	bool lost;            /* some lines could not be kept */
	int err_saved, heard; /* original standard error; the pipe in its place. -1: unchanged */
	struct sigaction winch, stop;
	int64_t shown;
	bool stale;
};

/* panel_screen.c: the terminal, and output to it by other code */
bool panel_open_screen(struct panel *panel);
void panel_signals_back(const struct panel *panel);
void panel_fit(struct panel *panel); /* to the terminal's size */
/* Text that other code writes to standard error comes through a pipe, so that it cannot tear the
 * screen. No writer waits for the panel. */
void panel_take_messages(struct panel *panel);
void panel_hear(struct panel *panel);
void panel_messages_back(struct panel *panel);
/* Plain output, for the end. */
void panel_keep(struct panel *panel, bool err, const char *text, size_t length);

/* panel_keys.c */
void panel_ask(struct panel *panel, enum question question);
void panel_read_keys(struct panel *panel);
const char *panel_question(const struct panel *panel); /* NULL: none is open */

#endif
