/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rom_config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* NAME, KiB, sectors a bank, banks */
#define H74X(NAME, KIB, SECTORS, BANKS)                                                            \
	{                                                                                          \
		NAME, ROM_SERIES_H74X, 0x20000, SECTORS, BANKS, 32, 0x1FF1E800, 0x1FF1E880,        \
			0x1FF1E7FE, KIB                                                            \
	}
#define H72X(NAME, KIB, SECTORS)                                                                   \
	{                                                                                          \
		NAME, ROM_SERIES_H72X, 0x20000, SECTORS, 1, 32, 0x1FF1E800, 0x1FF1E880,            \
			0x1FF1E7FE, KIB                                                            \
	}
#define H7A3(NAME, KIB, SECTORS, BANKS)                                                            \
	{                                                                                          \
		NAME, ROM_SERIES_H7A3, 0x2000, SECTORS, BANKS, 16, 0x08FFF800, 0x08FFF80C,         \
			0x1FF13FFE, KIB                                                            \
	}

/* To add a part, add a row. */
/* clang-format off */
static const struct rom_part parts[] = {
	H74X("stm32h742xi", 2048, 8, 2),
	H74X("stm32h743xi", 2048, 8, 2),
	H74X("stm32h745xi", 2048, 8, 2),
	H74X("stm32h747xi", 2048, 8, 2),
	H74X("stm32h753xi", 2048, 8, 2),
	H74X("stm32h755xi", 2048, 8, 2),
	H74X("stm32h757xi", 2048, 8, 2),
	H74X("stm32h742xg", 1024, 4, 2),
	H74X("stm32h743xg", 1024, 4, 2),
	H74X("stm32h745xg", 1024, 4, 2),
	H74X("stm32h747xg", 1024, 4, 2),
	H74X("stm32h750xb", 128, 1, 1),
	H72X("stm32h723xg", 1024, 8),
	H72X("stm32h725xg", 1024, 8),
	H72X("stm32h733xg", 1024, 8),
	H72X("stm32h735xg", 1024, 8),
	H72X("stm32h723xe", 512, 4),
	H72X("stm32h725xe", 512, 4),
	H72X("stm32h730xb", 128, 1),
	H7A3("stm32h7a3xi", 2048, 128, 2),
	H7A3("stm32h7b3xi", 2048, 128, 2),
	H7A3("stm32h7a3xg", 1024, 64, 2),
	H7A3("stm32h7b0xb", 128, 16, 1),
};
/* clang-format on */

/* Differences of each version from rom_config_part's defaults. Sources: AN2606 r70; ST community
 * 244731, dfu-util #88 and betaflight-configurator #1861 for V9.0. */
static const struct version {
	enum rom_series series;
	const char *name;
	uint8_t id;
	enum rom_sector_erase bank2;
	enum rom_mass_erase mass;
	enum rom_leave leave;
	uint32_t refuse;
	const char *layout0; /* if the version announces a wrong one */
} versions[] = {
	{ROM_SERIES_H74X, "V13.2", 0xD2, ROM_SECTOR_NORMAL, ROM_MASS_WORKS, ROM_LEAVE_STAYS, 0,
	 NULL},
	{ROM_SERIES_H74X, "V13.3", 0xD3, ROM_SECTOR_NORMAL, ROM_MASS_NOTHING, ROM_LEAVE_WORKS, 0,
	 NULL},
	{ROM_SERIES_H74X, "V9.0", 0x90, ROM_SECTOR_WEDGES, ROM_MASS_WORKS, ROM_LEAVE_WORKS, 0,
	 NULL},
	{ROM_SERIES_H74X, "V9.1", 0x91, ROM_SECTOR_EARLY, ROM_MASS_EARLY, ROM_LEAVE_WORKS, 0, NULL},
	{ROM_SERIES_H74X, "V9.2", 0x92, ROM_SECTOR_NORMAL, ROM_MASS_WORKS, ROM_LEAVE_WORKS, 0,
	 NULL},
	/* AN2606 only says that the size is wrong: any wrong size will do. */
	{ROM_SERIES_H72X, "V9.1", 0x91, ROM_SECTOR_NORMAL, ROM_MASS_WORKS, ROM_LEAVE_WORKS, 0,
	 "@Internal Flash   /0x08000000/16*128Kg"},
	{ROM_SERIES_H72X, "V9.2", 0x92, ROM_SECTOR_NORMAL, ROM_MASS_WORKS, ROM_LEAVE_WORKS, 0,
	 NULL},
	{ROM_SERIES_H72X, "V9.3", 0x93, ROM_SECTOR_NORMAL, ROM_MASS_WORKS, ROM_LEAVE_WORKS, 0,
	 NULL},
	{ROM_SERIES_H7A3, "V9.0", 0x90, ROM_SECTOR_NORMAL, ROM_MASS_WORKS, ROM_LEAVE_WORKS,
	 ROM_REFUSE_SIZE, "@Internal Flash   /0x08000000/256*02Kg"},
	{ROM_SERIES_H7A3, "V9.1", 0x91, ROM_SECTOR_NORMAL, ROM_MASS_WORKS, ROM_LEAVE_WORKS, 0,
	 NULL},
	{ROM_SERIES_H7A3, "V9.2", 0x92, ROM_SECTOR_NORMAL, ROM_MASS_WORKS, ROM_LEAVE_WORKS, 0,
	 NULL},
};

