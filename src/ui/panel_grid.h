/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef H7GANG_SRC_UI_PANEL_GRID_H
#define H7GANG_SRC_UI_PANEL_GRID_H

#include "panel_model.h"

/* Gives each slot of the profile a row and a column of its own. */
void panel_grid_fixture(struct panel_model *model);

/* The same without a fixture, for the ports seen so far. */
void panel_grid_ports(struct panel_model *model);

#endif
