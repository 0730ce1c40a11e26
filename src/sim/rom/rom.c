/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a virtual part, and the dispatch of its control requests. */
#include "rom.h"

#include <stdlib.h>
#include <string.h>

#include "rom_internal.h"

enum { CONTROL_BYTES = 64, BENCH_PACKETS = 1024 / CONTROL_BYTES };

static void set_initial_state(struct rom *rom)
{
	const struct rom_config *config = rom->config;

	rom_dfu_reset(rom);
	rom->state = config->initial_state;
	if (rom->state == DFU_ERROR)
		rom->status = config->initial_status ? config->initial_status : DFU_ERR_UNKNOWN;
	if (config->initial_command == DFUSE_POINTER)
		rom->command.kind = COMMAND_POINTER;
	else if (config->initial_command == DFUSE_ERASE)
		rom->command.kind = COMMAND_ERASE;
	rom->command.address = config->initial_address;
}

struct rom *rom_new(const struct rom_config *config)
{
	struct rom *rom;

	if (config->real_transfer_size < 1 || config->real_transfer_size > ROM_DATA_MAX ||
	    config->alts < 1 || config->alts > ROM_ALTS_MAX || config->faults > ROM_FAULTS_MAX)
		return NULL;
	rom = calloc(1, sizeof(*rom));
	if (!rom)
		return NULL;
	rom->config = config;
	if (!flash_init(&rom->flash, config, &rom->counters)) {
		free(rom);
		return NULL;
	}
	rom->random = config->seed;
	memcpy(rom->uid, config->uid, sizeof(rom->uid));
	rom_options_init(rom);
	rom_options_load(rom);
	set_initial_state(rom);
	rom->on = true;
	rom->powers_up = config->powers_up;
	rom->in_app = rom->powers_up == ROM_POWERS_UP_APPLICATION &&
		      rom_app_starts(rom, rom_cold_address(rom));
	return rom;
}

void rom_free(struct rom *rom)
{
	if (!rom)
		return;
	flash_free(&rom->flash);
	free(rom);
}

/* The first known time: an erase begun by an earlier host runs from here. */
static void start(struct rom *rom, uint64_t now)
{
	if (rom->started)
		return;
	rom->started = true;
	if (rom->state == DFU_DNBUSY && rom->config->initial_busy_ns > 0)
		rom_begin_left_erase(rom, now);
}

void rom_power_off(struct rom *rom, uint64_t now)
{
	rom->next = ROM_NEXT_BY_BOOT0;
	start(rom, now);
	rom_off(rom, now);
}

static void choose_program(struct rom *rom)
{
	bool application =
		rom->next == ROM_NEXT_APPLICATION ||
		(rom->next == ROM_NEXT_BY_BOOT0 && rom->powers_up == ROM_POWERS_UP_APPLICATION);
	uint32_t address = rom->next == ROM_NEXT_APPLICATION ? (uint32_t)rom->counters.started_at
							     : rom_cold_address(rom);

	if (rom->next == ROM_NEXT_BY_BOOT0 && address == ROM_BOOT_SYSTEM)
		application = false;

	rom->next = ROM_NEXT_BY_BOOT0;
	rom->baud = 0;
	rom->in_app = application && rom_app_starts(rom, address);
	rom->in_vain = application && !rom->in_app;
}

void rom_power_on(struct rom *rom, uint64_t now)
{
	start(rom, now);
	if (rom->on)
		return;
	rom->on = true;
	rom->asked = false;
	rom->hung = false;
	rom->latched = false;
	rom->has_read = false;
	rom->inside_until = 0;
	rom->unsafe_until = 0;
	rom->configuration = 0;
	rom->alt = 0;
	rom_options_load(rom);
	rom_dfu_reset(rom);
	choose_program(rom);
}

bool rom_shows(const struct rom *rom)
{
	return !rom->in_vain;
}

