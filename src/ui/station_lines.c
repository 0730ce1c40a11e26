/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain lines about the station itself: its state, scans, answers to commands, stop rules. All go
 * to standard error. */
#include "render.h"

static void scan(const struct gang_event *event, struct ui_lines *lines)
{
	char text[2 * AUDIT_TEXT_MAX], why[2 * AUDIT_TEXT_MAX];

	text_terminal(event->scan, text, sizeof(text));
	text_terminal(event->detail, why, sizeof(why));
	ui_add(lines->err, sizeof(lines->err), "%s%sscan \"%s\": %s%s%s\n", event->slot,
	       event->slot[0] ? ": " : "", text, event->accepted ? event->what : "refused",
	       why[0] ? ": " : "", why);
}

void ui_render_station(const struct ui_view *view, const struct gang_event *event,
		       struct ui_lines *lines)
{
	bool tell = !view->options.quiet && view->options.level >= UI_INFO;
	char text[2 * AUDIT_TEXT_MAX], what[2 * AUDIT_TEXT_MAX];

	text_terminal(event->detail, text, sizeof(text));
	switch (event->kind) {
	case GANG_STATE:
		if (tell)
			ui_add(lines->err, sizeof(lines->err), "station %s%s%s\n",
			       gang_state_name(event->state), text[0] ? ": " : "", text);
		break;
	case GANG_ANSWER:
		text_terminal(event->what, what, sizeof(what));
		if (tell || !event->accepted)
			ui_add(lines->err, sizeof(lines->err), "%s: \"%s\"%s%s\n",
			       event->accepted ? "done" : "refused", what, text[0] ? ": " : "",
			       text);
		break;
	case GANG_SCAN:
		if (tell || !event->accepted)
			scan(event, lines);
		break;
	case GANG_BLOCKED:
		ui_add(lines->err, sizeof(lines->err), "%s: BLOCKED: %s\n", event->slot, text);
		break;
	case GANG_UNLOCKED:
		ui_add(lines->err, sizeof(lines->err), "%s: unlocked: %s\n",
		       event->slot[0] ? event->slot : "station", text);
		break;
	default:
		break;
	}
}
