/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boards that are none: other chips, programs in flash, layouts that are none, sectors that are not
 * to be changed. Listings as in tests/e2e/fleets/foreign.yaml. */
#include "campaign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SALT UINT64_C(0x15f07e1690c41b5d) /* so that no other dice come out otherwise */

static const char *const layouts[] = {
	"\"@Internal Flash  /0x08000000/064*0002Kg\", \"@Option Bytes  /0x1FFFF800/01*016 e\"",
	"\"@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg\", \"@Option Bytes  "
	"/0x1FFFC000/01*016 e\"",
	"\"@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg\", \"@Option Bytes  "
	"/0x1FFF0000/01*032 e\"",
	"\"@Internal Flash   /0x08000000/256*02Kg\", \"@Option Bytes   /0x1FFF7800/01*048 e\"",
	"\"@Internal Flash   /0x08000000/256*08Kg\", \"@Option Bytes   /0x40022040/01*64 e\"",
	"\"@Internal Flash   /0x08000000/64*02Kg\", \"@Internal Flash   /0x08000000/64*02Kg\"",
	"\"@Internal Flash   /0x08000000/256*08Kg\"",
	"\"@Internal Flash   /0x08000000/16*128Kg\"",
	"\"@Internal Flash   /0x08000000/8*128Kg\"",
	"\"@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg\"",
	"\"@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x904\", \"\"",
	"\"sdcard_rootfs\", \"\"",
	"\"@Internal Flash   /0x08000000/0*4Kg\", \"@Option Bytes   /0x5200201C/01*128 e\"",
	NULL};

/* Regions of a power of two of sectors of some size, and option bytes somewhere else. */
static void invent(uint64_t *dice, struct board *board)
{
	snprintf(board->quirks, sizeof(board->quirks),
		 ", refuse: [id, uid, size], layout: [\"@Internal Flash  "
		 "/0x08000000/%u*%uKg,%u*%uKg\", \"@Option Bytes  /0x1FFF%03" PRIX32
		 "0/01*016 e\"]",
		 1u << below(dice, 9), 1u << below(dice, 8), 1u << below(dice, 9),
		 1u << below(dice, 8), below(dice, 0x1000));
}

static const char *announced(const struct batch *batch)
{
	static const char *const options[] = {"0x5200201C/01*128 e", "0x5200201C/01*88 e",
					      "0x5200201C/01*297 e"};

	return options[batch->part->series];
}

/* As the ROM bootloader announces it, but for one sector, which the job changes. */
static bool protect_sector(const struct batch *batch, uint64_t *dice, struct board *board)
{
	uint32_t all = batch->part->series == 0 ? 16 : batch->part->series == 1 ? 8 : 256;
	uint32_t own = batch_sectors(batch), s = below(dice, own), at;

	for (uint32_t i = 0; i < own && !batch->touched[s]; i++)
		s = (s + 1) % own;
	if (!batch->touched[s])
		return false;
	at = (batch_address(batch, s * batch->part->sector_bytes) - 0x08000000u) /
	     batch->part->sector_bytes;
	snprintf(board->quirks, sizeof(board->quirks),
		 ", layout: [\"@Internal Flash   /0x08000000/%" PRIu32 "*%" PRIu32 "Kg,1*%" PRIu32
		 "K%c,%" PRIu32 "*%" PRIu32 "Kg\", \"@Option Bytes   /%s\"]",
		 at, batch->part->sector_bytes >> 10, batch->part->sector_bytes >> 10,
		 "abcde"[below(dice, 5)], all - at - 1, batch->part->sector_bytes >> 10,
		 announced(batch));
	return true;
}

void foreign_board(struct batch *batch, struct board *board)
{
	uint64_t own = batch->wider.dice ^ SALT;
	bool read_only;

	if (!percent(&own, 4))
		return;
	read_only = percent(&own, 40) && strcmp(board->version, "V9.0") != 0 &&
		    strcmp(board->version, "V9.1") != 0;
	if (read_only && !protect_sector(batch, &own, board))
		return;
	if (!read_only && percent(&own, 30))
		invent(&own, board);
	else if (!read_only)
		snprintf(board->quirks, sizeof(board->quirks),
			 ", refuse: [id, uid, size, option_bytes], layout: [%s]",
			 one_of(&own, layouts));
	board->foreign = true;
	board->faults[0] = '\0';
	board->faulty = board->transport = board->may_hide = board->swaps = false;
	board->stranger = NULL;
	/* verify changes nothing, so that a protected sector does not matter to it */
	board->identity = read_only ? NULL : "wrong_part";
	board->error =
		batch->wider.once || batch->wider.unprotect || (read_only && batch->allowed[0])
			? NULL
			: "wrong_part";
	if (!read_only)
		board->error = "wrong_part";
}