bool rom_enter(struct rom *rom)
{
	if (!rom->in_app)
		return false;
	rom->next = ROM_NEXT_BOOTLOADER;
	rom->on = false;
	return true;
}

void rom_set_boot0(struct rom *rom, bool high)
{
	rom->powers_up = high ? ROM_POWERS_UP_ROM : ROM_POWERS_UP_APPLICATION;
}

void rom_settle(struct rom *rom, uint64_t now)
{
	flash_settle(&rom->flash, now);
}

void rom_bus_reset(struct rom *rom, uint64_t now)
{
	start(rom, now);
	flash_settle(&rom->flash, now);
	rom->counters.resets++;
	rom->configuration = 0;
	rom->alt = 0;
	if (rom->asked && !rom->config->reset_keeps_state && now >= rom->inside_until)
		rom_dfu_reset(rom);
}

/* Endpoint 0 of a full-speed device, between the two times that were measured. */
static uint64_t wire_ns(const struct rom_config *config, size_t length)
{
	const uint64_t packets = (length + CONTROL_BYTES - 1) / CONTROL_BYTES;
	const uint64_t spread = config->wire_block_ns > config->wire_small_ns
					? config->wire_block_ns - config->wire_small_ns
					: 0;

	if (packets <= 1)
		return config->wire_small_ns;
	return config->wire_small_ns + spread * (packets - 1) / (BENCH_PACKETS - 1);
}

static bool parse(struct rom_request *request, const uint8_t setup[8], const uint8_t *out,
		  size_t out_length)
{
	request->type = setup[0];
	request->code = setup[1];
	request->value = (uint16_t)(setup[2] | setup[3] << 8);
	request->index = (uint16_t)(setup[4] | setup[5] << 8);
	request->length = (uint16_t)(setup[6] | setup[7] << 8);
	request->out = out;
	if (request->type & 0x80)
		return true;
	return request->length <= ROM_DATA_MAX && out_length == request->length &&
	       (out || out_length == 0);
}

static void classify(const struct rom *rom, struct rom_request *request)
{
	if ((request->type & 0x60) == 0x20) {
		rom_dfu_classify(rom, request);
	} else {
		request->on = ROM_ON_STANDARD;
		if (request->code == 6 && request->type & 0x80)
			request->on |= ROM_ON_DESCRIPTOR;
		if (request->code == 11 && !(request->type & 0x80))
			request->on |= ROM_ON_SET_INTERFACE;
	}
}

static void serve(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	switch (request->type & 0x60) {
	case 0x00:
		rom_standard(rom, request, result);
		break;
	case 0x20:
		rom->asked = true;
		rom_dfu(rom, request, result);
		break;
	default:
		result->answer = ROM_STALL;
		break;
	}
}

static void reset_result(struct rom_result *result)
{
	result->answer = ROM_ACK;
	result->ns = 0;
	result->wire_ns = 0;
	result->length = 0;
	result->babble = false;
	result->leaves = false;
	result->away_ns = 0;
	memset(result->returns_at, 0, sizeof(result->returns_at));
}

/* Adds the time on the wire, the effects of leaving, and counts. `waited` is the time before. */
static void finish(struct rom *rom, const struct rom_request *request, uint64_t waited,
		   struct rom_result *result)
{
	const size_t data = request->type & 0x80 ? result->length : request->length;
	const uint64_t wire = wire_ns(rom->config, result->answer == ROM_STALL ? 0 : data);

	result->ns += wire;
	result->wire_ns = wire;
	rom->counters.wire_ns += wire;
	if (rom->state == DFU_DNBUSY && request->on & ROM_ON_GETSTATUS && result->answer == ROM_ACK)
		rom->poll_end = request->now + result->ns + rom->poll_ms * ROM_MS;
	rom_fault_power(rom, request, result);
	if (result->leaves)
		rom_off(rom, request->now + result->ns);
	if (result->answer == ROM_STALL) {
		result->length = 0;
		rom->counters.stalls++;
	}
	if (result->wire_ns > result->ns) /* it lost its power in the middle of it */
		result->wire_ns = result->ns;
	result->ns += waited;
}

