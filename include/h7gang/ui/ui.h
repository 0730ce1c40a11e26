/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people and scripts see of a run: one line a unit or one JSON object a line. Events are taken
 * into a queue and written by a thread of the ui, so that nobody waits for a terminal or a full
 * pipe. */
#ifndef H7GANG_UI_UI_H
#define H7GANG_UI_UI_H

#include <stdbool.h>

#include "h7gang/gang/events.h"

enum ui_level { UI_ERROR, UI_WARNING, UI_INFO, UI_DEBUG };

struct ui_options {
	int out, err; /* file descriptors: verdicts and JSON; messages and progress */
	bool json;
	bool quiet;  /* no progress */
	bool colour; /* allowed; used only where the descriptor is a terminal */
	bool panel;  /* a live panel, if `out` is a terminal that can do it */
	enum ui_level level;
	/* For the start of the run; borrowed, "" if absent. */
	const char *command, *profile, *part, *lot, *log;
	/* For the panel; borrowed. */
	const struct profile_slot *slots; /* the fixture; without it cells come as ports are seen */
	unsigned slot_count;
	bool watch;
	unsigned count;               /* --count, 0: none */
	struct gang_control *control; /* what its keys go to */
};

struct ui;

/* Starts the writing thread. Signals must be blocked before. NULL: no memory or no thread. */
struct ui *ui_open(const struct ui_options *options);

/* A gang_sink; `ui` is a struct ui. Never blocks on output. When the output does not keep up,
 * progress is left out; nothing else is. */
void ui_event(void *ui, const struct gang_event *event);

/* Writes what is still queued and frees. Bounded: if the output takes nothing for 5 s, the rest is
 * given up. False if anything but progress could not be written. */
bool ui_close(struct ui *ui);

/* Whether colour may be used on a terminal: NO_COLOR is not set and TERM is not "dumb". */
bool ui_colour_wanted(void);

#endif
