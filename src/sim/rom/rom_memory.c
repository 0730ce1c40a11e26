/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address space: the memory at each address, and reads of it. */
#include <string.h>

#include "rom_internal.h"
#include "rom_random.h"

#define WATCHDOG_BY_SOFTWARE (UINT32_C(1) << 4) /* IWDG1_SW of OPTSR */

struct range {
	enum rom_region region;
	uint32_t start, bytes;
};

static const struct range common[] = {
	{REGION_RAM, 0x20000000, 0x20000}, /* DTCM */
	{REGION_RAM, 0x24000000, 0x80000}, /* AXI SRAM */
	{REGION_OPTION, OPTION_START, OPTION_BYTES},
};
static const struct range h74x[] = {{REGION_SYSTEM, 0x1FF00000, 0x20000}};
static const struct range h7a3[] = {
	{REGION_SYSTEM, 0x1FF00000, 0x14000},
	{REGION_SYSTEM, 0x08FFF800, 0x20},
	{REGION_OTP, 0x08FFF000, 0x400},
	/* as the layout strings have it, one digit short */
	{REGION_OTP, 0x01FF7000, 0x400},
	{REGION_OPTION, 0x01FF8000, OPTION_BYTES},
};

static bool within(uint32_t address, uint32_t length, uint32_t start, uint32_t bytes)
{
	return address >= start && address - start < bytes && length <= bytes - (address - start);
}

static bool overlap(uint32_t a, uint32_t a_bytes, uint32_t b, uint32_t b_bytes)
{
	return (uint64_t)a < (uint64_t)b + b_bytes && (uint64_t)b < (uint64_t)a + a_bytes;
}

bool rom_flash_offset(const struct rom *rom, uint32_t address, uint32_t *offset)
{
	const struct rom_part *part = &rom->config->part;
	const uint32_t bank_bytes = part->sectors * part->sector_bytes;
	uint32_t bank = address >= BANK2_START && part->banks == 2;
	const uint32_t start = bank ? BANK2_START : FLASH_START;

	if (!within(address, 1, start, bank_bytes))
		return false;
	if (rom->swapped && part->banks == 2)
		bank ^= 1;
	*offset = bank * bank_bytes + (address - start);
	return true;
}

static bool in_flash(const struct rom *rom, uint32_t address, uint32_t length)
{
	const struct rom_part *part = &rom->config->part;
	uint32_t bytes = part->sectors * part->sector_bytes;

	if (part->banks == 2 && FLASH_START + bytes == BANK2_START)
		return within(address, length, FLASH_START, 2 * bytes);
	return within(address, length, FLASH_START, bytes) ||
	       (part->banks == 2 && within(address, length, BANK2_START, bytes));
}

static enum rom_region find(const struct range *ranges, size_t count, uint32_t address,
			    uint32_t length)
{
	for (size_t i = 0; i < count; i++)
		if (within(address, length, ranges[i].start, ranges[i].bytes))
			return ranges[i].region;
	return REGION_NONE;
}

enum rom_region rom_region(const struct rom *rom, uint32_t address, uint32_t length)
{
	static const enum rom_region of_alt[ROM_ALTS_MAX] = {REGION_FLASH, REGION_OPTION,
							     REGION_OTP};
	enum rom_region region;

	if (in_flash(rom, address, length))
		region = REGION_FLASH;
	else if (rom->config->part.series == ROM_SERIES_H7A3)
		region = find(h7a3, sizeof(h7a3) / sizeof(h7a3[0]), address, length);
	else
		region = find(h74x, sizeof(h74x) / sizeof(h74x[0]), address, length);
	if (region == REGION_NONE)
		region = find(common, sizeof(common) / sizeof(common[0]), address, length);
	if (rom->config->alt_confined && region != of_alt[rom->alt])
		return REGION_NONE;
	return region;
}

static void overlay(uint8_t *out, uint32_t address, uint32_t length, uint32_t at,
		    const uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (within(at + i, 1, address, length))
			out[at + i - address] = bytes[i];
}

static enum dfu_status read_system(struct rom *rom, uint32_t address, uint32_t length, uint8_t *out)
{
	const struct rom_config *config = rom->config;
	const struct rom_part *part = &config->part;
	const uint8_t kib[2] = {(uint8_t)part->flash_kib, (uint8_t)(part->flash_kib >> 8)};

