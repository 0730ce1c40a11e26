/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and scans: a command key asks a question, and F10 confirms it. */
#include "panel_private.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/gang/control.h"
#include "lingo.h"

void panel_ask(struct panel *panel, enum question question)
{
	panel->question = question;
	panel->asked = clock_now();
}

static void stop(struct panel *panel)
{
	panel->stops++;
	if (panel->view->options.control)
		gang_control_stop(panel->view->options.control);
}

static void command(struct panel *panel, const char *word, bool with_slot)
{
	const struct panel_model *model = &panel->model;
	char line[PROFILE_NAME_SIZE + 32];

	if (!panel->view->options.control || (with_slot && !model->count))
		return;
	snprintf(line, sizeof(line), "%s%s%s", word, with_slot ? " " : "",
		 with_slot ? model->cell[model->selected].name : "");
	if (!gang_control_line(panel->view->options.control, "", line))
		panel_model_say(&panel->model, _("the run takes no command now"), clock_now());
}

static void answer(struct panel *panel)
{
	bool blocked = panel->model.count && panel->model.cell[panel->model.selected].blocked[0];

	switch (panel->question) {
	case ASK_END:
	case ASK_ABORT:
		stop(panel);
		break;
	case ASK_ACKNOWLEDGE:
		command(panel, "acknowledge", true);
		break;
	case ASK_UNLOCK:
		command(panel, "unlock", blocked && panel->model.state != GANG_STOPPED);
		break;
	case ASK_UNDO:
		command(panel, "undo", false);
		break;
	case ASK_LEAVE:
	case ASK_CLOSE:
		panel->seen = true;
		break;
	case ASK_NOTHING:
		break;
	}
	panel->question = ASK_NOTHING;
}

static void press_letter(struct panel *panel, char letter)
{
	bool watch = panel->view->options.watch;

	if (panel->question == ASK_CLOSE && letter != 'm' && letter != 'M')
		return; /* F10 alone closes the result */
	switch (letter) {
	case 'q':
	case 'Q':
		panel_ask(panel, panel->view->options.remote ? ASK_LEAVE
				 : panel->stops              ? ASK_ABORT
							     : ASK_END);
		break;
	case 'a':
	case 'A':
		if (watch)
			panel_ask(panel, ASK_ACKNOWLEDGE);
		break;
	case 'u':
	case 'U':
		if (watch)
			panel_ask(panel, ASK_UNLOCK);
		break;
	case 'z':
	case 'Z':
		if (watch)
			panel_ask(panel, ASK_UNDO);
		break;
	case 'm':
	case 'M':
		panel->look.page = panel->look.page == PANEL_MESSAGES ? PANEL_TRAY : PANEL_MESSAGES;
		break;
	default:
		break;
	}
}

/* An arrow selects the slot for the next label, too. At an edge it selects the marked slot: until a
 * key was pressed, the mark selects none. */
static void choose(struct panel *panel, int rows, int columns)
{
	panel_model_move(&panel->model, rows, columns);
	if (panel->view->options.watch)
		command(panel, "select", true);
}

static void press(struct panel *panel, const struct ui_press *key)
{
	if (key->key == UI_KEY_F10) {
		answer(panel);
		return;
	}
	if (panel->question != ASK_NOTHING && panel->question != ASK_CLOSE) {
		panel->question = ASK_NOTHING; /* any other key declines */
		return;
	}
	switch (key->key) {
	case UI_KEY_CHARACTER:
		press_letter(panel, key->character);
		break;
	case UI_KEY_ENTER:
		panel->look.page = panel->look.page == PANEL_TRAY ? PANEL_DETAILS : PANEL_TRAY;
		break;
	case UI_KEY_ESCAPE:
		panel->look.page = PANEL_TRAY;
		break;
	case UI_KEY_UP:
		choose(panel, -1, 0);
		break;
	case UI_KEY_DOWN:
		choose(panel, 1, 0);
		break;
	case UI_KEY_LEFT:
		choose(panel, 0, -1);
		break;
	case UI_KEY_RIGHT:
		choose(panel, 0, 1);
		break;
	case UI_KEY_PAGE_UP:
	case UI_KEY_PAGE_DOWN:
		panel_model_page(&panel->model, key->key == UI_KEY_PAGE_DOWN,
				 panel->look.tray_pages);
		break;
	case UI_KEY_REDRAW:
		clearok(curscr, TRUE);
		break;
	default: /* Ctrl-C, Ctrl-S, Ctrl-Z, Ctrl-\ and all others do nothing */
		break;
	}
}

static void take_scan(struct panel *panel, const char *text)
{
	struct gang_control *control = panel->view->options.control;

	if (panel->question != ASK_CLOSE)
		panel->question = ASK_NOTHING; /* a scan is no answer */
	if (control && gang_control_scan(control, text))
		return;
	panel->model.refused++;
	panel_model_say(&panel->model,
			strlen(text) < GANG_COMMAND_SIZE ? _("the run takes no scan now")
							 : _("a scan was too long"),
			clock_now());
}

/* Takes the complete keys and scans. */
static void take_input(struct panel *panel)
{
	static char text[UI_KEYS_MAX]; /* the one ui thread's */
	struct ui_press key;

	for (;;) {
		switch (ui_keys_next(&panel->keys, &key, text)) {
		case UI_INPUT_NONE:
			return;
		case UI_INPUT_PRESS:
			press(panel, &key);
			break;
		case UI_INPUT_SCAN:
			take_scan(panel, text);
			break;
		case UI_INPUT_PIECE:
			panel->model.refused++;
			panel_model_say(&panel->model, _("a scan came in pieces: scan it again"),
					clock_now());
			break;
		case UI_INPUT_TOO_LONG:
			panel->model.refused++;
			panel_model_say(&panel->model, _("a scan was too long"), clock_now());
			break;
		}
		panel->stale = true;
	}
}

/* Reads the bytes itself: if the program is late, curses would read a scan as keys. */
void panel_read_keys(struct panel *panel)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	char bytes[512];

	while (panel->reads && poll(&in, 1, 0) == 1) {
		ssize_t got = read(STDIN_FILENO, bytes, sizeof(bytes));

		if (got <= 0) {
			panel->reads = false; /* the terminal is gone */
			panel->seen = true;
			return;
		}
		ui_keys_feed(&panel->keys, bytes, (size_t)got, clock_now());
	}
	ui_keys_quiet(&panel->keys, clock_now());
	take_input(panel);
}

const char *panel_question(const struct panel *panel)
{
	static const char *const texts[] = {
		[ASK_NOTHING] = NULL,
		[ASK_END] = N_("End the run? Running boards are finished.   F10 yes   Esc no"),
		[ASK_ABORT] = N_("Stop at once? Rows will say ABORTED.   F10 yes   Esc no"),
		[ASK_ACKNOWLEDGE] = N_("Is the next board here another one?   F10 yes   Esc no"),
		[ASK_UNLOCK] = N_("Unlock?   F10 yes   Esc no"),
		[ASK_UNDO] = N_("Drop the label that waits?   F10 yes   Esc no"),
		[ASK_LEAVE] = N_("Close this panel? The station goes on.   F10 yes   Esc no"),
		[ASK_CLOSE] = N_("The run is over.   F10 closes"),
	};

	return texts[panel->question] ? _(texts[panel->question]) : NULL;
}
