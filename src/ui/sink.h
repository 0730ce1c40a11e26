/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes events as JSON lines to a file or to the readers of a socket, beside any other display, in
 * its own thread. Drops a reader that does not keep up. */
#ifndef H7GANG_SRC_UI_SINK_H
#define H7GANG_SRC_UI_SINK_H

#include "render.h"

struct ui_sink;

/* `where`: FILE (appended to, created with mode 0640), or unix:PATH (a listening socket, 0660).
 * NULL: `why`. Copies `options`. */
struct ui_sink *ui_sink_open(const char *where, const struct ui_options *options, char *why,
			     size_t why_size);

/* Never blocks. Gives up the file if too many events wait. */
void ui_sink_put(struct ui_sink *sink, const struct gang_event *event);

/* The next error message for the operator. False: none. */
bool ui_sink_trouble(struct ui_sink *sink, char *text, size_t size);

/* Writes the queued events, for at most 5 s, and frees. NULL is allowed. */
void ui_sink_close(struct ui_sink *sink);

#endif
