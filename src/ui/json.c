/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One JSON object a line. "v" is the version of this vocabulary: keys are added, never changed. */
#include "render.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define STEP_PERMILLE 50

/* Sets a text that may be anything; false: no memory. */
static bool set_text(json_t *object, const char *key, const char *text)
{
	char clean[3 * AUDIT_TEXT_MAX];

	if (strlen(text) < AUDIT_TEXT_MAX) {
		ui_well_formed(text, clean, sizeof(clean));
		return json_object_set_new(object, key, json_string(clean)) == 0;
	}

	size_t size = 3 * strlen(text) + 1;
	char *large = malloc(size);
	bool done = false;

	if (large) {
		ui_well_formed(text, large, size);
		done = json_object_set_new(object, key, json_string(large)) == 0;
		free(large);
	}
	return done;
}

static bool set_number(json_t *object, const char *key, int64_t number)
{
	return json_object_set_new(object, key, json_integer(number)) == 0;
}

static bool add_started(json_t *object, const struct ui_options *options)
{
	return set_text(object, "tool_version", H7GANG_VERSION) &&
	       set_text(object, "command", options->command) &&
	       set_text(object, "profile", options->profile) &&
	       set_text(object, "part", options->part) && set_text(object, "lot", options->lot) &&
	       set_text(object, "log", options->log);
}

static bool add_place(json_t *object, const struct gang_event *event)
{
	return set_text(object, "unit_id", event->unit_id) &&
	       set_text(object, "slot", event->slot) && set_text(object, "path", event->path);
}

static bool add_attempt(json_t *object, const struct gang_event *event)
{
	return add_place(object, event) && set_number(object, "attempt", event->attempt) &&
	       set_number(object, "attempts_allowed", event->attempts_allowed);
}

static bool add_unit(json_t *object, const struct gang_event *event)
{
	return add_attempt(object, event) && set_text(object, "uid", event->uid) &&
	       set_text(object, "bootloader", event->bootloader) &&
	       set_text(object, "result", ui_verdict(event)) &&
	       json_object_set_new(object, "recorded", json_boolean(event->recorded)) == 0 &&
	       set_text(object, "error", h7_error_name(event->error)) &&
	       set_text(object, "detail", event->detail) &&
	       set_text(object, "advice",
			event->error == H7_OK ? "" : h7_error_advice(event->error)) &&
	       set_text(object, "erase_method", event->erase_method) &&
	       set_text(object, "leave", event->leave) &&
	       set_number(object, "total_ms", event->total_ms);
}

static bool add_summary(json_t *object, const struct gang_event *event)
{
	return set_number(object, "passed", event->passed) &&
	       set_number(object, "failed", event->failed) &&
	       set_number(object, "aborted", event->aborted) &&
	       set_number(object, "not_recorded", event->not_recorded) &&
	       set_number(object, "seq", (int64_t)event->head.seq) &&
	       set_text(object, "row_hash", event->head.row_hash);
}

static bool add_body(json_t *object, const struct ui_options *options,
		     const struct gang_event *event)
{
	switch (event->kind) {
	case GANG_STARTED:
		return add_started(object, options);
	case GANG_TARGET:
	case GANG_EMPTY:
	case GANG_TAKE_OUT:
	case GANG_FREE:
		return add_place(object, event);
	case GANG_PHASE:
		return add_attempt(object, event) &&
		       set_text(object, "phase", gang_phase_name(event->phase));
	case GANG_PROGRESS:
		return add_attempt(object, event) &&
		       set_text(object, "phase", gang_phase_name(event->phase)) &&
		       set_number(object, "permille", event->permille);
	case GANG_UNIT:
		return add_unit(object, event);
	case GANG_NOTE:
		return add_place(object, event) && set_text(object, "text", event->detail);
	case GANG_SUMMARY:
		return add_summary(object, event);
	}
	return false;
}

static bool wanted(struct ui_view *view, const struct gang_event *event)
{
	bool tell = !view->options.quiet && view->options.level >= UI_INFO;

	switch (event->kind) {
	case GANG_PHASE:
		ui_track_reset(view, event);
		return tell;
	case GANG_PROGRESS:
		return tell && ui_track_due(view, event,
					    view->options.level >= UI_DEBUG ? 1 : STEP_PERMILLE);
	case GANG_NOTE:
		return view->options.level >= UI_WARNING;
	default:
		return true;
	}
}

static const char *event_name(enum gang_event_kind kind)
{
	static const char *const names[] = {
		[GANG_STARTED] = "started",   [GANG_TARGET] = "target",	 [GANG_PHASE] = "phase",
		[GANG_PROGRESS] = "progress", [GANG_UNIT] = "unit",	 [GANG_EMPTY] = "empty",
		[GANG_NOTE] = "note",	      [GANG_SUMMARY] = "summary", [GANG_TAKE_OUT] = "take_out",
		[GANG_FREE] = "free"};

	return names[kind];
}

char *ui_render_json(struct ui_view *view, const struct gang_event *event, bool *silent)
{
	json_t *object = NULL;
	char *text = NULL, *line = NULL;
	size_t length;

	*silent = !wanted(view, event);
	if (*silent)
		return NULL;
	object = json_object();
	if (!object || !set_number(object, "v", 1) ||
	    !set_text(object, "event", event_name(event->kind)) ||
	    !set_text(object, "run_id", event->run_id) || !add_body(object, &view->options, event))
		goto out;
	text = json_dumps(object, JSON_COMPACT);
	if (!text)
		goto out;
	length = strlen(text);
	line = realloc(text, length + 2);
	if (!line) {
		free(text);
		goto out;
	}
	memcpy(line + length, "\n", 2);
out:
	json_decref(object);
	return line;
}
