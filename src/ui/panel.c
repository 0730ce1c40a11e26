/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The panel, and the plain output that is kept while it has the screen. */
#include "panel_private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "spool.h"

#define FRAME_MS 100 /* shortest time between two screens */
#define STILL_MS 500 /* longest, since its clocks run */
#define ASK_MS 20000 /* how long a question stays */

static FILE *stream_of(int fd, const char *mode)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	FILE *stream = copy >= 0 ? fdopen(copy, mode) : NULL;

	if (copy >= 0 && !stream)
		close(copy);
	return stream;
}

static void free_panel(struct panel *panel)
{
	if (panel->spool >= 0)
		close(panel->spool);
	if (panel->in)
		fclose(panel->in);
	if (panel->out)
		fclose(panel->out);
	free(panel);
}

struct panel *panel_open(struct ui_view *view)
{
	struct panel *panel = calloc(1, sizeof(*panel));

	if (!panel)
		return NULL;
	panel->view = view;
	panel->spool = spool_open();
	panel->reads = isatty(STDIN_FILENO);
	panel->out = stream_of(view->options.out, "w");
	panel->in = stream_of(panel->reads ? STDIN_FILENO : view->options.out, "r");
	panel_model_init(&panel->model, &view->options, clock_now());
	if (!panel->out || !panel->in || !panel_open_screen(panel)) {
		free_panel(panel);
		return NULL;
	}
	panel_take_messages(panel);
	panel->stale = true;
	panel_tick(panel);
	return panel;
}

/* The panel alone shows progress; lines of decisions and errors are kept. */
static bool kept(enum gang_event_kind kind)
{
	return kind == GANG_UNIT || kind == GANG_NOTE || kind == GANG_EMPTY ||
	       kind == GANG_SUMMARY || kind == GANG_BLOCKED || kind == GANG_UNLOCKED;
}

bool panel_event(struct panel *panel, const struct gang_event *event)
{
	bool lost = panel->lost;

	panel_model_event(&panel->model, event, clock_now());
	panel->stale = true;
	if (event->kind == GANG_SUMMARY && panel->view->options.stays && panel->reads) {
		panel->look.page = PANEL_RESULT;
		panel_ask(panel, ASK_CLOSE);
	}
	if (!kept(event->kind))
		return true;
	panel->lost = false;
	ui_render_lines(panel->view, event, &panel->lines);
	panel_keep(panel, false, panel->lines.out, strlen(panel->lines.out));
	panel_keep(panel, true, panel->lines.err, strlen(panel->lines.err));
	lost |= panel->lost;
	panel->lost = lost;
	return !lost;
}

/* Rings once for all new verdicts and refusals. */
static void ring(struct panel *panel)
{
	const struct panel_model *model = &panel->model;
	enum profile_bell bell = panel->view->options.bell;
	unsigned calls = model->failed + model->aborted + model->not_recorded + model->refused +
			 (bell == PROFILE_BELL_ALL ? model->passed : 0);

	if (bell != PROFILE_BELL_NONE && calls > panel->beeps)
		beep();
	panel->beeps = calls;
}

void panel_tick(struct panel *panel)
{
	int64_t still = clock_elapsed_ms(panel->shown);

	panel_hear(panel);
	panel_read_keys(panel);
	panel_fit(panel);
	ring(panel);
	panel_model_tick(&panel->model, clock_now());
	if (panel->question != ASK_NOTHING && panel->question != ASK_CLOSE &&
	    clock_elapsed_ms(panel->asked) >= ASK_MS)
		panel->question = ASK_NOTHING;
	if (still < (panel->stale ? FRAME_MS : STILL_MS))
		return;
	panel->look.question = panel_question(panel);
	panel_draw(&panel->model, &panel->look, clock_now());
	panel->shown = clock_now();
	panel->stale = false;
}

bool panel_stays(const struct panel *panel)
{
	return panel->question == ASK_CLOSE && !panel->seen;
}

bool panel_left(const struct panel *panel)
{
	return panel->seen;
}

void panel_close(struct panel *panel, void (*piece)(void *user, bool err, const char *text),
		 void *user)
{
	endwin();
	delscreen(panel->screen);
	panel_signals_back(panel);
	panel_messages_back(panel);
	if (panel->spool >= 0 && !spool_replay(panel->spool, piece, user))
		panel->lost = true;
	if (panel->lost)
		piece(user, true,
		      "h7gang: warning: not all lines could be kept; the rows are in the log all "
		      "the same\n");
	free_panel(panel);
}
