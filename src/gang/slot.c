/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slot.h"

#include <limits.h>

/* Impossible events are left out; 0 is SLOT_EMPTY, so the table keeps the state plus one. */
#define TO(state) (SLOT_##state + 1)

_Static_assert(SLOT_STATES < UCHAR_MAX, "a state and \"none\" fit a cell");

static const unsigned char next_state[SLOT_STATES][SLOT_EVENTS] = {
	[SLOT_EMPTY] =
		{
			[SLOT_BOARD_CAME] = TO(WAITING),
		},
	[SLOT_LEFT] =
		{
			[SLOT_BOARD_CAME] = TO(WAITING),
			[SLOT_ACKNOWLEDGED] = TO(EMPTY),
		},
	[SLOT_WAITING] =
		{
			[SLOT_BOARD_CAME] = TO(WAITING),
			[SLOT_BOARD_WENT] = TO(EMPTY),
			[SLOT_BOARD_STARTED] = TO(LEFT),
			[SLOT_LABEL_MISSING] = TO(ASKING),
			[SLOT_UNIT_BEGUN] = TO(RUNNING),
			[SLOT_UNIT_NOT_BEGUN] = TO(DONE),
		},
	[SLOT_ASKING] =
		{
			[SLOT_BOARD_CAME] = TO(WAITING),
			[SLOT_BOARD_WENT] = TO(EMPTY),
			[SLOT_BOARD_STARTED] = TO(LEFT),
			[SLOT_UNIT_BEGUN] = TO(RUNNING),
			[SLOT_UNIT_NOT_BEGUN] = TO(DONE),
		},
	[SLOT_RUNNING] =
		{
			[SLOT_BOARD_CAME] = TO(RUNNING),
			[SLOT_BOARD_WENT] = TO(RUNNING),
			[SLOT_BOARD_STARTED] = TO(RUNNING),
			[SLOT_UNIT_OVER] = TO(DONE),
			[SLOT_UNIT_UNSURE] = TO(UNSURE),
			[SLOT_UNIT_HANGS] = TO(RETIRED),
		},
	[SLOT_DONE] =
		{
			[SLOT_BOARD_CAME] = TO(WAITING),
			[SLOT_BOARD_WENT] = TO(EMPTY),
			[SLOT_BOARD_STARTED] = TO(LEFT),
		},
	[SLOT_UNSURE] =
		{
			[SLOT_BOARD_CAME] = TO(WAITING),
			[SLOT_BOARD_WENT] = TO(EMPTY),
			[SLOT_ACKNOWLEDGED] = TO(WAITING),
		},
	[SLOT_RETIRED] =
		{
			[SLOT_BOARD_CAME] = TO(RETIRED),
			[SLOT_BOARD_WENT] = TO(RETIRED),
			[SLOT_BOARD_STARTED] = TO(RETIRED),
		},
};

enum slot_state slot_next(enum slot_state state, enum slot_event event)
{
	unsigned to = next_state[state][event];

	return to ? (enum slot_state)(to - 1) : SLOT_STATES;
}

bool slot_apply(struct slot *slot, enum slot_event event)
{
	enum slot_state to = slot_next(slot->state, event);

	slot->state = to == SLOT_STATES ? SLOT_RETIRED : to;
	return to != SLOT_STATES;
}

bool slot_waits(const struct slot *slot)
{
	return slot->state == SLOT_WAITING || slot->state == SLOT_ASKING;
}
