/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's side of a run: commands and scans, lot and operator, labels, stop rules, files
 * that change, and the station's state. Only the supervisor's thread; nothing here waits for a
 * board. */
#ifndef GANG_DESK_H
#define GANG_DESK_H

#include "labels.h"
#include "slots.h"
#include "unit.h"

struct desk;

/* `slots` is borrowed. NULL: `why`. */
struct desk *desk_open(struct gang *gang, struct slots *slots, char *why, size_t why_size);
void desk_close(struct desk *desk);

/* Obeys commands and scans, lets time pass, and tells the state if it changed. `running`: units
 * that run now. Before units are started. */
void desk_look(struct desk *desk, unsigned running);

/* Whether anything may start: the station is not stopped, lot and operator are known, the lot does
 * not change. */
bool desk_may_start(const struct desk *desk);

/* The same, or the run still waits for it, for at most --wait. */
bool desk_will_start(const struct desk *desk);

/* Why the station is stopped; "" it is not. */
void desk_why_not(const struct desk *desk, char *text, size_t size);

/* Whether a board may start there: the slot is not blocked, and has its label where it needs one.
 * If only that is missing, the slot is marked: its label is asked for. */
bool desk_slot_ready(struct desk *desk, struct slot *slot);

/* The label for the board that starts now. False: it has none. */
bool desk_hand_label(struct desk *desk, const struct slot *slot, struct label *label);

/* The unit of that slot has ended. */
void desk_unit_over(struct desk *desk, const struct slot *slot, const struct unit *unit);

/* Whether a board still waits for its label; for at most 60 s after the last scan. */
bool desk_waits(const struct desk *desk);

/* When to look again; CLOCK_NEVER: nothing is due. */
int64_t desk_next(const struct desk *desk);

#endif
