/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paints text into boxes of the curses screen: cut at words, padded, coloured. */
#ifndef H7GANG_SRC_UI_PANEL_PAINT_H
#define H7GANG_SRC_UI_PANEL_PAINT_H

#include "palette.h"
#include "panel_draw.h"

struct box {
	int top, left, lines, wide;
	int used; /* lines written so far */
};

/* Width of a text in columns. */
int paint_width(const char *text);

/* One line, cut at a word with "..." where it does not fit. Without UTF-8, '?' replaces non-ASCII.
 */
void paint_put(const struct panel_look *look, int line, int column, int wide, const char *text);
void paint_format(const struct panel_look *look, int line, int column, int wide, const char *format,
		  ...) __attribute__((format(printf, 5, 6)));

/* The next line of the box; the same over all remaining lines, broken at spaces. */
void paint_add(const struct panel_look *look, struct box *box, const char *text);
void paint_wrapped(const struct panel_look *look, struct box *box, const char *text);

/* A line of the box in that colour over its whole width, the text in its middle. */
void paint_banner(const struct panel_look *look, struct box *box, const char *text,
		  enum palette_use use);

/* Sets the attributes for that use; sets the usual ones again. */
void paint_use(const struct panel_look *look, enum palette_use use);
void paint_plain(void);

/* Fills the box's whole area with the current attributes. */
void paint_fill(const struct box *box);

/* The word in the largest letters that fit into `lines` of the box, centred. False: none fit. */
bool paint_big(const struct panel_look *look, struct box *box, const char *word, int lines);

/* A bar over the box's width. */
void paint_bar(const struct panel_look *look, struct box *box, unsigned permille);

/* Minutes and seconds. */
void paint_clock(int64_t ms, char *to, size_t size);

#endif
