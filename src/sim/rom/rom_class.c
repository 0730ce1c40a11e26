/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The personality st-dfu-class: the DFU class of ST's published USB device library
 * (stm32_mw_usb_device v2.11.3, usbd_dfu.c), run as a ROM. An operation runs when the IN data stage
 * of GETSTATUS was acknowledged, so the state between the two GETSTATUS is dfuDNLOAD-SYNC. */
#include <string.h>

#include "rom_internal.h"

enum {
	STATE_OF_A_FAILED_UPLOAD = 15, /* the library stores a status where a state belongs */
	LONGEST_LIST = 3
};

static void clear_command(struct rom *rom)
{
	rom->command.kind = COMMAND_NONE;
	rom->wedged = false;
}

static void dnload(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	rom_count_dnload(rom, request);
	if (rom->state != DFU_IDLE && rom->state != DFU_DNLOAD_IDLE) {
		result->answer = ROM_STALL;
		return;
	}
	if (request->length > rom->config->real_transfer_size) {
		result->answer = ROM_SILENT; /* takes it, then NAKs */
		return;
	}
	if (request->length == 0) {
		if (rom->config->leave == ROM_LEAVE_REFUSES)
			result->answer = ROM_STALL;
		else
			rom->state = DFU_MANIFEST_SYNC;
		return;
	}
	rom_parse_command(rom, request, &rom->command);
	/* The end of an earlier, longer block stays in the buffer. */
	memcpy(rom->command.data, request->out, request->length);
	rom->state = DFU_DNLOAD_SYNC;
	result->length = request->length;
}

static void refuse_upload(struct rom *rom, struct rom_result *result)
{
	rom->state = STATE_OF_A_FAILED_UPLOAD;
	rom->status = DFU_OK;
	if (result->answer == ROM_ACK)
		result->answer = ROM_STALL;
}

static void list_commands(struct rom *rom, const struct rom_request *request,
			  struct rom_result *result)
{
	static const uint8_t commands[LONGEST_LIST] = {0x00, DFUSE_POINTER, DFUSE_ERASE};

	rom->state = request->length > LONGEST_LIST ? DFU_IDLE : DFU_UPLOAD_IDLE;
	result->length = request->length < LONGEST_LIST ? request->length : LONGEST_LIST;
	memcpy(result->data, commands, result->length);
}

static void upload(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	const uint16_t most = rom->config->real_transfer_size;
	const uint16_t length = request->length < most ? request->length : most;
	enum dfu_status status;

	rom->counters.uploads++;
	if (rom->state != DFU_IDLE && rom->state != DFU_UPLOAD_IDLE) {
		result->answer = ROM_STALL;
		return;
	}
	if (request->value == 0) {
		list_commands(rom, request, result);
		return;
	}
	if (request->value == 1) {
		rom->counters.value_one++;
		refuse_upload(rom, result);
		return;
	}
	if (request->value > 2 && length < most)
		rom->counters.short_numbered++;
	rom->has_read = true;
	status = length > 0 ? rom_read(rom, request, length, result) : DFU_OK;
	if (status != DFU_OK || result->answer == ROM_STALL || rom->refused_empty) {
		rom->refused_empty = false;
		refuse_upload(rom, result);
	} else if (result->answer == ROM_ACK) {
		rom->state = DFU_UPLOAD_IDLE;
		rom->counters.bytes_uploaded += length;
		result->length = length;
	}
}

/* The flash driver writes whole words: older bytes of the buffer follow a short block. */
static void round_up(struct rom *rom)
{
	const uint32_t word = rom->config->part.word_bytes;
	const uint32_t tail = rom->command.length % word;

	if (rom_region(rom, rom->command.address, 1) == REGION_FLASH && tail > 0 &&
	    rom->command.length + word - tail <= ROM_DATA_MAX)
		rom->command.length = (uint16_t)(rom->command.length + word - tail);
}

