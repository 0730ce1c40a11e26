/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/station/model.h"

#include <stdio.h>
#include <string.h>

static const int64_t bucket_ms[STATION_BUCKETS] = {50,   100,   250,   500,   1000,   2500,
						   5000, 10000, 25000, 60000, 150000, INT64_MAX};

int64_t station_bucket_ms(unsigned bucket)
{
	return bucket_ms[bucket];
}

struct station_slot *station_model_slot(struct station_model *model, const char *name)
{
	for (unsigned i = 0; i < model->slots; i++)
		if (strcmp(model->slot[i].name, name) == 0)
			return &model->slot[i];
	return NULL;
}

static struct station_slot *slot_of(struct station_model *model, const struct gang_event *event)
{
	struct station_slot *slot = station_model_slot(model, event->slot);

	if (slot || !event->slot[0] || model->fixed_slots || model->slots == STATION_SLOTS_MAX)
		return slot;
	slot = &model->slot[model->slots++];
	memset(slot, 0, sizeof(*slot));
	memcpy(slot->name, event->slot, sizeof(slot->name));
	return slot;
}

static void say(struct station_model *model, const struct gang_event *event, const char *text)
{
	struct station_saying *saying = &model->saying[model->sayings++ % STATION_SAYINGS];

	memcpy(saying->time, event->time, sizeof(saying->time));
	memcpy(saying->slot, event->slot, sizeof(saying->slot));
	snprintf(saying->text, sizeof(saying->text), "%s", text);
}

/* Ends the current phase. */
static void end_phase(struct station_model *model, struct station_slot *slot, int64_t now)
{
	int64_t ms = (now - slot->phase_began) / CLOCK_MS;
	unsigned bucket = 0;

	if (!slot->phase_began || (unsigned)slot->phase >= GANG_PHASE_COUNT)
		return;
	while (ms > bucket_ms[bucket])
		bucket++;
	model->phase_count[slot->phase][bucket]++;
	model->phase_ms[slot->phase] += ms;
	slot->phase_began = 0;
}

static void begin_unit(struct station_slot *slot, const struct gang_event *event)
{
	slot->activity = STATION_WORKING;
	slot->take_out = false;
	slot->phase = GANG_PHASE_IDENTIFY;
	slot->permille = 0;
	slot->phase_began = 0;
	slot->attempt = 0;
	slot->note[0] = 0;
	memcpy(slot->unit_id, event->unit_id, sizeof(slot->unit_id));
	memcpy(slot->path, event->path, sizeof(slot->path));
	memcpy(slot->since, event->time, sizeof(slot->since));
}

static void end_unit(struct station_model *model, struct station_slot *slot,
		     const struct gang_event *event, int64_t now)
{
	unsigned *total = NULL, *here = NULL;

	if (!event->recorded) {
		total = &model->not_recorded;
		here = slot ? &slot->not_recorded : NULL;
	} else if (event->result == AUDIT_PASS) {
		total = &model->passed;
		here = slot ? &slot->passed : NULL;
	} else if (event->result == AUDIT_ABORTED) {
		total = &model->aborted;
		here = slot ? &slot->aborted : NULL;
	} else {
		total = &model->failed;
		here = slot ? &slot->failed : NULL;
	}
	++*total;
	model->finish[model->finishes++ % STATION_FINISHES] = now;
	if ((unsigned)event->error < H7_ERROR_COUNT)
		model->units[event->recorded ? event->result : 3][event->error]++;
	if (!slot)
		return;
	++*here;
	end_phase(model, slot, now);
	slot->activity = STATION_DONE;
	slot->has_unit = true;
	slot->unit = *event;
}

static void set_state(struct station_model *model, const struct gang_event *event)
{
	model->state = event->state;
	snprintf(model->reason, sizeof(model->reason), "%s", event->detail);
	snprintf(model->station, sizeof(model->station), "%s", event->station);
	snprintf(model->lot, sizeof(model->lot), "%s", event->lot);
	snprintf(model->operator_name, sizeof(model->operator_name), "%s", event->operator_name);
}

