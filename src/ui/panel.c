/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Screen, keys and what is kept of the plain output while the screen is taken. What others write to
 * standard error comes through a pipe, so that it cannot tear the screen; nobody waits for it. */
#include "panel.h"

#include <fcntl.h>
#include <langinfo.h>
#include <ncurses.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/gang/control.h"
#include "panel_draw.h"
#include "spool.h"

#define FRAME_MS 100 /* shortest time between two pictures */
#define STILL_MS 500 /* longest: its clocks run */
#define KEY_CTRL_C 3
#define KEY_CTRL_L 12
#define KEY_ESCAPE 27

enum question { ASK_NOTHING, ASK_END, ASK_ABORT };

struct panel {
	struct ui_view *view;
	struct ui_lines lines;
	struct panel_model model;
	struct panel_look look;
	FILE *out, *in;
	SCREEN *screen;
	bool keys;
	enum question question;
	unsigned stops; /* asked for so far */
	int spool;
	bool lost;	     /* something could not be kept */
	int err_saved, heard; /* standard error as it was; the pipe in its place. -1: left alone */
	struct sigaction winch, stop;
	int64_t shown;
	bool stale;
};

/* curses would take these with handlers of its own, in whichever thread they come: the size is asked for
 * instead, and a station is not suspended in the middle of an erase. */
static void hold_signals(struct panel *panel)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGWINCH, &ignore, &panel->winch);
	sigaction(SIGTSTP, &ignore, &panel->stop);
}

static void give_signals_back(const struct panel *panel)
{
	sigaction(SIGWINCH, &panel->winch, NULL);
	sigaction(SIGTSTP, &panel->stop, NULL);
}

static FILE *stream_of(int fd, const char *mode)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	FILE *stream = copy >= 0 ? fdopen(copy, mode) : NULL;

	if (copy >= 0 && !stream)
		close(copy);
	return stream;
}