static void set_layout(struct rom_config *config, unsigned alt, const char *text)
{
	snprintf(config->layout[alt], sizeof(config->layout[alt]), "%s", text);
}

/* Listings of H743, H723 and H7A3 boards; AN2606 t.134 and t.138. */
static void set_layouts(struct rom_config *config)
{
	static const char *const flash[] = {
		[ROM_SERIES_H74X] = "@Internal Flash   /0x08000000/16*128Kg", /* on every size */
		[ROM_SERIES_H72X] = "@Internal Flash   /0x08000000/8*128Kg",
		[ROM_SERIES_H7A3] = "@Internal Flash   /0x08000000/256*08Kg",
	};
	static const char *const option[] = {
		[ROM_SERIES_H74X] = "@Option Bytes   /0x5200201C/01*128 e",
		[ROM_SERIES_H72X] = "@Option Bytes   /0x5200201C/01*88 e",
		[ROM_SERIES_H7A3] = "@Option Bytes   /0x5200201C/01*297 e",
	};

	set_layout(config, 0, flash[config->part.series]);
	set_layout(config, 1, option[config->part.series]);
	config->alts = 2;
	if (config->part.series == ROM_SERIES_H7A3) {
		set_layout(config, 2, "@OTP Memory   /0x08FFF000/01*1024 e");
		config->alts = 3;
	}
}

/* V9.0 of H7A3 (listings of an H7A3 rev Z and of a 7B3I-EVAL): the addresses lack a digit. */
static void set_layouts_of_first_h7a3(struct rom_config *config)
{
	set_layout(config, 1, "@Option Bytes   /0x1FF8000/01*128 e");
	set_layout(config, 2, "@OTP Memory   /0x1FF7000/01*1024 e");
}

bool rom_config_part(struct rom_config *config, const char *name)
{
	if (strncasecmp(name, "stm32", 5) == 0)
		name += 5;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcasecmp(name, parts[i].name + 5) != 0)
			continue;
		config->part = parts[i];
		config->serial_kind =
			config->part.series == ROM_SERIES_H74X ? ROM_SERIAL_TEXT : ROM_SERIAL_UID;
		config->sector_ns =
			config->part.series == ROM_SERIES_H7A3 ? 10 * ROM_MS : 900 * ROM_MS;
		/* AN2606 t.227: start-up to detection. */
		config->start_ns =
			config->part.series == ROM_SERIES_H7A3 ? 545 * ROM_MS : 54 * ROM_MS;
		return rom_config_bootloader(config, "V9.2");
	}
	return false;
}

static void set_version(struct rom_config *config, const struct version *version)
{
	set_layouts(config);
	config->id = version->id;
	config->refuse = version->refuse;
	config->sector_erase[0] = ROM_SECTOR_NORMAL;
	config->sector_erase[1] = version->bank2;
	config->mass_erase = version->mass;
	config->leave = version->leave;
	config->early_ns = version->bank2 == ROM_SECTOR_NORMAL ? 0 : 16 * ROM_MS;
	/* Bench: V9.0 of H7A3, which is not protected, answers errVENDOR; AN3156: errTARGET. */
	config->refuse_status = config->part.series == ROM_SERIES_H7A3 ? 0x0B : 0x01;
	if (version->layout0)
		set_layout(config, 0, version->layout0);
	if (version->series == ROM_SERIES_H7A3 && version->id == 0x90)
		set_layouts_of_first_h7a3(config);
}

bool rom_config_bootloader(struct rom_config *config, const char *name)
{
	static const struct version unknown = {.id = 0xFF, .refuse = ROM_REFUSE_ID};

	if (strcasecmp(name, "unknown") == 0) {
		set_version(config, &unknown);
		return true;
	}
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (versions[i].series == config->part.series &&
		    strcasecmp(versions[i].name, name) == 0) {
			set_version(config, &versions[i]);
			return true;
		}
	}
	return false;
}