/* Events of the station; `slot` may be NULL. */
static bool station_event(struct station_model *model, struct station_slot *slot,
			  const struct gang_event *event)
{
	switch (event->kind) {
	case GANG_STARTED:
		memcpy(model->run_id, event->run_id, sizeof(model->run_id));
		memcpy(model->started_at, event->time, sizeof(model->started_at));
		return true;
	case GANG_STATE:
		set_state(model, event);
		return true;
	case GANG_NOTE:
		say(model, event, event->detail);
		if (slot)
			snprintf(slot->note, sizeof(slot->note), "%s", event->detail);
		if (slot && slot->activity == STATION_DONE &&
		    strcmp(event->detail, "acknowledged") == 0)
			slot->activity = STATION_EMPTY;
		return true;
	case GANG_SCAN:
	case GANG_ANSWER:
		if (!event->accepted)
			say(model, event, event->detail);
		return true;
	case GANG_SUMMARY:
		model->over = true;
		return true;
	default:
		return false;
	}
}

static void slot_event(struct station_model *model, struct station_slot *slot,
		       const struct gang_event *event, int64_t now)
{
	switch (event->kind) {
	case GANG_TARGET:
		begin_unit(slot, event);
		break;
	case GANG_PHASE:
		end_phase(model, slot, now);
		slot->phase = event->phase;
		slot->phase_began = now;
		slot->permille = 0;
		slot->attempt = event->attempt;
		slot->attempts_allowed = event->attempts_allowed;
		break;
	case GANG_PROGRESS:
		slot->permille = event->permille;
		break;
	case GANG_TAKE_OUT:
		slot->take_out = true;
		break;
	case GANG_FREE:
		slot->activity = STATION_EMPTY;
		slot->take_out = false;
		slot->note[0] = 0;
		break;
	case GANG_BLOCKED:
		snprintf(slot->blocked, sizeof(slot->blocked), "%s", event->detail);
		say(model, event, event->detail);
		break;
	case GANG_UNLOCKED:
		slot->blocked[0] = 0;
		say(model, event, event->detail);
		break;
	default:
		break;
	}
}

void station_model_event(struct station_model *model, const struct gang_event *event, int64_t now)
{
	struct station_slot *slot = slot_of(model, event);

	if (event->kind == GANG_UNIT)
		end_unit(model, slot, event, now);
	else if (!station_event(model, slot, event) && slot)
		slot_event(model, slot, event, now);
}

unsigned station_model_running(const struct station_model *model)
{
	unsigned running = 0;

	for (unsigned i = 0; i < model->slots; i++)
		running += model->slot[i].activity == STATION_WORKING;
	return running;
}

unsigned station_model_hourly(const struct station_model *model, int64_t now)
{
	unsigned kept = model->finishes < STATION_FINISHES ? model->finishes : STATION_FINISHES;
	int64_t since = now - STATION_RATE_MS * CLOCK_MS, first = now;
	unsigned count = 0;

	for (unsigned i = 0; i < kept; i++) {
		if (model->finish[i] < since)
			continue;
		count++;
		first = clock_earlier(first, model->finish[i]);
	}
	/* The time between n ends is that of n - 1 units. */
	if (count < 2 || now - first < 1000 * CLOCK_MS)
		return 0;
	return (unsigned)((uint64_t)(count - 1) * 3600000u / (uint64_t)((now - first) / CLOCK_MS));
}

static const char *const slot_states[] = {"empty",   "running",      "passed",  "failed",
					  "aborted", "not_recorded", "blocked", "asking"};

const char *station_slot_state_at(unsigned i)
{
	return i < sizeof(slot_states) / sizeof(slot_states[0]) ? slot_states[i] : NULL;
}

const char *station_slot_state(const struct station_slot *slot)
{
	if (slot->activity == STATION_WORKING)
		return slot_states[1];
	if (slot->blocked[0])
		return slot_states[6];
	if (slot->activity == STATION_EMPTY)
		return slot_states[strcmp(slot->note, GANG_NOTE_ASKING) == 0 ? 7 : 0];
	if (!slot->unit.recorded)
		return slot_states[5];
	return slot->unit.result == AUDIT_PASS   ? slot_states[2]
	       : slot->unit.result == AUDIT_FAIL ? slot_states[3]
						 : slot_states[4];
}
