/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DFU 1.1 state machine (appendix A) with the DfuSe meaning of wValue (AN3156). */
#include <string.h>

#include "rom_internal.h"

void rom_dfu_reset(struct rom *rom)
{
	rom->state = DFU_IDLE;
	rom->status = DFU_OK;
	rom->pointer = FLASH_START;
	rom->command.kind = COMMAND_NONE;
	rom->failure = DFU_OK;
	rom->mass_pending = false;
	rom->wedged = false;
	rom->refused_empty = false;
	rom->clears_due = 0;
	rom->poll_end = 0;
	rom->poll_ms = 0;
}

static void unexpected(struct rom *rom, struct rom_result *result)
{
	result->answer = ROM_STALL;
	if (rom->config->unexpected_errs && rom->state != DFU_DNBUSY &&
	    rom->state != DFU_MANIFEST_WAIT_RESET && rom->state != DFU_ERROR)
		rom_fail(rom, result, DFU_ERR_STALLEDPKT);
}

static void classify_dnload(const struct rom *rom, struct rom_request *request)
{
	static const uint32_t on[] = {
		[COMMAND_POINTER] = ROM_ON_SET_POINTER,
		[COMMAND_ERASE] = ROM_ON_ERASE,
		[COMMAND_MASS] = ROM_ON_MASS_ERASE,
		[COMMAND_WRITE] = ROM_ON_WRITE,
		[COMMAND_UNKNOWN] = 0,
	};
	struct rom_command command;

	request->on |= ROM_ON_DNLOAD;
	request->has_block = true;
	request->block = request->value;
	if (request->length == 0) {
		request->on |= ROM_ON_LEAVE;
		return;
	}
	rom_parse_command(rom, request, &command);
	request->on |= on[command.kind];
	request->address = command.address;
	request->span = command.kind == COMMAND_WRITE ? command.length : 1;
	if (command.kind == COMMAND_MASS)
		request->span = UINT32_MAX;
}

static void classify_getstatus(const struct rom *rom, struct rom_request *request)
{
	const struct rom_command *command = &rom->command;

	request->on |= ROM_ON_GETSTATUS;
	if (rom->state == DFU_DNBUSY)
		request->on |= ROM_ON_BUSY_STATUS;
	if ((rom->state == DFU_DNBUSY && rom->mass_pending) ||
	    (rom->state == DFU_DNLOAD_SYNC && command->kind == COMMAND_MASS &&
	     !rom->config->mass_in_second)) {
		request->on |= ROM_ON_OP_MASS;
		request->span = UINT32_MAX;
		return;
	}
	if (rom->state != DFU_DNLOAD_SYNC)
		return;
	request->has_block = true;
	request->block = command->block;
	request->address = command->address;
	if (command->kind == COMMAND_WRITE) {
		/* A write to RAM programs nothing. */
		if (rom_region(rom, command->address, 1) != REGION_RAM)
			request->on |= ROM_ON_OP_PROGRAM;
		request->span = command->length;
	} else if (command->kind == COMMAND_ERASE) {
		request->on |= ROM_ON_OP_ERASE;
		request->address -= request->address % rom->config->part.sector_bytes;
		request->span = rom->config->part.sector_bytes;
	}
}

void rom_dfu_classify(const struct rom *rom, struct rom_request *request)
{
	request->on |= ROM_ON_CLASS;
	switch (request->code) {
	case DFU_DNLOAD:
		if (!(request->type & 0x80))
			classify_dnload(rom, request);
		break;
	case DFU_UPLOAD:
		request->on |= ROM_ON_UPLOAD;
		request->has_block = true;
		request->block = request->value;
		if (request->value >= 2) {
			request->on |= ROM_ON_READ;
			request->address = rom_block_address(rom, request->value, request->length);
			request->span = request->length;
		}
		break;
	case DFU_GETSTATUS:
		classify_getstatus(rom, request);
		break;
	case DFU_GETSTATE:
		request->on |= ROM_ON_GETSTATE;
		break;
	case DFU_CLRSTATUS:
		request->on |= ROM_ON_CLRSTATUS;
		break;
	case DFU_ABORT:
		request->on |= ROM_ON_ABORT;
		break;
	default:
		break;
	}
}

