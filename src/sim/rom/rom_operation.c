/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations run by the GETSTATUS after a DNLOAD, with the faults of each bootloader version. */
#include <string.h>

#include "rom_internal.h"
#include "rom_random.h"

static void set_failure(struct rom *rom, enum dfu_status by_default)
{
	const struct rom_fault *fault = rom_struck(rom, ROM_FAULT_FAIL);

	rom->failure = (uint8_t)(fault && fault->has_value ? fault->value : by_default);
}

/* Starts an erase of `ns` in the manner of the version. A wedged one is over some day, an early one
 * runs on behind the host's back, a normal one keeps this request waiting. */
static void run_erase(struct rom *rom, enum rom_sector_erase manner, const bool *sectors,
		      uint64_t start, uint64_t ns, uint64_t worst_ns, struct rom_result *result)
{
	struct flash_operation *op = flash_begin_erase(&rom->flash, start, start + ns, sectors);

	rom_fault_defects(rom, op, FLASH_START);
	rom->counters.flash_ns += ns;
	if (manner == ROM_SECTOR_NORMAL) {
		result->ns += ns;
		return;
	}
	result->ns += rom->config->early_ns;
	rom->unsafe_until = start + (worst_ns > ns ? worst_ns : ns);
	rom->unsafe_hangs = manner == ROM_SECTOR_EARLY;
	rom->wedged = manner == ROM_SECTOR_WEDGES;
}

void rom_repeat_erase(struct rom *rom, uint64_t now)
{
	const struct rom_config *config = rom->config;
	bool sectors[FLASH_SECTORS_MAX];

	if (!config->wedge_repeats)
		return;
	memcpy(sectors, rom->flash.op.erase, sizeof(sectors));
	flash_settle(&rom->flash, now);
	flash_begin_erase(&rom->flash, now, now + config->sector_ns, sectors);
	rom->unsafe_until = now + config->sector_worst_ns;
}

static bool may_change(struct rom *rom)
{
	if (rom->rdp == 0xAA)
		return true;
	rom->failure = DFU_ERR_VENDOR;
	return false;
}

static void erase_sector(struct rom *rom, uint64_t now, struct rom_result *result)
{
	const struct rom_config *config = rom->config;
	const uint32_t address = rom->command.address;
	bool sectors[FLASH_SECTORS_MAX] = {false};
	uint32_t offset;

	if (!may_change(rom))
		return;
	if (rom_region(rom, address, 1) != REGION_FLASH ||
	    !rom_flash_offset(rom, address, &offset)) {
		rom->counters.outside++;
		rom->failure = DFU_ERR_TARGET;
		return;
	}
	if (!rom_touch_flash(rom, now, result))
		return;
	if (config->erase_moves_pointer)
		rom->pointer = address;
	if (rom_struck(rom, ROM_FAULT_FAIL)) {
		set_failure(rom, DFU_ERR_ERASE);
		return;
	}
	rom->counters.sector_erases++;
	sectors[offset / config->part.sector_bytes] = !rom_struck(rom, ROM_FAULT_DROP);
	run_erase(rom, config->sector_erase[address >= BANK2_START], sectors, now + result->ns,
		  config->sector_ns, config->sector_worst_ns, result);
}

/* Sectors by physical number; which are left by a partial mass erase is the seed's choice, but at
 * least one is. */
static void choose_mass_sectors(struct rom *rom, bool *sectors)
{
	const struct rom_part *part = &rom->config->part;
	const uint32_t count = rom->flash.sectors;
	const uint32_t spared = (uint32_t)(rom_random(&rom->random) % count);

	for (uint32_t s = 0; s < count; s++) {
		sectors[s] = true;
		if (rom->config->mass_erase == ROM_MASS_PARTIAL)
			sectors[s] = s != spared && !rom_chance(&rom->random, 250000);
		else if (rom->config->mass_erase == ROM_MASS_BANK1)
			sectors[s] = (s < part->sectors) != rom->swapped;
	}
}

