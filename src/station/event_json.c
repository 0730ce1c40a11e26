/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "v" is the version of this vocabulary: keys are added, never changed. */
#include "h7gang/station/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/text.h"
#include "h7gang/base/version.h"

bool station_set_text(json_t *object, const char *key, const char *text)
{
	char clean[3 * AUDIT_TEXT_MAX];

	if (strlen(text) < AUDIT_TEXT_MAX) {
		text_well_formed(text, clean, sizeof(clean));
		return json_object_set_new(object, key, json_string(clean)) == 0;
	}

	size_t size = 3 * strlen(text) + 1;
	char *large = malloc(size);
	bool done = false;

	if (large) {
		text_well_formed(text, large, size);
		done = json_object_set_new(object, key, json_string(large)) == 0;
		free(large);
	}
	return done;
}

bool station_set_number(json_t *object, const char *key, int64_t number)
{
	return json_object_set_new(object, key, json_integer(number)) == 0;
}

bool station_set_flag(json_t *object, const char *key, bool flag)
{
	return json_object_set_new(object, key, json_boolean(flag)) == 0;
}

const char *station_verdict(const struct gang_event *event)
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

const char *station_event_name(enum gang_event_kind kind)
{
	static const char *const names[] = {
		[GANG_STARTED] = "started",   [GANG_TARGET] = "target",
		[GANG_PHASE] = "phase",       [GANG_PROGRESS] = "progress",
		[GANG_UNIT] = "unit",         [GANG_EMPTY] = "empty",
		[GANG_NOTE] = "note",         [GANG_SUMMARY] = "summary",
		[GANG_TAKE_OUT] = "take_out", [GANG_FREE] = "free",
		[GANG_STATE] = "state",       [GANG_ANSWER] = "answer",
		[GANG_SCAN] = "scan",         [GANG_BLOCKED] = "blocked",
		[GANG_UNLOCKED] = "unlocked"};
	_Static_assert(sizeof(names) / sizeof(names[0]) == GANG_KINDS, "a name for each kind");

	return (unsigned)kind < GANG_KINDS ? names[kind] : "unknown";
}

static bool add_started(json_t *object, const struct station_facts *facts)
{
	return station_set_text(object, "tool_version", h7gang_version) &&
	       station_set_text(object, "command", facts->command) &&
	       station_set_text(object, "profile", facts->profile) &&
	       station_set_text(object, "part", facts->part) &&
	       station_set_text(object, "lot", facts->lot) &&
	       station_set_text(object, "log", facts->log);
}

static bool add_place(json_t *object, const struct gang_event *event)
{
	return station_set_text(object, "unit_id", event->unit_id) &&
	       station_set_text(object, "slot", event->slot) &&
	       station_set_text(object, "path", event->path);
}

static bool add_attempt(json_t *object, const struct gang_event *event)
{
	return add_place(object, event) && station_set_number(object, "attempt", event->attempt) &&
	       station_set_number(object, "attempts_allowed", event->attempts_allowed);
}

/* "k=v;k=v" as an object. */
static bool add_tags(json_t *object, const char *tags)
{
	json_t *map = json_object();
	char copy[AUDIT_TEXT_MAX], *left = copy, *tag;
	bool good = map != NULL;

	snprintf(copy, sizeof(copy), "%s", tags);
	while (good && (tag = strsep(&left, ";"))) {
		char *value = strchr(tag, '=');

		if (!value)
			continue;
		*value++ = 0;
		good = station_set_text(map, tag, value);
	}
	return json_object_set_new(object, "tags", map) == 0 && good;
}

static bool add_facts(json_t *object, const struct gang_event *event)
{
	return station_set_text(object, "station", event->station) &&
	       station_set_text(object, "operator", event->operator_name) &&
	       station_set_text(object, "lot", event->lot) &&
	       station_set_text(object, "unit_serial", event->unit_serial) &&
	       station_set_text(object, "scan", event->scan) && add_tags(object, event->tags);
}

