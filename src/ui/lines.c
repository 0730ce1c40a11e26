/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain lines: verdicts and the summary on standard output, the rest on standard error. Every line
 * stands for itself, so that many boards can share one stream. */
#include "h7gang/station/event.h"
#include "render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STEP_PERMILLE 250

static const char *colour_of(const struct gang_event *event)
{
	if (!event->recorded)
		return "\033[1;35m";
	return event->result == AUDIT_PASS ? "\033[1;32m" : "\033[1;31m";
}

/* The list of slots whose board did not pass (failed, aborted or without a row), for the end. */
static void note_failed(struct ui_view *view, const struct gang_event *event)
{
	char name[PROFILE_NAME_SIZE + 2], *at;
	size_t length = (size_t)snprintf(name, sizeof(name), " %s ", event->slot);

	at = strstr(view->failed, name);
	if (at) /* its end is the next one's start */
		memmove(at, at + length - 1, strlen(at + length - 1) + 1);
	if (event->recorded && event->result == AUDIT_PASS)
		return;
	if (strlen(view->failed) + length + 1 < sizeof(view->failed))
		ui_add(view->failed, sizeof(view->failed), "%s%s ", view->failed[0] ? "" : " ",
		       event->slot);
}

static void list_failed(const struct ui_view *view, struct ui_lines *lines)
{
	if (!view->options.watch && strlen(view->failed) > 1)
		ui_add(lines->err, sizeof(lines->err), "did not pass:%.*s\n",
		       (int)strlen(view->failed) - 1, view->failed);
}

static void unit(const struct ui_view *view, const struct gang_event *event, struct ui_lines *lines)
{
	const char *verdict = station_verdict(event);
	int pad = (int)(strlen(verdict) < 8 ? 8 - strlen(verdict) : 1);
	char detail[2 * AUDIT_TEXT_MAX];

	ui_add(lines->out, sizeof(lines->out), "%s%s%s%*s",
	       view->colour_out ? colour_of(event) : "", verdict, view->colour_out ? "\033[0m" : "",
	       pad, "");
	ui_add(lines->out, sizeof(lines->out), "%-8s ", event->slot);
	if (strcmp(event->slot, event->path) != 0)
		ui_add(lines->out, sizeof(lines->out), "%-8s ", event->path);
	ui_add(lines->out, sizeof(lines->out), "uid %-24s %-5s", event->uid[0] ? event->uid : "-",
	       event->bootloader[0] ? event->bootloader : "-");
	ui_add(lines->out, sizeof(lines->out), "  %6.1f s", (double)event->total_ms / 1000.0);
	/* A unit without a row shows only its detail: none of its results counts. */
	if (event->recorded && event->erase_method[0])
		ui_add(lines->out, sizeof(lines->out), "  erase %s", event->erase_method);
	if (event->recorded && event->leave[0])
		ui_add(lines->out, sizeof(lines->out), "  leave %s", event->leave);
	if (event->attempt > 1)
		ui_add(lines->out, sizeof(lines->out), "  attempt %u of %u", event->attempt,
		       event->attempts_allowed);
	if (event->recorded && event->error != H7_OK)
		ui_add(lines->out, sizeof(lines->out), "  %s", h7_error_name(event->error));
	text_terminal(event->detail, detail, sizeof(detail));
	if (detail[0])
		ui_add(lines->out, sizeof(lines->out), "%s%s",
		       event->recorded && event->error != H7_OK ? ": " : "  ", detail);
	ui_add(lines->out, sizeof(lines->out), "\n");

	if (!event->recorded)
		ui_add(lines->err, sizeof(lines->err),
		       "%s: the row could not be written: this unit counts as not finished%s\n",
		       event->slot, event->begun ? ", even if its flash is right" : "");
	else if (event->error != H7_OK)
		ui_add(lines->err, sizeof(lines->err), "%s: %s\n", event->slot,
		       h7_error_advice(event->error));
}

static void summary(const struct gang_event *event, struct ui_lines *lines)
{
	ui_add(lines->out, sizeof(lines->out), "%u passed, %u failed, %u aborted", event->passed,
	       event->failed, event->aborted);
	if (event->not_recorded)
		ui_add(lines->out, sizeof(lines->out), ", %u NOT RECORDED", event->not_recorded);
	ui_add(lines->out, sizeof(lines->out), "  seq=%" PRIu64 " row_hash=%s\n", event->head.seq,
	       event->head.row_hash);
}

static void prefix(const struct gang_event *event, struct ui_lines *lines)
{
	ui_add(lines->err, sizeof(lines->err), "%s: ", event->slot);
	if (event->attempt > 1)
		ui_add(lines->err, sizeof(lines->err), "attempt %u of %u: ", event->attempt,
		       event->attempts_allowed);
}

static void progress(struct ui_view *view, const struct gang_event *event, struct ui_lines *lines)
{
	unsigned step = view->options.level >= UI_DEBUG ? 10 : STEP_PERMILLE;

	/* The next phase shows that this one is finished. */
	if (event->permille >= 1000 || !ui_track_due(view, event, step))
		return;
	prefix(event, lines);
	ui_add(lines->err, sizeof(lines->err), "%s %u %%\n", gang_phase_name(event->phase),
	       event->permille / 10);
}

void ui_render_lines(struct ui_view *view, const struct gang_event *event, struct ui_lines *lines)
{
	const struct ui_options *options = &view->options;
	bool tell = !options->quiet && options->level >= UI_INFO;
	char text[2 * AUDIT_TEXT_MAX];

	lines->out[0] = 0;
	lines->err[0] = 0;
	switch (event->kind) {
	case GANG_STARTED:
		text_terminal(options->log, text, sizeof(text));
		if (tell)
			ui_add(lines->err, sizeof(lines->err),
			       "%s %s: profile %s, part %s, log %s\n", options->command,
			       event->run_id, options->profile, options->part, text);
		break;
	case GANG_TARGET:
		ui_track_reset(view, event);
		if (tell)
			ui_add(lines->err, sizeof(lines->err), "%s: board at %s\n", event->slot,
			       event->path);
		break;
	case GANG_PHASE:
		ui_track_reset(view, event);
		if (tell) {
			prefix(event, lines);
			ui_add(lines->err, sizeof(lines->err), "%s\n",
			       gang_phase_name(event->phase));
		}
		break;
	case GANG_PROGRESS:
		if (tell)
			progress(view, event, lines);
		break;
	case GANG_UNIT:
		note_failed(view, event);
		unit(view, event, lines);
		break;
	case GANG_EMPTY:
		text_terminal(event->detail, text, sizeof(text));
		ui_add(lines->err, sizeof(lines->err), "%s: empty, %s\n", event->slot, text);
		break;
	case GANG_NOTE:
		if (options->level < UI_WARNING)
			break;
		text_terminal(event->detail, text, sizeof(text));
		if (event->slot[0])
			prefix(event, lines);
		ui_add(lines->err, sizeof(lines->err), "%s\n", text);
		break;
	case GANG_TAKE_OUT:
		ui_add(lines->err, sizeof(lines->err), "%s: take out\n", event->slot);
		break;
	case GANG_FREE:
		if (tell)
			ui_add(lines->err, sizeof(lines->err), "%s: ready for the next board\n",
			       event->slot);
		break;
	case GANG_SUMMARY:
		summary(event, lines);
		list_failed(view, lines);
		break;
	default:
		ui_render_station(view, event, lines);
		break;
	}
}
