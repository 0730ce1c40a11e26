/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the application starts: mostly a vector table of the part, sometimes one that cannot start,
 * which h7gang must refuse before it touches a board. RAM and its ends: hardware-facts, section 1.
 */
#include "campaign.h"

#include <string.h>

enum { TABLE_BYTES = 8, LEAST_BYTES = 16 };

/* By series: the end of AXI SRAM. DTCM ends at 0x20020000 everywhere. */
static const uint32_t axi_end[] = {0x24080000, 0x24050000, 0x24100000};

static void put_word(uint8_t *at, uint32_t word)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(word >> 8 * i);
}

/* Dice of its own, so that the rest of a batch does not change. */
void start_choose(struct batch *batch)
{
	uint32_t way;

	batch->start.dice = batch->seed * UINT64_C(0x9FB21C651E98DF25) + batch->number;
	way = below(&batch->start.dice, 1000);
	batch->start.kind = way < 20   ? START_BAD_STACK
			    : way < 35 ? START_EVEN_RESET
			    : way < 50 ? START_RESET_OUTSIDE
			    : way < 60 ? START_AS_IT_FALLS
			    : way < 70 ? START_RESET_BLANK
				       : START_GOOD;
	batch->start.unchecked =
		percent(&batch->start.dice, batch->start.kind == START_GOOD ? 1 : 20);
	batch->start.laid = false;
}

void start_adjust(uint32_t sector, uint32_t *offset, uint32_t *length)
{
	if (sector != 0)
		return;
	if (*offset > 0 && *offset < TABLE_BYTES)
		*offset = TABLE_BYTES;
	if (*offset == 0 && *length < LEAST_BYTES)
		*length = LEAST_BYTES;
}

static uint32_t bad_stack(struct batch *batch)
{
	const uint32_t words[] = {0,
				  0xFFFFFFFF,
				  0x20020004,
				  0x20030000,
				  0x10010000,
				  0x08000100,
				  0x1FFFFFFC,
				  0x60000000,
				  axi_end[batch->part->series] + 4,
				  axi_end[batch->part->series] + 0x10000};

	return words[below(&batch->start.dice, sizeof(words) / sizeof(words[0]))];
}

static uint32_t good_stack(struct batch *batch)
{
	uint64_t *dice = &batch->start.dice;
	uint32_t end = percent(dice, 50) ? 0x20020000 : axi_end[batch->part->series];

	/* STM32H742 has 384 KiB of AXI SRAM, the others of its series 512 KiB. */
	if (end == 0x24080000 && strstr(batch->part->name, "h742"))
		end = 0x24060000;

	/* Exactly at the end in half of real images. */
	return percent(dice, 50) ? end : end - 4 * below(dice, 4096);
}

/* What the reset handler points at: random bytes, among which there is a blank instruction. */
static void put_code(struct batch *batch, uint32_t address)
{
	uint8_t *at = batch->flash + (address - 0x08000000);

	if (batch->start.kind == START_RESET_BLANK)
		at[0] = at[1] = 0xFF;
	else if (at[0] == 0xFF && at[1] == 0xFF)
		at[0] = 0;
}

/* Firmware lies at `offset`, `length` bytes long: if it begins where the part starts, a table. */
void start_lay(struct batch *batch, uint32_t offset, uint32_t length)
{
	static const uint32_t outside[] = {0x1FF00001, 0x20000101, 0x00000001, 0x09000001};
	uint64_t *dice = &batch->start.dice;
	/* A wider batch may leave out bytes further on. */
	uint32_t code = (batch->wider.on ? LEAST_BYTES : length) - TABLE_BYTES;
	uint32_t reset, stack;

	if (offset != 0)
		return;
	reset = 0x08000001 + TABLE_BYTES + 2 * below(dice, code / 2);
	stack = good_stack(batch);
	batch->start.laid = true;
	if (batch->start.kind == START_AS_IT_FALLS)
		memset(batch->flash, (int)(below(dice, 2) * 0xFF), TABLE_BYTES);
	if (batch->start.kind == START_AS_IT_FALLS)
		return;
	if (batch->start.kind == START_BAD_STACK)
		stack = bad_stack(batch);
	if (batch->start.kind == START_EVEN_RESET)
		reset &= ~UINT32_C(1);
	if (batch->start.kind == START_RESET_OUTSIDE)
		reset = outside[below(dice, 4)];
	if (batch->start.kind != START_RESET_OUTSIDE)
		put_code(batch, reset & ~UINT32_C(1));
	put_word(batch->flash, stack);
	put_word(batch->flash + 4, reset);
}

void start_profile(struct batch *batch, FILE *profile)
{
	bool required = strcmp(batch->leave, "required") == 0;

	if (!batch->start.laid && required && percent(&batch->start.dice, 80)) {
		batch->leave = "true";
		required = false;
	}
	fprintf(profile, "leave: %s\n", batch->leave);
	/* An option byte that a wider batch expects may say another address. */
	if (batch->start.unchecked)
		fputs("start: {address: 0x08000000, check: off}\n", profile);
	else if (batch->wider.on || percent(&batch->start.dice, 10))
		fputs("start: 0x08000000\n", profile);
	batch->refused = batch->start.laid
				 ? batch->start.kind != START_GOOD && !batch->start.unchecked
				 : required;
	if (batch->refused)
		batch->wider.second = SECOND_NONE;
}

/* A value of each board's own lies at `serial_at`. */
void start_patched(struct batch *batch)
{
	if (batch->start.unchecked || batch->serial_at >= TABLE_BYTES)
		return;
	batch->refused = true;
	batch->wider.second = SECOND_NONE;
}