	if (((config->refuse & ROM_REFUSE_ID) && overlap(address, length, part->id_address, 1)) ||
	    ((config->refuse & ROM_REFUSE_UID) &&
	     overlap(address, length, part->uid_address, ROM_UID_BYTES)) ||
	    ((config->refuse & ROM_REFUSE_SIZE) && overlap(address, length, part->size_address, 2)))
		return (enum dfu_status)config->refuse_status;
	for (uint32_t i = 0; i < length; i++) {
		uint64_t code = address + i; /* instead of the ROM's own code */

		out[i] = (uint8_t)rom_random(&code);
	}
	overlay(out, address, length, part->id_address, &config->id, 1);
	overlay(out, address, length, part->uid_address, rom->uid, ROM_UID_BYTES);
	if (config->uid_unstable && overlap(address, length, part->uid_address, ROM_UID_BYTES))
		out[0] ^= (uint8_t)(1 + rom_random(&rom->random) % 255);
	overlay(out, address, length, part->size_address, kib, 2);
	return DFU_OK;
}

/* Where it lies in the option bytes: `address` is in REGION_OPTION. */
static uint32_t option_offset(uint32_t address)
{
	return address - (address >= OPTION_START ? OPTION_START : 0x01FF8000);
}

static enum dfu_status read_options(const struct rom *rom, uint32_t address, uint32_t length,
				    uint8_t *out)
{
	const uint32_t offset = option_offset(address);
	const uint32_t whole = rom->config->part.series == ROM_SERIES_H72X ? 88 : 128;

	if (rom->config->refuse & ROM_REFUSE_OPTIONS)
		return DFU_ERR_TARGET;
	if (rom->config->option_whole && (offset != 0 || length < whole))
		return DFU_ERR_TARGET;
	memcpy(out, rom->option + offset, length);
	return DFU_OK;
}

static enum dfu_status read_flash(struct rom *rom, uint64_t now, uint32_t address, uint32_t length,
				  struct rom_result *result)
{
	size_t broken = 0;

	if (!rom_touch_flash(rom, now, result))
		return DFU_OK; /* the part hangs */
	for (uint32_t done = 0; done < length;) {
		const uint32_t at = address + done;
		const uint32_t page = FLASH_PAGE - at % FLASH_PAGE;
		const uint32_t here = length - done < page ? length - done : page;
		uint32_t offset;

		if (!rom_flash_offset(rom, at, &offset))
			return DFU_ERR_TARGET;
		broken += flash_read(&rom->flash, offset, here, result->data + done);
		done += here;
	}
	if (broken == 0)
		return DFU_OK;
	rom->counters.broken_reads++;
	switch (rom->config->broken) {
	case ROM_BROKEN_ERRS:
		return DFU_ERR_VENDOR;
	case ROM_BROKEN_STALLS:
		result->answer = ROM_STALL;
		break;
	case ROM_BROKEN_HANGS:
		rom_hang(rom, result);
		break;
	case ROM_BROKEN_SILENT:
		result->answer = ROM_SILENT;
		break;
	case ROM_BROKEN_GARBAGE:
		break;
	}
	return DFU_OK;
}

/* Bytes of another chip's memory that the configuration lists. */
static bool read_listed(const struct rom *rom, uint32_t address, uint32_t length, uint8_t *out)
{
	for (unsigned i = 0; i < rom->config->memories; i++) {
		const struct rom_memory *memory = &rom->config->memory[i];

		if (within(address, length, memory->address, memory->length)) {
			memcpy(out, memory->bytes + (address - memory->address), length);
			return true;
		}
	}
	return false;
}

static enum dfu_status refuse_protected(struct rom *rom, struct rom_result *result)
{
	switch (rom->config->protect) {
	case ROM_PROTECT_ERRS:
		break;
	case ROM_PROTECT_STALLS:
		result->answer = ROM_STALL;
		return DFU_OK;
	case ROM_PROTECT_EMPTY:
		rom->refused_empty = true;
		return DFU_OK;
	}
	return DFU_ERR_VENDOR;
}

enum dfu_status rom_read(struct rom *rom, const struct rom_request *request, uint32_t length,
			 struct rom_result *result)
{
	const uint32_t address = request->address;
	const enum rom_region region = rom_region(rom, address, length);

	if (read_listed(rom, address, length, result->data))
		return DFU_OK;
	if (region == REGION_NONE)
		return DFU_ERR_TARGET;
	if (rom->rdp != 0xAA)
		return refuse_protected(rom, result);
	if (region == REGION_SYSTEM && rom->config->system_echo)
		return read_flash(rom, request->now, FLASH_START, length, result);
	switch (region) {
	case REGION_FLASH:
		return read_flash(rom, request->now, address, length, result);
	case REGION_SYSTEM:
		return read_system(rom, address, length, result->data);
	case REGION_OPTION:
		return read_options(rom, address, length, result->data);
	case REGION_OTP:
		memset(result->data, 0xFF, length);
		return DFU_OK;
	default:
		memset(result->data, 0, length); /* RAM: writes are not kept */
		return DFU_OK;
	}
}

