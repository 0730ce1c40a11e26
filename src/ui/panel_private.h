/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the panel's files share: its state, the screen, and the keys. */
#ifndef H7GANG_SRC_UI_PANEL_PRIVATE_H
#define H7GANG_SRC_UI_PANEL_PRIVATE_H

#include <ncurses.h>
#include <signal.h>
#include <stdio.h>

#include "h7gang/ui/keys.h"
#include "panel.h"
#include "panel_draw.h"

/* A command is a key that asks; only F10, pressed for itself, answers. */
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
	bool seen;      /* the result was: the panel may close */
	unsigned beeps; /* verdicts and refusals that were rung for */
	unsigned stops; /* asked for so far */
	int spool;
	bool lost;            /* something could not be kept */
	int err_saved, heard; /* standard error as it was; the pipe in its place. -1: left alone */
	struct sigaction winch, stop;
	int64_t shown;
	bool stale;
};

/* panel_screen.c: the terminal, and what is written to it meanwhile */
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
const char *panel_question(const struct panel *panel); /* NULL: none stands */

#endif