static void take_messages(struct panel *panel)
{
	int err = panel->view->options.err, ends[2];

	panel->err_saved = panel->heard = -1;
	if (!isatty(err) || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return;
	panel->err_saved = fcntl(err, F_DUPFD_CLOEXEC, 3);
	if (panel->err_saved < 0 || dup2(ends[1], err) < 0) {
		close(ends[0]);
		if (panel->err_saved >= 0)
			close(panel->err_saved);
		panel->err_saved = -1;
	} else {
		panel->heard = ends[0];
	}
	close(ends[1]);
}

static void keep(struct panel *panel, bool err, const char *text, size_t length)
{
	if (length && (panel->spool < 0 || !spool_add(panel->spool, err, text, length)))
		panel->lost = true;
}

static void hear(struct panel *panel)
{
	char text[4096];
	ssize_t got;

	while (panel->heard >= 0 && (got = read(panel->heard, text, sizeof(text) - 1)) > 0) {
		char *last;

		text[got] = 0;
		keep(panel, true, text, (size_t)got);
		while (got > 0 && text[got - 1] == '\n')
			text[--got] = 0;
		last = strrchr(text, '\n');
		panel_model_say(&panel->model, last ? last + 1 : text);
		panel->stale = true;
	}
}

static void give_messages_back(struct panel *panel)
{
	if (panel->heard < 0)
		return;
	fflush(stderr);
	hear(panel);
	dup2(panel->err_saved, panel->view->options.err);
	close(panel->err_saved);
	close(panel->heard);
}

static bool open_screen(struct panel *panel)
{
	const struct ui_options *options = &panel->view->options;

	hold_signals(panel);
	set_escdelay(25);
	panel->screen = newterm(NULL, panel->out, panel->in);
	if (!panel->screen) {
		give_signals_back(panel);
		return false;
	}
	/* raw: the keys of signals are keys like others, and flow control cannot stop the output. */
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	panel->look.colour = options->colour && panel_draw_colours();
	panel->look.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	return true;
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
	panel->keys = isatty(STDIN_FILENO);
	panel->out = stream_of(view->options.out, "w");
	panel->in = stream_of(panel->keys ? STDIN_FILENO : view->options.out, "r");
	panel_model_init(&panel->model, &view->options, clock_now());
	if (!panel->out || !panel->in || !open_screen(panel)) {
		free_panel(panel);
		return NULL;
	}
	take_messages(panel);
	panel->stale = true;
	panel_tick(panel);
	return panel;
}

/* Progress is the panel's; what was decided and what went wrong is kept. */
static bool kept(enum gang_event_kind kind)
{
	return kind == GANG_UNIT || kind == GANG_NOTE || kind == GANG_EMPTY || kind == GANG_SUMMARY;
}

bool panel_event(struct panel *panel, const struct gang_event *event)
{
	bool lost = panel->lost;

	panel_model_event(&panel->model, event, clock_now());
	panel->stale = true;
	if (!kept(event->kind))
		return true;
	panel->lost = false;
	ui_render_lines(panel->view, event, &panel->lines);
	keep(panel, false, panel->lines.out, strlen(panel->lines.out));
	keep(panel, true, panel->lines.err, strlen(panel->lines.err));
	lost |= panel->lost;
	panel->lost = lost;
	return !lost;
}

static void stop(struct panel *panel)
{
	panel->stops++;
	if (panel->view->options.control)
		gang_control_stop(panel->view->options.control);
}

static void answer(struct panel *panel, int key)
{
	if (key == 'y' || key == 'Y')
		stop(panel);
	else if (key != 'n' && key != 'N' && key != 'q' && key != KEY_ESCAPE)
		return;
	panel->question = ASK_NOTHING;
}

static void acknowledge(struct panel *panel)
{
	const struct ui_options *options = &panel->view->options;
	const struct panel_model *model = &panel->model;

	if (options->watch && options->control && model->count)
		gang_control_acknowledge(options->control, model->cell[model->selected].name);
}

static void press(struct panel *panel, int key)
{
	panel->stale = true;
	if (key == KEY_CTRL_C) {
		panel->question = ASK_NOTHING;
		stop(panel);
		return;
	}
	if (panel->question != ASK_NOTHING) {
		answer(panel, key);
		return;
	}
	switch (key) {
	case 'q':
	case 'Q':
		panel->question = panel->stops ? ASK_ABORT : ASK_END;
		break;
	case '\r':
	case '\n':
	case KEY_ENTER:
		panel->look.page = panel->look.page == PANEL_TRAY ? PANEL_DETAILS : PANEL_TRAY;
		break;
	case KEY_ESCAPE:
		panel->look.page = PANEL_TRAY;
		break;
	case KEY_UP:
		panel_model_move(&panel->model, -1, 0);
		break;
	case KEY_DOWN:
		panel_model_move(&panel->model, 1, 0);
		break;
	case KEY_LEFT:
		panel_model_move(&panel->model, 0, -1);
		break;
	case KEY_RIGHT:
		panel_model_move(&panel->model, 0, 1);
		break;
	case 'a':
	case 'A':
		acknowledge(panel);
		break;
	case KEY_CTRL_L:
		clearok(curscr, TRUE);
		break;
	default:
		break;
	}
}

static void fit(struct panel *panel)
{
	struct winsize size;

	if (ioctl(panel->view->options.out, TIOCGWINSZ, &size) != 0 || !size.ws_row ||
	    !size.ws_col || (size.ws_row == LINES && size.ws_col == COLS))
		return;
	resizeterm(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
	panel->stale = true;
}

static const char *question_text(enum question question)
{
	switch (question) {
	case ASK_END:
		return "End? What runs is finished, nothing more is started.   y yes   n no";
	case ASK_ABORT:
		return "Stop at once? Rows of what runs will say ABORTED.   y yes   n no";
	case ASK_NOTHING:
		break;
	}
	return NULL;
}

void panel_tick(struct panel *panel)
{
	int64_t still = clock_elapsed_ms(panel->shown);
	int key;

	hear(panel);
	while (panel->keys && (key = getch()) != ERR)
		press(panel, key);
	fit(panel);
	if (still < (panel->stale ? FRAME_MS : STILL_MS))
		return;
	panel->look.question = question_text(panel->question);
	panel_draw(&panel->model, &panel->look, clock_now());
	panel->shown = clock_now();
	panel->stale = false;
}

void panel_close(struct panel *panel, void (*piece)(void *user, bool err, const char *text),
		 void *user)
{
	endwin();
	delscreen(panel->screen);
	give_signals_back(panel);
	give_messages_back(panel);
	if (panel->spool >= 0 && !spool_replay(panel->spool, piece, user))
		panel->lost = true;
	if (panel->lost)
		piece(user, true,
		      "h7gang: warning: not all lines could be kept; the rows are in the log all "
		      "the same\n");
	free_panel(panel);
}
