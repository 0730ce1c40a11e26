/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A station as events: for a display that only takes those. */
#ifndef H7GANG_STATION_REPLAY_H
#define H7GANG_STATION_REPLAY_H

#include "h7gang/station/model.h"

/* Tells, for each slot, what would bring a display that saw nothing to where the model is; the
 * totals are not told by it. */
void station_replay(const struct station_model *model, gang_sink *sink, void *user);

#endif