static void drop_mass_sectors(struct rom *rom, bool *sectors)
{
	const struct rom_fault *fault = rom_struck(rom, ROM_FAULT_DROP);
	uint32_t offset;

	if (!fault)
		return;
	if (!fault->has_address) {
		memset(sectors, 0, FLASH_SECTORS_MAX * sizeof(*sectors));
	} else if (rom_flash_offset(rom, fault->address, &offset)) {
		const uint32_t size = rom->flash.sector_bytes;
		const uint32_t last = offset + (fault->length > 0 ? fault->length - 1 : 0);

		for (uint32_t s = offset / size; s <= last / size && s < rom->flash.sectors; s++)
			sectors[s] = false;
	}
}

void rom_operate_mass(struct rom *rom, uint64_t now, struct rom_result *result)
{
	const struct rom_config *config = rom->config;
	bool sectors[FLASH_SECTORS_MAX] = {false};

	rom->mass_pending = false;
	if (!may_change(rom) || !rom_touch_flash(rom, now, result))
		return;
	if (rom_struck(rom, ROM_FAULT_FAIL)) {
		set_failure(rom, DFU_ERR_ERASE);
		return;
	}
	rom->counters.mass_erases++;
	if (config->mass_erase == ROM_MASS_NOTHING)
		return;
	choose_mass_sectors(rom, sectors);
	drop_mass_sectors(rom, sectors);
	run_erase(rom, config->mass_erase == ROM_MASS_EARLY ? ROM_SECTOR_EARLY : ROM_SECTOR_NORMAL,
		  sectors, now + result->ns, config->mass_ns, config->mass_worst_ns, result);
}

static void program(struct rom *rom, uint64_t now, struct rom_result *result)
{
	const struct rom_command *command = &rom->command;
	const uint32_t word = rom->config->part.word_bytes;
	const uint64_t words = (command->address % word + command->length + word - 1) / word;
	const uint64_t ns = words * rom->config->word_ns;
	const uint32_t bank2 = BANK2_START;
	uint64_t start;
	uint32_t offset;
	struct flash_operation *op;

	if (!rom_flash_offset(rom, command->address, &offset) || !rom_touch_flash(rom, now, result))
		return;
	if (rom_struck(rom, ROM_FAULT_FAIL)) {
		set_failure(rom, DFU_ERR_PROG);
		return;
	}
	start = now + result->ns;
	result->ns += ns;
	rom->counters.flash_ns += ns;
	if (rom_struck(rom, ROM_FAULT_DROP))
		return;
	/* A block across the border of swapped banks is not contiguous. */
	if (rom->swapped && command->address < bank2 &&
	    command->length > bank2 - command->address) {
		const uint32_t first = bank2 - command->address;

		flash_begin_program(&rom->flash, start, start, offset, command->data, first);
		flash_settle(&rom->flash, start);
		if (rom_flash_offset(rom, bank2, &offset))
			flash_begin_program(&rom->flash, start, start + ns, offset,
					    command->data + first, command->length - first);
		return;
	}
	op = flash_begin_program(&rom->flash, start, start + ns, offset, command->data,
				 command->length);
	rom_fault_defects(rom, op, command->address);
}

/* RAM that a command may address, AN2606 t.226 (H74x: the row for 0x92). */
static bool ram_is_free(const struct rom *rom, uint32_t address, uint32_t length)
{
	static const uint32_t axi_start[] = {[ROM_SERIES_H74X] = 0x24005000,
					     [ROM_SERIES_H72X] = 0x24004000,
					     [ROM_SERIES_H7A3] = 0x24034000};
	const enum rom_series series = rom->config->part.series;
	const uint32_t axi_end = series == ROM_SERIES_H72X ? 0x24050000 : 0x24080000;

	return (address >= 0x20004100 && address + length <= 0x20020000) ||
	       (address >= axi_start[series] && address + length <= axi_end);
}

/* Loses the first word of a write that follows a read, as some bootloaders do. */
static void lose_first_word(struct rom *rom)
{
	struct rom_command *command = &rom->command;
	const uint32_t lost = command->length < ROM_FIRST_WORD ? command->length : ROM_FIRST_WORD;
	const bool has_read = rom->has_read;

	rom->has_read = false;
	if (!has_read || rom->config->read_before_write == ROM_READ_KEEPS)
		return;
	command->address += lost;
	command->length = (uint16_t)(command->length - lost);
	memmove(command->data, command->data + lost, command->length);
}

