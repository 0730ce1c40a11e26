/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The faults of the fleet file: which ones apply to a request, and how they change it. */
#include <string.h>

#include "rom_internal.h"
#include "rom_random.h"

#define WATCHDOG_NS (8000 * ROM_MS) /* longer than any sector takes */

static bool fits(const struct rom_fault *fault, const struct rom_request *request)
{
	const uint32_t on = fault->on ? fault->on : rom_fault_default_on(fault->kind);
	const uint64_t length = fault->length > 0 ? fault->length : 1;

	if ((on & request->on) == 0)
		return false;
	if (fault->has_block && (!request->has_block || request->block != fault->block))
		return false;
	return !fault->has_address || ((uint64_t)fault->address + length > request->address &&
				       fault->address < (uint64_t)request->address + request->span);
}

void rom_fault_arm(struct rom *rom, const struct rom_request *request)
{
	for (unsigned i = 0; i < rom->config->faults; i++) {
		const struct rom_fault *fault = &rom->config->fault[i];

		if (!fits(fault, request))
			continue;
		rom->fits[i]++;
		if (rom->fits[i] < fault->nth ||
		    (fault->count > 0 && rom->strikes[i] >= fault->count))
			continue;
		if (fault->chance > 0 && !rom_chance(&rom->random, fault->chance))
			continue;
		rom->struck[i] = true;
		rom->strikes[i]++;
		rom->counters.faults_struck++;
	}
}

const struct rom_fault *rom_struck(const struct rom *rom, enum rom_fault_kind kind)
{
	for (unsigned i = 0; i < rom->config->faults; i++)
		if (rom->struck[i] && rom->config->fault[i].kind == kind)
			return &rom->config->fault[i];
	return NULL;
}

bool rom_fault_before(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	const struct rom_fault *fault;

	if (rom_struck(rom, ROM_FAULT_HANG)) {
		rom_hang(rom, result);
		return true;
	}
	if (rom_struck(rom, ROM_FAULT_SILENT)) {
		result->answer = ROM_SILENT;
		return true;
	}
	if (rom_struck(rom, ROM_FAULT_STALL_LATCH)) {
		rom->latched = true;
		result->answer = ROM_STALL;
		return true;
	}
	fault = rom_struck(rom, ROM_FAULT_STALL_ERROR);
	if (fault) {
		rom_fail(rom, result, fault->has_value ? fault->value : DFU_ERR_UNKNOWN);
		return true;
	}
	if (rom_struck(rom, ROM_FAULT_STALL)) {
		result->answer = ROM_STALL;
		/* A refused one counts as stray, too. */
		if (request->on & ROM_ON_DNLOAD && rom->state != DFU_IDLE &&
		    rom->state != DFU_DNLOAD_IDLE)
			rom->counters.stray_downloads++;
		return true;
	}
	return false;
}

static void change_status(struct rom *rom, struct rom_result *result)
{
	const struct rom_fault *fault;

	if (result->length < 6)
		return;
	fault = rom_struck(rom, ROM_FAULT_BAD_STATUS);
	if (fault)
		result->data[0] = (uint8_t)fault->value;
	fault = rom_struck(rom, ROM_FAULT_POLL);
	if (fault) {
		result->data[1] = (uint8_t)fault->value;
		result->data[2] = (uint8_t)(fault->value >> 8);
		result->data[3] = (uint8_t)(fault->value >> 16);
		rom->poll_ms = fault->value & 0xFFFFFF;
	}
	fault = rom_struck(rom, ROM_FAULT_BAD_STATE);
	if (fault)
		result->data[4] = (uint8_t)fault->value;
}

static void change_upload(struct rom *rom, const struct rom_request *request,
			  struct rom_result *result)
{
	const struct rom_fault *fault = rom_struck(rom, ROM_FAULT_SHORT_UPLOAD);
	size_t at = 0;

