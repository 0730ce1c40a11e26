/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boards whose DFU code behaves otherwise than the fleet's ROM: ST's published class, a program in
 * flash, and behaviour in public reports. */
#include "campaign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SALT UINT64_C(0x9b1f6d0ce2a4783d) /* so that no other dice come out otherwise */

static void be_resident(const struct batch *batch, struct board *board)
{
	snprintf(board->quirks, sizeof(board->quirks), ", personality: resident");
	board->foreign = batch->wider.on;
	board->faults[0] = '\0';
	board->faulty = board->transport = board->may_hide = board->swaps = false;
	board->identity = board->error = "wrong_part";
}

void manners_board(const struct batch *batch, unsigned index, struct board *board)
{
	static const char *const reports[] = {
		"read_before_write: loses_first_word",
		"read_before_write: loses_first_word",
		"strings: shifted",
		"strings: empty",
		"refuse: size, refuse_status: errVENDOR",
		"refuse: size, refuse_status: errTARGET",
		"option_reset: true",
		"poll_write_ms: 0, poll_erase_ms: 0, poll_mass_ms: 0, poll_pointer_ms: 0",
		NULL};
	uint64_t own = (batch->seed * UINT64_C(0x2545F4914F6CDD1D) + batch->number) * 64 + index;

	own ^= SALT;
	if (board->quirks[0] || board->stranger || board->foreign || !percent(&own, 25))
		return;
	if (percent(&own, 45)) {
		snprintf(board->quirks, sizeof(board->quirks), ", personality: st-dfu-class");
		/* It acknowledges a mass erase and does nothing. */
		if (batch->erase == ERASE_MASS)
			board->error = NULL;
	} else if (percent(&own, 12)) {
		be_resident(batch, board);
	} else if (percent(&own, 25)) {
		snprintf(board->quirks, sizeof(board->quirks), ", early_status_ms: %" PRIu32,
			 below(&own, 900));
	} else {
		snprintf(board->quirks, sizeof(board->quirks), ", %s", one_of(&own, reports));
	}
}
