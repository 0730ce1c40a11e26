/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words in large block letters. */
#ifndef H7GANG_SRC_UI_PANEL_BIG_H
#define H7GANG_SRC_UI_PANEL_BIG_H

#include <stdbool.h>

/* The largest size in which `text` fits into these lines and columns. 0: not even the smallest
 * fits, or the text has characters without a letter here. */
struct big_size {
	int high, wide; /* lines and columns per dot */
	int dots;       /* per letter: 5, or 3 */
};
bool big_fits(const char *text, int lines, int columns, struct big_size *size);

#define BIG_LINES 5
int big_columns(const char *text, const struct big_size *size);

/* Whether the dot at that line and column of the drawn text is set; both from 0. */
bool big_dot(const char *text, const struct big_size *size, int line, int column);

#endif