static void dnload(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	rom_count_dnload(rom, request);
	if (rom->state != DFU_IDLE && rom->state != DFU_DNLOAD_IDLE) {
		unexpected(rom, result);
		return;
	}
	if (request->length > rom->config->real_transfer_size) {
		rom_fail(rom, result, DFU_ERR_STALLEDPKT);
		return;
	}
	if (request->length == 0) {
		if (rom->config->leave == ROM_LEAVE_REFUSES) {
			unexpected(rom, result);
			return;
		}
		rom->state = DFU_MANIFEST_SYNC;
		return;
	}
	rom_parse_command(rom, request, &rom->command);
	if (rom->command.kind == COMMAND_MASS && rom->config->mass_erase == ROM_MASS_STALLS) {
		rom->command.kind = COMMAND_NONE;
		unexpected(rom, result);
		return;
	}
	memcpy(rom->command.data, request->out, request->length);
	rom->state = DFU_DNLOAD_SYNC;
	result->length = request->length;
}

static void upload(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	static const uint8_t commands[] = {0x00, DFUSE_POINTER, DFUSE_ERASE, DFUSE_UNPROTECT};
	const uint16_t most = rom->config->real_transfer_size;
	const uint16_t length = request->length < most ? request->length : most;
	enum dfu_status status;

	rom->counters.uploads++;
	if (rom->state != DFU_IDLE && rom->state != DFU_UPLOAD_IDLE) {
		unexpected(rom, result);
		return;
	}
	if (request->value < 2 && rom->config->personality == ROM_PERSONALITY_RESIDENT) {
		result->answer = ROM_SILENT;
		return;
	}
	if (request->value == 1) {
		rom->counters.value_one++;
		rom_fail(rom, result, DFU_ERR_STALLEDPKT);
		return;
	}
	if (request->value == 0) {
		result->length = length < sizeof(commands) ? length : sizeof(commands);
		memcpy(result->data, commands, result->length);
		rom->state = DFU_UPLOAD_IDLE;
		return;
	}
	if (request->value > 2 && length < most)
		rom->counters.short_numbered++;
	rom->has_read = true;
	status = length > 0 ? rom_read(rom, request, length, result) : DFU_OK;
	if (status != DFU_OK) {
		rom_fail(rom, result, status);
	} else if (rom->refused_empty) {
		rom->refused_empty = false;
		rom->state = DFU_ERROR;
		rom->status = DFU_ERR_VENDOR;
		rom->clears_due = 1;
		result->length = 0;
	} else if (result->answer == ROM_ACK) {
		rom->state = DFU_UPLOAD_IDLE;
		rom->counters.bytes_uploaded += length;
		result->length = length;
	}
}

static void set_outcome(struct rom *rom)
{
	rom->state = rom->failure == DFU_OK ? DFU_DNLOAD_IDLE : DFU_ERROR;
	rom->status = rom->failure;
	rom->failure = DFU_OK;
	rom->poll_ms = rom->config->poll_idle_ms;
}

