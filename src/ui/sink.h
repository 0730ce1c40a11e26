/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events as JSON lines to a file or to the readers of a socket, beside any other display. A thread
 * of its own writes; a reader that does not keep up is dropped. */
#ifndef H7GANG_SRC_UI_SINK_H
#define H7GANG_SRC_UI_SINK_H

#include "render.h"

struct ui_sink;

/* `where`: FILE (appended to, made 0640), or unix:PATH (a socket that is listened on, 0660). NULL:
 * `why`. `options` is copied. */
struct ui_sink *ui_sink_open(const char *where, const struct ui_options *options, char *why,
			     size_t why_size);

/* Never blocks. Too many events waiting: the file is given up. */
void ui_sink_put(struct ui_sink *sink, const struct gang_event *event);

/* The next thing that went wrong, for people. False: nothing new. */
bool ui_sink_trouble(struct ui_sink *sink, char *text, size_t size);

/* Writes what waits, for at most 5 s, and frees. NULL is allowed. */
void ui_sink_close(struct ui_sink *sink);

#endif
