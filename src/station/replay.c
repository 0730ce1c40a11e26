/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/station/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay {
	const struct station_model *model;
	gang_sink *sink;
	void *user;
	struct gang_event event;
};

static void tell(struct replay *replay, enum gang_event_kind kind)
{
	replay->event.kind = kind;
	replay->sink(replay->user, &replay->event);
}

/* A new event, of a slot or of the station (NULL). */
static struct gang_event *begin(struct replay *replay, const struct station_slot *slot)
{
	struct gang_event *event = &replay->event;

	memset(event, 0, sizeof(*event));
	clock_wall_text(event->time);
	memcpy(event->run_id, replay->model->run_id, sizeof(event->run_id));
	if (slot) {
		memcpy(event->slot, slot->name, sizeof(event->slot));
		memcpy(event->path, slot->path, sizeof(event->path));
		memcpy(event->unit_id, slot->unit_id, sizeof(event->unit_id));
	}
	return event;
}

static void replay_slot(struct replay *replay, const struct station_slot *slot)
{
	struct gang_event *event = begin(replay, slot);

	if (slot->activity != STATION_EMPTY)
		tell(replay, GANG_TARGET);
	if (slot->activity == STATION_WORKING && slot->attempt) {
		event->attempt = slot->attempt;
		event->attempts_allowed = slot->attempts_allowed;
		event->phase = slot->phase;
		tell(replay, GANG_PHASE);
		event->permille = slot->permille;
		tell(replay, GANG_PROGRESS);
	}
	if (slot->activity == STATION_DONE && slot->has_unit) {
		*event = slot->unit;
		tell(replay, GANG_UNIT);
	}
	event = begin(replay, slot);
	if (slot->take_out)
		tell(replay, GANG_TAKE_OUT);
	if (slot->blocked[0]) {
		snprintf(event->detail, sizeof(event->detail), "%s", slot->blocked);
		tell(replay, GANG_BLOCKED);
	}
}

void station_replay(const struct station_model *model, gang_sink *sink, void *user)
{
	struct replay *replay = malloc(sizeof(*replay));
	struct gang_event *event;

	if (!replay)
		return;
	*replay = (struct replay){.model = model, .sink = sink, .user = user};
	event = begin(replay, NULL);
	event->state = model->state;
	memcpy(event->station, model->station, sizeof(event->station));
	memcpy(event->lot, model->lot, sizeof(event->lot));
	memcpy(event->operator_name, model->operator_name, sizeof(event->operator_name));
	memcpy(event->detail, model->reason, sizeof(event->detail));
	tell(replay, GANG_STATE);
	for (unsigned i = 0; i < model->slots; i++)
		replay_slot(replay, &model->slot[i]);
	free(replay);
}
