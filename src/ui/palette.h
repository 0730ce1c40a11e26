/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pairs of colours that are readable on every terminal: explicit foreground and background, with a
 * contrast of at least 4.5:1 in the default palettes of xterm, the Linux console, tmux and Windows
 * Terminal (tests/unit/test_ui_palette.c computes it). Bold is never used as brightness. */
#ifndef H7GANG_SRC_UI_PALETTE_H
#define H7GANG_SRC_UI_PALETTE_H

enum palette_use {
	PALETTE_PASS = 1,
	PALETTE_FAIL,
	PALETTE_ODD,     /* ABORTED, NOT RECORDED */
	PALETTE_WORK,    /* in progress */
	PALETTE_ASK,     /* the operator must do something */
	PALETTE_BLOCKED, /* a slot, or the station */
	PALETTE_USES
};

struct palette_pair {
	short front, back;
};

/* For terminals of 8 and of 256 colours. The upper 240 of 256 are the same everywhere. */
extern const struct palette_pair palette_8[PALETTE_USES], palette_256[PALETTE_USES];

#endif