static void getstatus(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	uint8_t reported;

	rom->counters.getstatuses++;
	if (rom->state == DFU_DNBUSY && request->now < rom->poll_end) {
		rom->counters.early_polls++;
		if (rom->config->early_poll_stalls) {
			result->answer = ROM_STALL;
			return;
		}
	}
	reported = rom->state;
	if (rom->state == DFU_DNLOAD_SYNC) {
		rom_operate(rom, request->now, result);
		reported = rom->state;
	} else if (rom->state == DFU_DNBUSY && !rom->wedged) {
		if (rom->mass_pending)
			rom_operate_mass(rom, request->now, result);
		set_outcome(rom);
		reported = rom->state;
	} else if (rom->state == DFU_DNBUSY) {
		rom->counters.wedged_asks++;
		rom_repeat_erase(rom, request->now);
	} else if (rom->state == DFU_MANIFEST_SYNC) {
		reported = DFU_MANIFEST;
		rom_manifest(rom, request->now, result);
	} else {
		rom->poll_ms = rom->config->poll_idle_ms;
	}
	if (rom->state == DFU_DNBUSY && rom->failure != DFU_OK && rom->config->errors_at_first) {
		set_outcome(rom);
		reported = rom->state;
	}
	if (result->answer != ROM_ACK)
		return;
	result->data[0] = rom->status;
	result->data[1] = (uint8_t)rom->poll_ms;
	result->data[2] = (uint8_t)(rom->poll_ms >> 8);
	result->data[3] = (uint8_t)(rom->poll_ms >> 16);
	result->data[4] = reported;
	result->data[5] =
		rom->status != DFU_OK && rom->config->status_string[0] ? ROM_STATUS_STRING : 0;
	result->length = request->length < 6 ? request->length : 6;
	/* A program in flash reports an error once. */
	if (rom->config->personality == ROM_PERSONALITY_RESIDENT && rom->state == DFU_ERROR) {
		rom->state = DFU_IDLE;
		rom->status = DFU_OK;
	}
}

static void clrstatus(struct rom *rom, struct rom_result *result)
{
	const enum rom_clear clear = rom->wedged ? ROM_CLEAR_ERRS : rom->config->clear;

	if (rom->state == DFU_ERROR && rom->clears_due > 0) {
		rom->clears_due--;
		return;
	}
	if (rom->state == DFU_ERROR || (rom->state == DFU_IDLE && clear == ROM_CLEAR_IDLES)) {
		rom->state = DFU_IDLE;
		rom->status = DFU_OK;
		rom->command.kind = COMMAND_NONE;
		rom->mass_pending = false;
		return;
	}
	switch (clear) {
	case ROM_CLEAR_STALLS:
		unexpected(rom, result);
		break;
	case ROM_CLEAR_ERRS:
		rom->wedged = false;
		rom->state = DFU_ERROR;
		rom->status = DFU_ERR_UNKNOWN;
		break;
	case ROM_CLEAR_IDLES:
		rom->state = DFU_IDLE;
		rom->status = DFU_OK;
		break;
	}
}

static void abort_request(struct rom *rom, struct rom_result *result)
{
	switch (rom->config->personality == ROM_PERSONALITY_RESIDENT ? DFU_IDLE : rom->state) {
	case DFU_IDLE:
	case DFU_DNLOAD_SYNC:
	case DFU_DNLOAD_IDLE:
	case DFU_MANIFEST_SYNC:
	case DFU_UPLOAD_IDLE:
		rom->state = DFU_IDLE;
		rom->status = DFU_OK;
		rom->command.kind = COMMAND_NONE;
		break;
	default:
		unexpected(rom, result);
		break;
	}
}

void rom_dfu(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	const bool in = (request->type & 0x80) != 0;
	const bool is_in = request->code == DFU_UPLOAD || request->code == DFU_GETSTATUS ||
			   request->code == DFU_GETSTATE;

	if (request->index != 0 || in != is_in) {
		unexpected(rom, result);
		return;
	}
	if (rom->config->personality == ROM_PERSONALITY_ST_DFU_CLASS) {
		rom_class(rom, request, result);
		return;
	}
	switch (request->code) {
	case DFU_DNLOAD:
		dnload(rom, request, result);
		break;
	case DFU_UPLOAD:
		upload(rom, request, result);
		break;
	case DFU_GETSTATUS:
		getstatus(rom, request, result);
		break;
	case DFU_CLRSTATUS:
		clrstatus(rom, result);
		break;
	case DFU_GETSTATE:
		result->data[0] = rom->clears_due > 0 ? 11 : rom->state;
		result->length = request->length < 1 ? 0 : 1;
		break;
	case DFU_ABORT:
		abort_request(rom, result);
		break;
	default:
		unexpected(rom, result);
		break;
	}
}
