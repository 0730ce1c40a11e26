/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "panel_private.h"

#include <fcntl.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "spool.h"

/* curses would take these with handlers of its own, in whichever thread they come: the size is
 * asked for instead, and a station is not suspended in the middle of an erase. */
static void hold_signals(struct panel *panel)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGWINCH, &ignore, &panel->winch);
	sigaction(SIGTSTP, &ignore, &panel->stop);
}

void panel_signals_back(const struct panel *panel)
{
	sigaction(SIGWINCH, &panel->winch, NULL);
	sigaction(SIGTSTP, &panel->stop, NULL);
}

void panel_take_messages(struct panel *panel)
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

void panel_keep(struct panel *panel, bool err, const char *text, size_t length)
{
	if (length && (panel->spool < 0 || !spool_add(panel->spool, err, text, length)))
		panel->lost = true;
}

void panel_hear(struct panel *panel)
{
	char text[4096];
	ssize_t got;

	while (panel->heard >= 0 && (got = read(panel->heard, text, sizeof(text) - 1)) > 0) {
		char *last;

		text[got] = 0;
		panel_keep(panel, true, text, (size_t)got);
		while (got > 0 && text[got - 1] == '\n')
			text[--got] = 0;
		last = strrchr(text, '\n');
		panel_model_say(&panel->model, last ? last + 1 : text, clock_now());
		panel->stale = true;
	}
}

void panel_messages_back(struct panel *panel)
{
	if (panel->heard < 0)
		return;
	fflush(stderr);
	panel_hear(panel);
	dup2(panel->err_saved, panel->view->options.err);
	close(panel->err_saved);
	close(panel->heard);
}

bool panel_open_screen(struct panel *panel)
{
	const struct ui_options *options = &panel->view->options;

	hold_signals(panel);
	set_escdelay(25);
	panel->screen = newterm(NULL, panel->out, panel->in);
	if (!panel->screen) {
		panel_signals_back(panel);
		return false;
	}
	/* raw: the keys of signals are keys like others, and flow control cannot stop the output.
	 */
	raw();
	noecho();
	nonl();
	curs_set(0);
	panel->keys.f10 = ui_keys_f10();
	panel->look.colour = options->colour && panel_draw_colours();
	panel->look.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	return true;
}

void panel_fit(struct panel *panel)
{
	struct winsize size;

	if (ioctl(panel->view->options.out, TIOCGWINSZ, &size) != 0 || !size.ws_row ||
	    !size.ws_col || (size.ws_row == LINES && size.ws_col == COLS))
		return;
	resizeterm(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
	panel->stale = true;
}
