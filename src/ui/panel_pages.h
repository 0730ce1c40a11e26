/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pages behind the tray. */
#ifndef H7GANG_SRC_UI_PANEL_PAGES_H
#define H7GANG_SRC_UI_PANEL_PAGES_H

#include "panel_paint.h"

/* All details of the selected slot. */
void panel_page_details(const struct panel_model *model, const struct panel_look *look,
			struct box *body, int64_t now);

/* The messages in full, the newest first. */
void panel_page_messages(const struct panel_model *model, const struct panel_look *look,
			 struct box *body);

/* The end of a tray: failed slots first, with what to do. */
void panel_page_result(const struct panel_model *model, const struct panel_look *look,
		       struct box *body);

#endif
