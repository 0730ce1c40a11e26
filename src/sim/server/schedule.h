/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drops of hubs at set moments of the fleet's time. */
#ifndef SIM_SCHEDULE_H
#define SIM_SCHEDULE_H

#include <stdint.h>

#include "hub.h"

struct fleet;

/* Carries out the steps that are due at `now` (ns of the fleet's time); `done` counts all steps. */
void schedule_run(const struct fleet *fleet, struct hubs *hubs, unsigned *done, uint64_t now);

/* When the next step is due; UINT64_MAX: none is left. */
uint64_t schedule_next(const struct fleet *fleet, unsigned done);

#endif
