/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boards that are exchanged, or leave and come back, while they are reset, opened or asked for an
 * alternate setting. Drawn from dice of their own, so that other batches do not change. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "campaign.h"

#define SALT UINT64_C(0x77696e646f7773)
#define STEP UINT64_C(0x9e3779b97f4a7c15)

/* `kind` is swap or vanish; `on` the call that it happens in. */
static void leave(uint64_t *dice, char *text, size_t size, const char *kind, const char *on)
{
	add_text(text, size, "{fault: %s, on: %s, nth: %" PRIu32 ", away_ms: %" PRIu32 "}", kind,
		 on, 1 + below(dice, strcmp(on, "reset") == 0 ? 2 : 4),
		 percent(dice, 40) ? 0 : any_size(dice, 4000));
}

void windows_board(struct batch *batch, unsigned index)
{
	static const char *const kinds[] = {"swap", "vanish", NULL};
	static const char *const calls[] = {"open", "set_interface", NULL};
	static const char *const hangs[] = {"write",  "erase",     "read", "upload",
					    "dnload", "getstatus", NULL};
	struct board *board = &batch->board[index];
	uint64_t own = (batch->seed * STEP ^ batch->number) * STEP ^ (index + SALT);
	char *text = board->faults;
	size_t size = sizeof(board->faults);
	const char *kind;

	if (!batch->windows || board->foreign || !percent(&own, 40))
		return;
	kind = one_of(&own, kinds);
	if (text[0])
		add_text(text, size, ", ");
	if (percent(&own, 70)) {
		add_text(text, size, "{fault: hang, on: %s, nth: %" PRIu32 "}, ",
			 one_of(&own, hangs), 1 + any_size(&own, 300));
		leave(&own, text, size, kind, "reset");
	} else {
		leave(&own, text, size, kind, one_of(&own, calls));
	}
	board->faulty = board->transport = board->may_hide = true;
	board->swaps = board->swaps || strcmp(kind, "swap") == 0;
	board->error = NULL;
}