	if (fault && fault->value < result->length)
		result->length = fault->value;
	if (rom_struck(rom, ROM_FAULT_LONG_UPLOAD))
		result->babble = true;
	fault = rom_struck(rom, ROM_FAULT_WRONG_DATA);
	if (!fault)
		return;
	if (fault->has_address && fault->address > request->address)
		at = fault->address - request->address;
	if (at < result->length)
		result->data[at] ^= (uint8_t)(1u << (fault->bit & 7));
}

void rom_fault_after(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	const struct rom_fault *fault = rom_struck(rom, ROM_FAULT_SLOW);

	if (fault)
		result->ns += fault->ns;
	if (result->answer != ROM_ACK)
		return;
	if (request->on & ROM_ON_GETSTATUS)
		change_status(rom, result);
	if (request->on & ROM_ON_GETSTATE) {
		fault = rom_struck(rom, ROM_FAULT_BAD_STATE);
		if (fault)
			result->data[0] = (uint8_t)fault->value;
	}
	if (request->on & ROM_ON_UPLOAD)
		change_upload(rom, request, result);
	if (rom_struck(rom, ROM_FAULT_MUTE))
		result->answer = ROM_SILENT;
}

/* The new board is blank: the first one took its flash along. */
void rom_swap(struct rom *rom)
{
	rom->next = ROM_NEXT_BOOTLOADER; /* BOOT0 was held for it */
	flash_wipe(&rom->flash);
	for (size_t i = 0; i < sizeof(rom->uid); i++)
		rom->uid[i] = (uint8_t)rom_random(&rom->random);
}

/* The watchdog resets the part in a long erase. */
static void bite(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	if (!rom_watchdog_runs(rom) || result->leaves || result->ns < WATCHDOG_NS)
		return;
	result->answer = ROM_GONE;
	result->ns = WATCHDOG_NS;
	result->length = 0;
	result->leaves = true;
	result->away_ns = rom->config->return_ns;
	rom_off(rom, request->now + result->ns);
}

void rom_fault_power(struct rom *rom, const struct rom_request *request, struct rom_result *result)
{
	const struct rom_fault *swap = rom_struck(rom, ROM_FAULT_SWAP);
	const struct rom_fault *fault = swap ? swap : rom_struck(rom, ROM_FAULT_VANISH);

	if (!fault) {
		bite(rom, request, result);
		return;
	}
	if (fault->ns < result->ns || result->answer == ROM_SILENT) {
		result->answer = ROM_GONE;
		result->ns = fault->ns;
		result->length = 0;
		result->babble = false;
	}
	result->leaves = true;
	result->away_ns = fault->away_ns;
	memcpy(result->returns_at, fault->port, sizeof(result->returns_at));
	rom_off(rom, request->now + result->ns);
	if (swap)
		rom_swap(rom);
}

bool rom_fault_call(struct rom *rom, uint32_t on, uint64_t now, struct rom_result *result)
{
	const struct rom_request request = {.now = now, .on = on};

	*result = (struct rom_result){.answer = ROM_ACK};
	memset(rom->struck, 0, sizeof(rom->struck));
	rom_fault_arm(rom, &request);
	rom_fault_power(rom, &request, result);
	return result->leaves;
}

void rom_fault_defects(struct rom *rom, struct flash_operation *op, uint32_t address)
{
	for (unsigned i = 0; i < rom->config->faults; i++) {
		const struct rom_fault *fault = &rom->config->fault[i];
		struct flash_defect *defect = &op->defect[op->defects];
		const uint32_t at = fault->has_address ? fault->address : address;

		if (!rom->struck[i] ||
		    (fault->kind != ROM_FAULT_FLIP && fault->kind != ROM_FAULT_STUCK) ||
		    !rom_flash_offset(rom, at, &defect->offset))
			continue;
		defect->bit = fault->bit;
		defect->how = fault->kind == ROM_FAULT_FLIP ? FLASH_FLIP
			      : fault->value                ? FLASH_STUCK_1
							    : FLASH_STUCK_0;
		op->defects++;
	}
}
