/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole hub that leaves the bus is one event to the operator; each of its boards has its own row.
 */
#ifndef GANG_HUB_LOSS_H
#define GANG_HUB_LOSS_H

#include "run.h"

/* Tells of a hub that left with two boards or more. After each look at the slots. */
void hub_loss_look(struct run *run);

/* When to look again; CLOCK_NEVER: no board has just left. */
int64_t hub_loss_next(const struct run *run);

#endif
