/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A station as events: for a display that only takes those. */
#ifndef H7GANG_STATION_REPLAY_H
#define H7GANG_STATION_REPLAY_H

#include "h7gang/station/model.h"

/* For each slot, sends the events that bring a new display up to the model; not the totals. */
void station_replay(const struct station_model *model, gang_sink *sink, void *user);

#endif