/* Counts the changes to memory that the host asks for, before any fault applies. */
static void count_sent(struct rom *rom, const struct rom_request *request)
{
	const bool unprotect = (request->on & ROM_ON_DNLOAD) && request->value == 0 &&
			       request->length == 1 && request->out[0] == DFUSE_UNPROTECT;

	if (request->on & (ROM_ON_ERASE | ROM_ON_MASS_ERASE) || unprotect)
		rom->counters.erases_sent++;
	if (request->on & ROM_ON_WRITE)
		rom->counters.writes_sent++;
}

void rom_control(struct rom *rom, uint64_t now, const uint8_t setup[8], const uint8_t *out,
		 size_t out_length, struct rom_result *result)
{
	struct rom_request request = {0};
	uint64_t waited = 0;

	reset_result(result);
	memset(rom->struck, 0, sizeof(rom->struck));
	rom_power_on(rom, now); /* a board that gets a request is connected */
	rom->counters.requests++;
	if (rom->hung) {
		result->answer = ROM_SILENT;
		result->ns = rom->config->wire_small_ns;
		return;
	}
	if (now < rom->inside_until)
		waited = rom->inside_until - now;
	request.now = now + waited;
	flash_settle(&rom->flash, request.now);
	if (rom->in_app) {
		if (parse(&request, setup, out, out_length))
			rom_app_serve(rom, &request, result);
		else
			result->answer = ROM_STALL;
		finish(rom, &request, waited, result);
		return;
	}
	if (rom->latched || !parse(&request, setup, out, out_length)) {
		result->answer = ROM_STALL;
		finish(rom, &request, waited, result);
		return;
	}
	classify(rom, &request);
	count_sent(rom, &request);
	rom_fault_arm(rom, &request);
	if (!rom_fault_before(rom, &request, result))
		serve(rom, &request, result);
	rom_fault_after(rom, &request, result);
	finish(rom, &request, waited, result);
}

size_t rom_flash_size(const struct rom *rom)
{
	return rom->flash.bytes;
}

/* Where the page that a reader finds at `index` is. */
static uint32_t physical_page(const struct rom *rom, uint32_t index)
{
	const uint32_t half = rom->flash.pages / rom->config->part.banks;

	if (!rom->swapped || rom->config->part.banks != 2)
		return index;
	return index < half ? index + half : index - half;
}

static void copy_page(const struct flash *flash, uint32_t index, uint8_t *bytes)
{
	struct flash_page page;

	flash_peek_page(flash, index, &page);
	for (uint32_t w = 0; w < FLASH_PAGE / flash->word_bytes; w++)
		if (page.word[w] == FLASH_BROKEN)
			memset(page.byte + w * flash->word_bytes, 0xEE, flash->word_bytes);
	memcpy(bytes, page.byte, FLASH_PAGE);
}

void rom_flash_copy(const struct rom *rom, uint8_t *bytes)
{
	for (uint32_t i = 0; i < rom->flash.pages; i++)
		copy_page(&rom->flash, physical_page(rom, i), bytes + (size_t)i * FLASH_PAGE);
}

enum rom_page rom_flash_page(const struct rom *rom, uint32_t index, uint8_t *bytes)
{
	const struct flash *flash = &rom->flash;
	const uint32_t at = physical_page(rom, index);

	if (!flash->page[at])
		return flash->pending[at] ? ROM_PAGE_INITIAL : ROM_PAGE_BLANK;
	copy_page(flash, at, bytes);
	return ROM_PAGE_DATA;
}

const struct rom_counters *rom_counters(const struct rom *rom)
{
	return &rom->counters;
}

const uint8_t *rom_uid(const struct rom *rom)
{
	return rom->uid;
}

size_t rom_broken_words(const struct rom *rom)
{
	return flash_count_broken(&rom->flash);
}
