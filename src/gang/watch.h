/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run that watches: when a slot may start again. Only the supervisor's thread. */
#ifndef GANG_WATCH_H
#define GANG_WATCH_H

#include "slot.h"
#include "unit.h"

/* Whether the device in the slot has been there long enough to be more than a bounce of its
 * contacts. */
bool watch_steady(const struct slot *slot);

/* Whether it may be the board of the slot's last unit. */
enum unit_return watch_return(const struct slot *slot, bool watch);

/* The sign that is due for the slot: GANG_TAKE_OUT or GANG_FREE. False: none. */
bool watch_sign(struct slot *slot, enum gang_event_kind *kind);

/* The operator says that the slot's next board is another one. False: there was no question. */
bool watch_acknowledge(struct slot *slot);

/* When the slot is to be looked at again if nothing happens before; CLOCK_NEVER: not. */
int64_t watch_next(const struct slot *slot);

#endif