static bool add_unit(json_t *object, const struct gang_event *event)
{
	return add_attempt(object, event) && station_set_text(object, "uid", event->uid) &&
	       station_set_text(object, "bootloader", event->bootloader) &&
	       station_set_text(object, "result", station_verdict(event)) &&
	       station_set_flag(object, "recorded", event->recorded) &&
	       station_set_text(object, "error", h7_error_name(event->error)) &&
	       station_set_text(object, "detail", event->detail) &&
	       station_set_text(object, "advice",
				event->error == H7_OK ? "" : h7_error_advice(event->error)) &&
	       station_set_text(object, "erase_method", event->erase_method) &&
	       station_set_text(object, "leave", event->leave) &&
	       station_set_number(object, "total_ms", event->total_ms) && add_facts(object, event);
}

static bool add_summary(json_t *object, const struct gang_event *event)
{
	return station_set_number(object, "passed", event->passed) &&
	       station_set_number(object, "failed", event->failed) &&
	       station_set_number(object, "aborted", event->aborted) &&
	       station_set_number(object, "not_recorded", event->not_recorded) &&
	       station_set_number(object, "seq", (int64_t)event->head.seq) &&
	       station_set_text(object, "row_hash", event->head.row_hash);
}

static bool add_state(json_t *object, const struct gang_event *event)
{
	return station_set_text(object, "state", gang_state_name(event->state)) &&
	       station_set_text(object, "station", event->station) &&
	       station_set_text(object, "operator", event->operator_name) &&
	       station_set_text(object, "lot", event->lot) &&
	       station_set_text(object, "reason", event->detail);
}

static bool add_answer(json_t *object, const struct gang_event *event)
{
	return station_set_text(object, "command", event->what) &&
	       station_set_text(object, "id", event->id) &&
	       station_set_flag(object, "accepted", event->accepted) &&
	       station_set_flag(object, "later", event->later) &&
	       station_set_text(object, "text", event->detail);
}

static bool add_scan(json_t *object, const struct gang_event *event)
{
	return station_set_text(object, "slot", event->slot) &&
	       station_set_text(object, "scan", event->scan) &&
	       station_set_text(object, "kind", event->what) &&
	       station_set_flag(object, "accepted", event->accepted) &&
	       station_set_text(object, "text", event->detail);
}

static bool add_body(json_t *object, const struct station_facts *facts,
		     const struct gang_event *event)
{
	switch (event->kind) {
	case GANG_STARTED:
		return add_started(object, facts);
	case GANG_TARGET:
	case GANG_TAKE_OUT:
	case GANG_FREE:
		return add_place(object, event);
	case GANG_PHASE:
		return add_attempt(object, event) &&
		       station_set_text(object, "phase", gang_phase_name(event->phase));
	case GANG_PROGRESS:
		return add_attempt(object, event) &&
		       station_set_text(object, "phase", gang_phase_name(event->phase)) &&
		       station_set_number(object, "permille", event->permille);
	case GANG_UNIT:
		return add_unit(object, event);
	case GANG_EMPTY:
	case GANG_NOTE:
		return add_place(object, event) && station_set_text(object, "text", event->detail);
	case GANG_SUMMARY:
		return add_summary(object, event);
	case GANG_STATE:
		return add_state(object, event);
	case GANG_ANSWER:
		return add_answer(object, event);
	case GANG_SCAN:
		return add_scan(object, event);
	case GANG_BLOCKED:
	case GANG_UNLOCKED:
		return add_place(object, event) &&
		       station_set_text(object, "reason", event->detail);
	case GANG_KINDS:
		break;
	}
	return false;
}

json_t *station_event_json(const struct station_facts *facts, const struct gang_event *event)
{
	json_t *object = json_object();

	if (object && station_set_number(object, "v", 2) &&
	    station_set_text(object, "event", station_event_name(event->kind)) &&
	    station_set_text(object, "time", event->time) &&
	    station_set_text(object, "run_id", event->run_id) && add_body(object, facts, event))
		return object;
	json_decref(object);
	return NULL;
}

char *station_json_line(const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT), *line = NULL;
	size_t length;
	FILE *to = text ? open_memstream(&line, &length) : NULL;
	bool bad;

	if (to) {
		text_json_document(to, text);
		putc('\n', to);
		bad = ferror(to);
		if (fclose(to) != 0 || bad) {
			free(line);
			line = NULL;
		}
	}
	free(text);
	return line;
}
