/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The events of a unit. */
#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "hooks.h"
#include "unit_private.h"

static void event_init(const struct unit *unit, struct gang_event *event, enum gang_event_kind kind)
{
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	snprintf(event->run_id, sizeof(event->run_id), "%s", unit->gang->run_id);
	snprintf(event->unit_id, sizeof(event->unit_id), "%s", unit->id);
	snprintf(event->slot, sizeof(event->slot), "%s", unit->slot);
	snprintf(event->path, sizeof(event->path), "%s", unit->seen.path);
	event->attempt = unit->face.attempt;
	event->attempts_allowed = unit->gang->options->profile->attempts;
}

static void attempt_event(const struct unit_attempt *attempt, struct gang_event *event,
			  enum gang_event_kind kind)
{
	event_init(attempt->unit, event, kind);
	event->attempt = attempt->facts.attempt;
	snprintf(event->uid, sizeof(event->uid), "%s", attempt->job.uid);
	if (attempt->job.rom && attempt->job.bootloader_id != STM32_ROM_UNKNOWN)
		snprintf(event->bootloader, sizeof(event->bootloader), "%s",
			 attempt->job.rom->version);
}

void unit_tell_target(struct unit_attempt *attempt)
{
	struct gang_event event;

	if (attempt->announced || attempt->unit->face.attempt > 1)
		return;
	attempt->announced = true;
	attempt_event(attempt, &event, GANG_TARGET);
	gang_emit(attempt->unit->gang, &event);
}

void unit_tell_phase(struct unit_attempt *attempt, enum gang_phase phase)
{
	struct gang_event event;

	/* Until it is known whether this board is a unit, nothing is said about it. */
	if (phase == GANG_PHASE_IDENTIFY && attempt->unit->face.attempt == 1)
		return;
	attempt->phase = phase;
	attempt->permille = 0;
	attempt_event(attempt, &event, GANG_PHASE);
	event.phase = phase;
	gang_emit(attempt->unit->gang, &event);
}

void unit_tell_progress(struct unit_attempt *attempt, unsigned permille)
{
	struct gang_event event;

	if (permille < attempt->permille + 10 && permille < 1000)
		return;
	if (permille == attempt->permille)
		return;
	attempt->permille = permille;
	attempt_event(attempt, &event, GANG_PROGRESS);
	event.phase = attempt->phase;
	event.permille = permille;
	gang_emit(attempt->unit->gang, &event);
}

/* The origin of the unit, as in its row. */
static void fill_facts(const struct unit_attempt *attempt, struct gang_event *event)
{
	const struct audit_row *row = &attempt->record.row;

	snprintf(event->station, sizeof(event->station), "%s", row->station);
	snprintf(event->operator_name, sizeof(event->operator_name), "%s", row->operator_name);
	snprintf(event->lot, sizeof(event->lot), "%s", row->lot);
	snprintf(event->tags, sizeof(event->tags), "%s", row->tags);
	if (row->scan)
		snprintf(event->scan, sizeof(event->scan), "%s", row->scan);
	if (row->unit_serial)
		snprintf(event->unit_serial, sizeof(event->unit_serial), "%s", row->unit_serial);
}

void unit_tell_result(const struct unit_attempt *attempt, bool recorded)
{
	const struct record *record = &attempt->record;
	struct gang_event event;

	attempt_event(attempt, &event, GANG_UNIT);
	event.result = record->row.result;
	event.error = record->row.error;
	event.recorded = recorded;
	event.begun = attempt->job.begun;
	event.total_ms = record->row.total_ms;
	snprintf(event.erase_method, sizeof(event.erase_method), "%s", record->erase_method);
	snprintf(event.leave, sizeof(event.leave), "%s", attempt->job.leave);
	snprintf(event.detail, sizeof(event.detail), "%s", attempt->job.detail);
	fill_facts(attempt, &event);
	gang_emit(attempt->unit->gang, &event);
}

void unit_tell_retry(const struct unit_attempt *attempt)
{
	struct gang_event event;

	attempt_event(attempt, &event, GANG_NOTE);
	event.error = attempt->job.error;
	snprintf(event.detail, sizeof(event.detail), "attempt %u failed, trying again: %.400s",
		 attempt->unit->face.attempt, attempt->job.detail);
	gang_emit(attempt->unit->gang, &event);
}

/* The verdict is recorded and told: this hook cannot change it. */
static void tell_after(const struct unit_attempt *attempt)
{
	struct gang_event event;
	char why[240];

	if (hooks_unit(attempt->unit->gang, PROFILE_HOOK_AFTER, &attempt->record.row, why,
		       sizeof(why)) == HOOKS_OK)
		return;
	attempt_event(attempt, &event, GANG_NOTE);
	snprintf(event.detail, sizeof(event.detail), "after hook %s", why);
	gang_emit(attempt->unit->gang, &event);
}

void unit_tell_verdict(const struct unit_attempt *attempt, bool recorded)
{
	unit_tell_result(attempt, recorded);
	if (recorded)
		tell_after(attempt);
}
