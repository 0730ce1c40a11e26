/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The output of a run for people and scripts: one line for each unit, or one JSON object on each
 * line. Events go into a queue, and a thread of the ui writes them, so that no unit waits for a
 * terminal or a full pipe. */
#ifndef H7GANG_UI_UI_H
#define H7GANG_UI_UI_H

#include <stdbool.h>
#include <stddef.h>

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
	/* For the panel; borrowed, NULL if absent. */
	const char *operator_name, *firmware_version;
	enum profile_bell bell;
	bool stays;                       /* the result of a run over one tray is shown until F10 */
	const struct profile_slot *slots; /* the fixture; without it cells come as ports are seen */
	unsigned slot_count;
	bool watch;
	unsigned count;               /* --count, 0: none */
	struct gang_control *control; /* gets the panel's commands */
	const char *events;           /* --events: FILE or unix:PATH; NULL: nowhere */
	gang_sink *also;              /* gets every event, too; must not block; NULL: none */
	void *also_user;
	/* Of a panel that shows the run of another process: q closes it, and these units were
	 * counted before. */
	bool remote;
	unsigned passed, failed, aborted, not_recorded;
};

struct ui;

/* Starts the writing thread. Signals must be blocked before. NULL: `why`. */
struct ui *ui_open(const struct ui_options *options, char *why, size_t why_size);

/* A gang_sink; `ui` is a struct ui. Never blocks on output. When the output does not keep up,
 * progress is left out; nothing else is. */
void ui_event(void *ui, const struct gang_event *event);

/* After the run: where the panel shows its result, waits until the operator has seen it (F10), or a
 * signal comes. The signals must be blocked. */
void ui_wait_result(struct ui *ui);

/* Whether the operator closed the panel, or there is none. */
bool ui_left(struct ui *ui);

/* The catalog for a code such as "de", "de_AT.UTF-8", "zh" (Simplified Chinese) or "en". NULL:
 * there is none. Static. */
const char *ui_language(const char *code);

/* Chooses the language for people: `wanted` (--language), or the environment's. Without a catalog
 * it is English. Never fails. Before any thread is started. */
void ui_choose_language(const char *wanted);

/* Writes the queued output and frees. Bounded: if the output takes nothing for 5 s, the rest is
 * given up. False if anything but progress could not be written. */
bool ui_close(struct ui *ui);

/* Whether colour may be used on a terminal: NO_COLOR is not set and TERM is not "dumb". */
bool ui_colour_wanted(void);

#endif
