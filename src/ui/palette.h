/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairs of colours that can be read on every terminal: explicit foreground and background, with a
 * contrast of at least 4.5:1 in the default palettes of xterm, the Linux console, tmux and Windows
 * Terminal (tests/unit/test_ui_palette.c computes it). Bold is never used as brightness. */
#ifndef H7GANG_SRC_UI_PALETTE_H
#define H7GANG_SRC_UI_PALETTE_H

enum palette_use {
	PALETTE_PASS = 1,
	PALETTE_FAIL,
	PALETTE_ODD,     /* ABORTED, NOT RECORDED */
	PALETTE_WORK,    /* what runs */
	PALETTE_ASK,     /* something for the operator to do */
	PALETTE_BLOCKED, /* a slot, or the station */
	PALETTE_USES
};

struct palette_pair {
	short front, back;
};

/* Terminals of 8 colours, and those of 256, whose upper 240 are the same everywhere. */
extern const struct palette_pair palette_8[PALETTE_USES], palette_256[PALETTE_USES];

#endif
