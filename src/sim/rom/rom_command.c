/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses DNLOAD commands and carries out the leave, for every personality. */
#include "rom_internal.h"

uint32_t rom_block_address(const struct rom *rom, uint16_t block, uint16_t length)
{
	const uint32_t stride = rom->config->stride == ROM_STRIDE_REQUEST
					? length
					: rom->config->real_transfer_size;

	return rom->pointer + (block - 2u) * stride;
}

void rom_parse_command(const struct rom *rom, const struct rom_request *request,
		       struct rom_command *command)
{
	const uint8_t code = request->length > 0 ? request->out[0] : 0;

	command->block = request->value;
	command->length = request->length;
	command->address = 0;
	if (request->value == 1) {
		command->kind = COMMAND_NONE;
	} else if (request->value >= 2) {
		command->kind = COMMAND_WRITE;
		command->address = rom_block_address(rom, request->value, request->length);
	} else if (request->length == 5 && code == DFUSE_POINTER) {
		command->kind = COMMAND_POINTER;
		command->address = rom_get32(request->out + 1);
	} else if (request->length == 5 && code == DFUSE_ERASE) {
		command->kind = COMMAND_ERASE;
		command->address = rom_get32(request->out + 1);
	} else if (request->length == 1 && code == DFUSE_ERASE) {
		command->kind = COMMAND_MASS;
	} else if (request->length == 1 && code == DFUSE_UNPROTECT) {
		command->kind = COMMAND_UNPROTECT;
	} else {
		command->kind = COMMAND_UNKNOWN;
	}
}

void rom_count_dnload(struct rom *rom, const struct rom_request *request)
{
	struct rom_counters *counters = &rom->counters;

	counters->dnloads++;
	if (rom->state != DFU_IDLE && rom->state != DFU_DNLOAD_IDLE)
		counters->stray_downloads++;
	if (request->value == 1 && request->length > 0)
		counters->value_one++;
	if (request->value > 2 && request->length > 0 &&
	    request->length < rom->config->real_transfer_size)
		counters->short_numbered++;
}

void rom_manifest(struct rom *rom, uint64_t now, struct rom_result *result)
{
	rom->poll_ms = rom->config->poll_idle_ms;
	rom->state = DFU_MANIFEST_WAIT_RESET;
	if (rom->config->leave != ROM_LEAVE_WORKS)
		return;
	rom->counters.left++;
	rom->counters.started_at = rom->pointer;
	if (now < rom->unsafe_until)
		rom->counters.busy_touches++;
	result->leaves = true;
	result->away_ns = rom->config->boot0_high ? rom->config->return_ns : ROM_FOR_EVER;
	if (!rom->config->boot0_high && rom_app_starts(rom, rom->pointer)) {
		rom->next = ROM_NEXT_APPLICATION;
		result->away_ns = rom->config->application.start_ns;
	}
}
