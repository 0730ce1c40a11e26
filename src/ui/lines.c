/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain lines: verdicts and the summary on standard output, the rest on standard error. Every line
 * stands for itself, so that many boards can share one stream. */
#include "render.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define STEP_PERMILLE 250

__attribute__((format(printf, 3, 4))) static void add(char *to, size_t size, const char *format,
						      ...)
{
	size_t used = strlen(to);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(to + used, size - used, format, arguments);
	va_end(arguments);
}

const char *ui_verdict(const struct gang_event *event)
{
	if (!event->recorded)
		return "NOT RECORDED";
	switch (event->result) {
	case AUDIT_PASS:
		return "PASS";
	case AUDIT_FAIL:
		return "FAIL";
	case AUDIT_ABORTED:
		return "ABORTED";
	}
	return "FAIL";
}

static const char *colour_of(const struct gang_event *event)
{
	if (!event->recorded)
		return "\033[1;35m";
	return event->result == AUDIT_PASS ? "\033[1;32m" : "\033[1;31m";
}

static void unit(const struct ui_view *view, const struct gang_event *event, struct ui_lines *lines)
{
	const char *verdict = ui_verdict(event);
	int pad = (int)(strlen(verdict) < 8 ? 8 - strlen(verdict) : 1);
	char detail[2 * AUDIT_TEXT_MAX];

	add(lines->out, sizeof(lines->out), "%s%s%s%*s", view->colour_out ? colour_of(event) : "",
	    verdict, view->colour_out ? "\033[0m" : "", pad, "");
	add(lines->out, sizeof(lines->out), "%-8s ", event->slot);
	if (strcmp(event->slot, event->path) != 0)
		add(lines->out, sizeof(lines->out), "%-8s ", event->path);
	add(lines->out, sizeof(lines->out), "uid %-24s %-5s", event->uid[0] ? event->uid : "-",
	    event->bootloader[0] ? event->bootloader : "-");
	add(lines->out, sizeof(lines->out), "  %6.1f s", (double)event->total_ms / 1000.0);
	if (event->erase_method[0])
		add(lines->out, sizeof(lines->out), "  erase %s", event->erase_method);
	if (event->leave[0])
		add(lines->out, sizeof(lines->out), "  leave %s", event->leave);
	if (event->attempt > 1)
		add(lines->out, sizeof(lines->out), "  attempt %u of %u", event->attempt,
		    event->attempts_allowed);
	if (event->error != H7_OK)
		add(lines->out, sizeof(lines->out), "  %s", h7_error_name(event->error));
	ui_printable(event->detail, detail, sizeof(detail));
	if (detail[0])
		add(lines->out, sizeof(lines->out), "%s%s", event->error != H7_OK ? ": " : "  ",
		    detail);
	add(lines->out, sizeof(lines->out), "\n");

	if (!event->recorded)
		add(lines->err, sizeof(lines->err),
		    "%s: the log took no row: this unit counts as not done, whatever its flash "
		    "holds\n",
		    event->slot);
	else if (event->error != H7_OK)
		add(lines->err, sizeof(lines->err), "%s: %s\n", event->slot,
		    h7_error_advice(event->error));
}

static void summary(const struct gang_event *event, struct ui_lines *lines)
{
	add(lines->out, sizeof(lines->out), "%u passed, %u failed, %u aborted", event->passed,
	    event->failed, event->aborted);
	if (event->not_recorded)
		add(lines->out, sizeof(lines->out), ", %u NOT RECORDED", event->not_recorded);
	add(lines->out, sizeof(lines->out), "  seq=%" PRIu64 " row_hash=%s\n", event->head.seq,
	    event->head.row_hash);
}

static void prefix(const struct gang_event *event, struct ui_lines *lines)
{
	add(lines->err, sizeof(lines->err), "%s: ", event->slot);
	if (event->attempt > 1)
		add(lines->err, sizeof(lines->err), "attempt %u of %u: ", event->attempt,
		    event->attempts_allowed);
}

static void progress(struct ui_view *view, const struct gang_event *event, struct ui_lines *lines)
{
	unsigned step = view->options.level >= UI_DEBUG ? 10 : STEP_PERMILLE;

	/* What is finished shows by the next phase. */
	if (event->permille >= 1000 || !ui_track_due(view, event, step))
		return;
	prefix(event, lines);
	add(lines->err, sizeof(lines->err), "%s %u %%\n", gang_phase_name(event->phase),
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
		if (tell)
			add(lines->err, sizeof(lines->err), "%s %s: profile %s, part %s, log %s\n",
			    options->command, event->run_id, options->profile, options->part,
			    options->log);
		break;
	case GANG_TARGET:
		ui_track_reset(view, event);
		if (tell)
			add(lines->err, sizeof(lines->err), "%s: target at %s\n", event->slot,
			    event->path);
		break;
	case GANG_PHASE:
		ui_track_reset(view, event);
		if (tell) {
			prefix(event, lines);
			add(lines->err, sizeof(lines->err), "%s\n", gang_phase_name(event->phase));
		}
		break;
	case GANG_PROGRESS:
		if (tell)
			progress(view, event, lines);
		break;
	case GANG_UNIT:
		unit(view, event, lines);
		break;
	case GANG_EMPTY:
		add(lines->err, sizeof(lines->err), "%s: empty, no target at %s\n", event->slot,
		    event->path[0] ? event->path : "its port");
		break;
	case GANG_NOTE:
		if (options->level < UI_WARNING)
			break;
		ui_printable(event->detail, text, sizeof(text));
		if (event->slot[0])
			prefix(event, lines);
		add(lines->err, sizeof(lines->err), "%s\n", text);
		break;
	case GANG_TAKE_OUT:
		add(lines->err, sizeof(lines->err), "%s: take out\n", event->slot);
		break;
	case GANG_FREE:
		if (tell)
			add(lines->err, sizeof(lines->err), "%s: ready for the next board\n",
			    event->slot);
		break;
	case GANG_SUMMARY:
		summary(event, lines);
		break;
	}
}
