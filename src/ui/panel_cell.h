/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One slot on the screen, drawn in the available space. */
#ifndef H7GANG_SRC_UI_PANEL_CELL_H
#define H7GANG_SRC_UI_PANEL_CELL_H

#include "panel_paint.h"

#define CELL_LINES_MIN 2 /* name and verdict, without a frame */
#define CELL_FRAMED 5    /* lines from which a cell has a frame */

void panel_cell_draw(const struct panel_model *model, const struct panel_look *look, unsigned index,
		     const struct box *area, int64_t now);

/* The colour of a verdict. */
enum palette_use panel_cell_use(const struct panel_cell *cell);

/* "PASS" and so on in the operator's language. */
const char *panel_cell_verdict(const struct panel_cell *cell);

#endif
