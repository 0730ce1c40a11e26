/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states that a part can fall into: off, hung, in dfuERROR, or waiting for its flash. */
#include "rom_internal.h"
#include "rom_random.h"

void rom_off(struct rom *rom, uint64_t now)
{
	if (!rom->on)
		return;
	if (flash_cut(&rom->flash, now))
		rom->counters.power_cuts++;
	rom->on = false;
}

void rom_hang(struct rom *rom, struct rom_result *result)
{
	rom->hung = true;
	result->answer = ROM_SILENT;
}

void rom_fail(struct rom *rom, struct rom_result *result, enum dfu_status status)
{
	result->answer = ROM_STALL;
	rom->state = DFU_ERROR;
	rom->status = (uint8_t)status;
}

bool rom_touch_flash(struct rom *rom, uint64_t now, struct rom_result *result)
{
	const struct flash_operation *op = &rom->flash.op;

	flash_settle(&rom->flash, now);
	if (now >= rom->unsafe_until && op->kind == FLASH_IDLE)
		return true;
	rom->counters.busy_touches++;
	if (rom->unsafe_hangs && now < rom->unsafe_until &&
	    rom_chance(&rom->random, rom->config->busy_hang)) {
		rom->counters.hung++;
		rom_hang(rom, result);
		return false;
	}
	if (op->kind != FLASH_IDLE) { /* the bus waits for the array */
		result->ns += op->end - now;
		flash_settle(&rom->flash, op->end);
	}
	return true;
}
