/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages of the desk: answers, events and rows about the station. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "desk_private.h"
#include "h7gang/base/clock.h"
#include "note.h"

#define NOTE_MS 10000 /* for the disk to write a row about the station */

bool desk_say(struct desk_answer *answer, bool accepted, const char *format, ...)
{
	va_list args;

	answer->accepted = accepted;
	va_start(args, format);
	vsnprintf(answer->text, sizeof(answer->text), format, args);
	va_end(args);
	return accepted;
}

void desk_event(struct desk *desk, enum gang_event_kind kind, const struct slot *slot,
		struct gang_event *event)
{
	event->kind = kind;
	snprintf(event->run_id, sizeof(event->run_id), "%s", desk->gang->run_id);
	snprintf(event->station, sizeof(event->station), "%s", desk->gang->options->station);
	snprintf(event->lot, sizeof(event->lot), "%s", desk->gang->lot);
	snprintf(event->operator_name, sizeof(event->operator_name), "%s",
		 desk->gang->operator_name);
	if (slot) {
		snprintf(event->slot, sizeof(event->slot), "%s", slot->name);
		snprintf(event->path, sizeof(event->path), "%s", slot->seen.path);
	}
	gang_emit(desk->gang, event);
}

void desk_note(struct desk *desk, const char *slot, const char *text)
{
	if (!note_row_now(desk->gang, slot, text, clock_after_ms(NOTE_MS)))
		atomic_store(&desk->gang->log_failed, true);
}

struct slot *desk_find_slot(const struct desk *desk, const char *name)
{
	for (unsigned s = 0; s < desk->slots->count; s++)
		if (strcmp(desk->slots->slot[s].name, name) == 0)
			return &desk->slots->slot[s];
	return NULL;
}

void desk_answer(struct desk *desk, const char *id, const char *line,
		 const struct desk_answer *answer)
{
	struct gang_event event = {.accepted = answer->accepted, .later = answer->ordered};

	if (answer->later)
		return;
	snprintf(event.what, sizeof(event.what), "%.*s", (int)sizeof(event.what) - 1, line);
	snprintf(event.id, sizeof(event.id), "%s", id);
	snprintf(event.detail, sizeof(event.detail), "%s", answer->text);
	desk_event(desk, GANG_ANSWER, NULL, &event);
}

void desk_tell_dropped(struct desk *desk, const char *slot, const struct label *label,
		       const char *why)
{
	struct gang_event event = {.accepted = false};

	snprintf(event.scan, sizeof(event.scan), "%s", label->raw);
	snprintf(event.what, sizeof(event.what), "%s", profile_scan_name(PROFILE_SCAN_SERIAL));
	snprintf(event.detail, sizeof(event.detail), "%s", why);
	desk_event(desk, GANG_SCAN, desk_find_slot(desk, slot), &event);
}