/* MicroPython's mboot: its first sector is its own, and it says so in its string. */
static void become_resident(struct rom_config *config)
{
	const struct rom_part *part = &config->part;
	const unsigned own = 1, all = part->sectors * part->banks;
	const unsigned kib = part->sector_bytes / 1024;

	config->bcd_device = 0x0300;
	config->transfer_size = config->real_transfer_size = 2048;
	config->alts = 1;
	if (all > own)
		snprintf(config->layout[0], sizeof(config->layout[0]),
			 "@Internal Flash  /0x08000000/%02u*%uKa,%u*%uKg", own, kib, all - own,
			 kib);
	else
		snprintf(config->layout[0], sizeof(config->layout[0]),
			 "@Internal Flash  /0x08000000/%02u*%uKa", own, kib);
	snprintf(config->manufacturer, sizeof(config->manufacturer), "MicroPython");
	snprintf(config->product, sizeof(config->product), "Pyboard DFU Bootloader");
	config->wrp[0][0] |= own;
	config->clear = ROM_CLEAR_IDLES;
	config->poll_pointer_ms = config->poll_write_ms = 0;
	config->poll_erase_ms = config->poll_mass_ms = 0;
	config->sector_erase[0] = config->sector_erase[1] = ROM_SECTOR_NORMAL;
	config->mass_erase = ROM_MASS_WORKS;
	config->early_ns = 0;
	config->leave = ROM_LEAVE_WORKS;
}

void rom_config_personality(struct rom_config *config, enum rom_personality personality)
{
	config->personality = personality;
	if (personality == ROM_PERSONALITY_RESIDENT)
		become_resident(config);
	if (personality != ROM_PERSONALITY_ST_DFU_CLASS)
		return;
	/* rom_class.c does the rest. */
	config->stride = ROM_STRIDE_CONSTANT;
	config->clear = ROM_CLEAR_ERRS;
	config->wedge_repeats = true;
	config->mass_erase = ROM_MASS_NOTHING;
	config->mass_in_second = false;
	config->unexpected_errs = false;
}

void rom_config_init(struct rom_config *config)
{
	static const uint8_t uid[ROM_UID_BYTES] = {0x3A, 0x00, 0x2B, 0x00, 0x11, 0x51,
						   0x34, 0x38, 0x33, 0x36, 0x30, 0x31};

	memset(config, 0, sizeof(*config));
	memcpy(config->uid, uid, sizeof(uid));
	config->busy_hang = 1000000;
	config->vid = 0x0483;
	config->pid = 0xDF11;
	config->bcd_device = 0x0200;
	config->dfu_attributes = 0x0B;
	config->transfer_size = 1024;
	config->real_transfer_size = 1024;
	config->functional = true;
	config->dfu_version = 0x011A;
	snprintf(config->manufacturer, sizeof(config->manufacturer), "STMicroelectronics");
	snprintf(config->product, sizeof(config->product), "DFU in FS Mode");
	snprintf(config->serial, sizeof(config->serial), "200364500000");
	config->unexpected_errs = true;
	config->mass_in_second = true;
	config->erase_moves_pointer = true;
	config->option_whole = true;
	config->poll_pointer_ms = 5;
	config->poll_write_ms = 5;
	config->poll_erase_ms = 1000;
	config->poll_mass_ms = 100;
	config->initial_state = 2; /* dfuIDLE */
	config->rdp = 0xAA;
	config->mass_ns = 10000 * ROM_MS;
	config->word_ns = 100000;
	config->sector_worst_ns = 4000 * ROM_MS;
	config->mass_worst_ns = 26000 * ROM_MS;
	config->wire_small_ns = 150000;
	config->wire_block_ns = 1500000;
	config->return_ns = 50 * ROM_MS;
	rom_config_part(config, "stm32h743xi");
}

uint32_t rom_fault_default_on(enum rom_fault_kind kind)
{
	switch (kind) {
	case ROM_FAULT_BAD_STATE:
	case ROM_FAULT_BAD_STATUS:
	case ROM_FAULT_POLL:
		return ROM_ON_GETSTATUS;
	case ROM_FAULT_SHORT_UPLOAD:
	case ROM_FAULT_LONG_UPLOAD:
	case ROM_FAULT_WRONG_DATA:
		return ROM_ON_READ;
	case ROM_FAULT_FAIL:
	case ROM_FAULT_DROP:
		return ROM_ON_OPERATION;
	case ROM_FAULT_FLIP:
	case ROM_FAULT_STUCK:
		return ROM_ON_OP_PROGRAM;
	default:
		return ROM_ON_CLASS;
	}
}