/* AN3156, notes of figures 7 and 10: older families' ROMs do. */
static void reset_itself(const struct rom *rom, struct rom_result *result)
{
	if (!rom->config->option_reset)
		return;
	result->leaves = true;
	result->away_ns = rom->config->return_ns;
}

static void write_memory(struct rom *rom, uint64_t now, struct rom_result *result)
{
	const struct rom_command *command = &rom->command;

	lose_first_word(rom);
	if (command->length == 0)
		return;
	switch (rom_region(rom, command->address, command->length)) {
	case REGION_FLASH:
		if (may_change(rom))
			program(rom, now, result);
		break;
	case REGION_RAM: /* not kept, since it is never read back */
		if (!ram_is_free(rom, command->address, command->length))
			rom->counters.outside++;
		break;
	case REGION_OPTION:
		if (!may_change(rom))
			break;
		rom->failure = (uint8_t)rom_options_write(rom, command->address, command->data,
							  command->length);
		if (rom->failure == DFU_OK)
			reset_itself(rom, result);
		break;
	default:
		rom->counters.outside++;
		rom->failure = DFU_ERR_TARGET;
		break;
	}
}

/* Level 1: everything is erased and the option bytes return to their defaults; level 0: only RAM is
 * cleared. */
static void unprotect(struct rom *rom, uint64_t now, struct rom_result *result)
{
	bool all[FLASH_SECTORS_MAX];

	if (rom->rdp == 0xCC) {
		rom->failure = DFU_ERR_VENDOR;
		return;
	}
	if (rom->rdp != 0xAA) {
		if (!rom_touch_flash(rom, now, result))
			return;
		memset(all, true, sizeof(all));
		run_erase(rom, ROM_SECTOR_NORMAL, all, now + result->ns, rom->config->mass_ns, 0,
			  result);
		rom_options_reset(rom);
		rom->rdp = rom->option[1];
	}
	reset_itself(rom, result);
}

void rom_operate(struct rom *rom, uint64_t now, struct rom_result *result)
{
	const struct rom_config *config = rom->config;

	rom->state = DFU_DNBUSY;
	rom->failure = DFU_OK;
	rom->poll_ms = config->poll_pointer_ms;
	switch (rom->command.kind) {
	case COMMAND_NONE:
		break;
	case COMMAND_POINTER:
		if (rom_region(rom, rom->command.address, 1) == REGION_NONE)
			rom->failure = DFU_ERR_TARGET;
		else
			rom->pointer = rom->command.address;
		break;
	case COMMAND_ERASE:
		rom->poll_ms = config->poll_erase_ms;
		erase_sector(rom, now, result);
		break;
	case COMMAND_MASS:
		rom->poll_ms = config->poll_mass_ms;
		if (config->mass_in_second)
			rom->mass_pending = true;
		else
			rom_operate_mass(rom, now, result);
		break;
	case COMMAND_UNPROTECT:
		unprotect(rom, now, result);
		break;
	case COMMAND_WRITE:
		rom->poll_ms = config->poll_write_ms;
		write_memory(rom, now, result);
		break;
	case COMMAND_UNKNOWN:
		rom->failure = DFU_ERR_STALLEDPKT;
		break;
	}
	rom->command.kind = COMMAND_NONE;
}

void rom_begin_left_erase(struct rom *rom, uint64_t now)
{
	const struct rom_config *config = rom->config;
	const uint32_t address = config->initial_address ? config->initial_address : FLASH_START;
	const enum rom_sector_erase manner = config->sector_erase[address >= BANK2_START];
	const uint64_t end = now + config->initial_busy_ns;
	bool sectors[FLASH_SECTORS_MAX] = {false};
	uint32_t offset;

	rom->poll_ms = config->poll_erase_ms;
	if (rom_flash_offset(rom, address, &offset))
		sectors[offset / config->part.sector_bytes] = true;
	flash_begin_erase(&rom->flash, now, end, sectors);
	rom->wedged = manner == ROM_SECTOR_WEDGES;
	if (manner == ROM_SECTOR_NORMAL) {
		rom->inside_until = end;
		return;
	}
	rom->unsafe_until = end; /* its real start is unknown */
	rom->unsafe_hangs = manner == ROM_SECTOR_EARLY;
}