/* RM0433, FLASH registers; the factory values are all "off". */
void rom_options_init(struct rom *rom)
{
	const struct rom_config *config = rom->config;
	uint32_t optsr = 0x1BC600F0 | (uint32_t)config->rdp << 8;

	if (config->security)
		optsr |= UINT32_C(1) << 21;
	if (config->watchdog)
		optsr &= ~WATCHDOG_BY_SOFTWARE;
	if (config->swap_bank)
		optsr |= UINT32_C(1) << 31;
	memset(rom->option, 0, sizeof(rom->option));
	for (uint32_t twin = 0; twin <= 4; twin += 4) { /* CUR and PRG registers alternate */
		rom_put32(rom->option + 0x00 + twin, optsr);
		for (uint32_t bank = 0; bank < config->part.banks; bank++) {
			uint8_t *base = rom->option + bank * 0x100 + twin;
			uint32_t wpsn = 0xFF;

			if (config->part.series == ROM_SERIES_H7A3) {
				wpsn = 0xFFFFFFFF; /* a bit for four sectors */
				for (uint32_t s = 0; s < config->part.sectors; s++)
					if (config->wrp[bank][s / 32] >> (s % 32) & 1)
						wpsn &= ~(UINT32_C(1) << (s / 4));
			} else {
				wpsn &= ~config->wrp[bank][0];
			}
			rom_put32(base + 0x0C, 0x000000FF); /* PRAR: start after end */
			rom_put32(base + 0x14, 0x000000FF); /* SCAR */
			rom_put32(base + 0x1C, wpsn);
		}
		rom_put32(rom->option + 0x24 + twin, 0x1FF00800); /* BOOT */
	}
}

/* A read unprotect leaves the factory values, without write protection. */
void rom_options_reset(struct rom *rom)
{
	for (uint32_t twin = 0; twin <= 4; twin += 4) {
		rom_put32(rom->option + twin, 0x1BC6AAF0);
		rom_put32(rom->option + 0x24 + twin, 0x1FF00800);
		for (uint32_t bank = 0; bank < rom->config->part.banks; bank++)
			rom_put32(rom->option + bank * 0x100 + 0x1C + twin,
				  rom->config->part.series == ROM_SERIES_H7A3 ? 0xFFFFFFFF : 0xFF);
	}
	memset(rom->flash.guarded, 0, sizeof(rom->flash.guarded));
}

bool rom_watchdog_runs(const struct rom *rom)
{
	return !(rom_get32(rom->option) & WATCHDOG_BY_SOFTWARE);
}

uint32_t rom_option_status(const struct rom *rom)
{
	return rom_get32(rom->option);
}

const uint8_t *rom_option_bytes(const struct rom *rom, size_t *length)
{
	*length = sizeof(rom->option);
	return rom->option;
}

void rom_options_load(struct rom *rom)
{
	rom->rdp = rom->option[1];
	rom->swapped = (rom->option[3] & 0x80) != 0;
}

/* FLASH_BOOT_CUR, low half (RM0433 4.9.17) */
uint32_t rom_cold_address(const struct rom *rom)
{
	return rom_get32(rom->option + 0x24) << 16;
}

/* WPSN of each bank, 0 protects: of one sector a bit, or of four (RM0433 4.9.21, RM0455). */
static void guard_by_options(struct rom *rom)
{
	const struct rom_part *part = &rom->config->part;
	const uint32_t each = part->series == ROM_SERIES_H7A3 ? 4 : 1;

	for (uint32_t s = 0; s < part->banks * part->sectors; s++) {
		const uint32_t bank = s / part->sectors;
		const uint32_t wpsn = rom_get32(rom->option + bank * 0x100 + 0x1C);

		rom->flash.guarded[s] = flash_is_secure(&rom->flash, s) ||
					!(wpsn >> (s % part->sectors / each) & 1);
	}
}

enum dfu_status rom_options_write(struct rom *rom, uint32_t address, const uint8_t *data,
				  uint32_t length)
{
	if (rom->config->option_write == ROM_OPTION_REFUSES)
		return DFU_ERR_WRITE;
	if (rom->config->option_write == ROM_OPTION_TAKES) {
		memcpy(rom->option + option_offset(address), data, length);
		rom->rdp = rom->option[1]; /* in force at once; a bank swap waits for a reset */
		guard_by_options(rom);
	}
	return DFU_OK;
}
