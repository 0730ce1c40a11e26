/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/station/event.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/base/text.h"

/* "" where there is no such text. */
static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

void station_get_text(const json_t *object, const char *key, char *to, size_t size)
{
	const char *text = text_of(object, key);
	size_t length = text_cut(text, strlen(text), size - 1);

	memcpy(to, text, length);
	to[length] = 0;
}

int64_t station_get_number(const json_t *object, const char *key, int64_t least, int64_t most,
			   int64_t otherwise)
{
	const json_t *member = json_object_get(object, key);
	int64_t number = json_integer_value(member);

	return json_is_integer(member) && number >= least && number <= most ? number : otherwise;
}

/* The value of which the name stands in a member; `count`: there is none. */
static unsigned find_name(const json_t *object, const char *key, unsigned count,
			  const char *(*name)(unsigned value))
{
	const char *text = json_string_value(json_object_get(object, key));
	unsigned value = 0;

	while (text && value < count && strcmp(name(value), text) != 0)
		value++;
	return text ? value : count;
}

static const char *kind_name(unsigned kind)
{
	return station_event_name((enum gang_event_kind)kind);
}

static const char *phase_name(unsigned phase)
{
	return gang_phase_name((enum gang_phase)phase);
}

static const char *state_name(unsigned state)
{
	return gang_state_name((enum gang_state)state);
}

static const char *result_name(unsigned result)
{
	const struct gang_event event = {.result = (enum audit_result)result, .recorded = true};

	return station_verdict(&event);
}

#define GET(object, event, key, member)                                                            \
	station_get_text(object, key, (event)->member, sizeof((event)->member))

static void read_tags(const json_t *object, struct gang_event *event)
{
	const json_t *tags = json_object_get(object, "tags");
	json_t *value;
	const char *key;
	size_t used = 0;

	json_object_foreach((json_t *)(uintptr_t)tags, key, value)
	{
		int more = snprintf(event->tags + used, sizeof(event->tags) - used, "%s%s=%s",
				    used ? ";" : "", key,
				    json_is_string(value) ? json_string_value(value) : "");

		if (more < 0 || (size_t)more >= sizeof(event->tags) - used) {
			event->tags[used] = 0;
			return;
		}
		used += (size_t)more;
	}
}

static bool read_unit(const json_t *object, struct gang_event *event)
{
	unsigned result = find_name(object, "result", AUDIT_ABORTED + 1u, result_name);

	event->recorded = json_is_true(json_object_get(object, "recorded"));
	/* A verdict of a later version must not be shown. */
	if (result > AUDIT_ABORTED) {
		event->recorded = false;
		result = AUDIT_ABORTED;
	}
	event->result = (enum audit_result)result;
	event->error = h7_error_find(text_of(object, "error"));
	if (event->error == H7_ERROR_COUNT)
		event->error = H7_HOST_ERROR;
	GET(object, event, "bootloader", bootloader);
	GET(object, event, "erase_method", erase_method);
	GET(object, event, "leave", leave);
	GET(object, event, "detail", detail);
	GET(object, event, "unit_serial", unit_serial);
	GET(object, event, "scan", scan);
	event->total_ms = station_get_number(object, "total_ms", -1, INT64_MAX, -1);
	read_tags(object, event);
	return true;
}

static bool read_answer(const json_t *object, struct gang_event *event)
{
	GET(object, event, "id", id);
	GET(object, event, "text", detail);
	if (event->kind == GANG_ANSWER) {
		GET(object, event, "command", what);
	} else {
		GET(object, event, "scan", scan);
		GET(object, event, "kind", what);
	}
	event->accepted = json_is_true(json_object_get(object, "accepted"));
	event->later = json_is_true(json_object_get(object, "later"));
	return true;
}

static bool read_summary(const json_t *object, struct gang_event *event)
{
	event->passed = (unsigned)station_get_number(object, "passed", 0, UINT32_MAX, 0);
	event->failed = (unsigned)station_get_number(object, "failed", 0, UINT32_MAX, 0);
	event->aborted = (unsigned)station_get_number(object, "aborted", 0, UINT32_MAX, 0);
	event->not_recorded =
		(unsigned)station_get_number(object, "not_recorded", 0, UINT32_MAX, 0);
	event->head.seq = (uint64_t)station_get_number(object, "seq", 0, INT64_MAX, 0);
	GET(object, event, "row_hash", head.row_hash);
	return true;
}

static bool read_phase(const json_t *object, struct gang_event *event)
{
	unsigned phase = find_name(object, "phase", GANG_PHASE_COUNT, phase_name);

	event->phase = (enum gang_phase)phase;
	event->permille = (unsigned)station_get_number(object, "permille", 0, 1000, 0);
	return phase < GANG_PHASE_COUNT;
}

static bool read_state(const json_t *object, struct gang_event *event)
{
	unsigned state = find_name(object, "state", GANG_STATES, state_name);

	event->state = (enum gang_state)state;
	return state < GANG_STATES;
}

static bool read_body(const json_t *object, struct gang_event *event, struct station_facts *facts)
{
	switch (event->kind) {
	case GANG_STARTED:
		if (facts)
			*facts = (struct station_facts){
				text_of(object, "command"), text_of(object, "profile"),
				text_of(object, "part"), text_of(object, "lot"),
				text_of(object, "log")};
		return true;
	case GANG_PHASE:
	case GANG_PROGRESS:
		return read_phase(object, event);
	case GANG_UNIT:
		return read_unit(object, event);
	case GANG_SUMMARY:
		return read_summary(object, event);
	case GANG_STATE:
		GET(object, event, "reason", detail);
		return read_state(object, event);
	case GANG_ANSWER:
	case GANG_SCAN:
		return read_answer(object, event);
	case GANG_BLOCKED:
	case GANG_UNLOCKED:
		GET(object, event, "reason", detail);
		return true;
	case GANG_NOTE:
		GET(object, event, "text", detail);
		return true;
	default:
		return true;
	}
}

bool station_event_read(const json_t *object, struct gang_event *event, struct station_facts *facts)
{
	unsigned kind = find_name(object, "event", GANG_KINDS, kind_name);

	if (kind >= GANG_KINDS)
		return false;
	memset(event, 0, sizeof(*event));
	event->kind = (enum gang_event_kind)kind;
	GET(object, event, "time", time);
	GET(object, event, "run_id", run_id);
	GET(object, event, "unit_id", unit_id);
	GET(object, event, "slot", slot);
	GET(object, event, "path", path);
	GET(object, event, "uid", uid);
	GET(object, event, "station", station);
	GET(object, event, "operator", operator_name);
	GET(object, event, "lot", lot);
	event->attempt = (unsigned)station_get_number(object, "attempt", 0, 1000, 0);
	event->attempts_allowed =
		(unsigned)station_get_number(object, "attempts_allowed", 0, 1000, 0);
	return read_body(object, event, facts);
}