/* Behind the data stage. */
static void carry_out(struct rom *rom, uint64_t now, struct rom_result *result)
{
	const uint32_t address = rom->command.address;
	const int kind = (int)rom->command.kind;

	switch (kind) {
	case COMMAND_UNKNOWN:
		return; /* stays dfuDNBUSY */
	case COMMAND_POINTER:
		rom->pointer = address;
		break;
	case COMMAND_ERASE:
		rom_operate(rom, now, result);
		if (rom->wedged) {
			rom->command.kind = COMMAND_ERASE; /* for its poll time */
			return;
		}
		break;
	case COMMAND_WRITE:
		round_up(rom);
		rom_operate(rom, now, result);
		break;
	default:
		/* Mass erase and read unprotect: acknowledged, but not done. */
		break;
	}
	rom->command.kind = COMMAND_NONE;
	rom->state = rom->failure == DFU_OK ? DFU_DNLOAD_SYNC : DFU_ERROR;
	rom->status = rom->failure == DFU_OK ? DFU_OK : DFU_ERR_VENDOR;
	rom->failure = DFU_OK;
}

static uint32_t poll_time(const struct rom *rom)
{
	const struct rom_config *config = rom->config;

	switch (rom->command.kind) {
	case COMMAND_ERASE:
		return config->poll_erase_ms % 256;
	case COMMAND_MASS:
		return config->poll_mass_ms % 256;
	case COMMAND_WRITE:
		return config->poll_write_ms % 256;
	default:
		return config->poll_pointer_ms % 256;
	}
}

static void put_status(struct rom *rom, const struct rom_request *request,
		       struct rom_result *result)
{
	const uint8_t answer[6] = {rom->status, (uint8_t)rom->poll_ms, 0, 0, rom->state, 0};

	memcpy(result->data, answer, sizeof(answer));
	result->length = request->length < 6 ? request->length : 6;
}

static void getstatus(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	rom->counters.getstatuses++;
	rom->poll_ms = rom->config->poll_idle_ms % 256;
	if (rom->state == DFU_MANIFEST_SYNC) {
		rom_manifest(rom, request->now, result);
		rom->poll_ms = 1;
		rom->state = DFU_MANIFEST;
		put_status(rom, request, result);
		rom->state = DFU_MANIFEST_WAIT_RESET;
		if (result->leaves) /* the part stops before the status stage */
			result->answer = ROM_GONE;
		return;
	}
	if (rom->state == DFU_DNLOAD_SYNC) {
		const bool pending = rom->command.kind != COMMAND_NONE;

		rom->state = pending ? DFU_DNBUSY : DFU_DNLOAD_IDLE;
		rom->poll_ms = pending ? poll_time(rom) : 0;
		put_status(rom, request, result);
		if (pending)
			carry_out(rom, request->now, result);
		return;
	}
	if (rom->state == DFU_DNBUSY)
		rom->poll_ms = poll_time(rom);
	put_status(rom, request, result);
	if (rom->state == DFU_DNBUSY && rom->wedged) {
		rom->counters.wedged_asks++;
		rom_repeat_erase(rom, request->now);
	}
}

static void clrstatus(struct rom *rom)
{
	const bool was_error = rom->state == DFU_ERROR;

	rom->state = was_error ? DFU_IDLE : DFU_ERROR;
	rom->status = was_error ? DFU_OK : DFU_ERR_UNKNOWN;
	clear_command(rom);
}

/* In dfuERROR, dfuDNBUSY and the state that is none: acknowledged and ignored. */
static void abort_request(struct rom *rom)
{
	switch (rom->state) {
	case DFU_IDLE:
	case DFU_DNLOAD_SYNC:
	case DFU_DNLOAD_IDLE:
	case DFU_MANIFEST_SYNC:
	case DFU_UPLOAD_IDLE:
		rom->state = DFU_IDLE;
		rom->status = DFU_OK;
		clear_command(rom);
		break;
	default:
		break;
	}
}

void rom_class(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
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
		clrstatus(rom);
		break;
	case DFU_GETSTATE:
		result->data[0] = rom->state;
		result->length = request->length < 1 ? 0 : 1;
		break;
	case DFU_ABORT:
		abort_request(rom);
		break;
	default:
		result->answer = ROM_STALL;
		break;
	}
}
