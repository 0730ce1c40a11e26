/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/base/text.h"
#include "plan.h"
#include "table.h"

#define NAME "%-12s"
#define SHOWN_MAX 512

/* Bytes of serial.patch between `address` and `address + length`. */
static uint32_t patched(const struct profile *profile, uint32_t address, uint32_t length)
{
	const struct profile_serial *serial = profile->serial;
	uint32_t bytes = 0;

	for (unsigned i = 0; serial && i < serial->patches; i++) {
		const struct profile_patch *patch = &serial->patch[i];
		uint32_t first = patch->address > address ? patch->address : address;
		uint32_t end = address + length, patch_end = patch->address + patch->length;

		if (patch_end < end)
			end = patch_end;
		bytes += end > first ? end - first : 0;
	}
	return bytes;
}

/* Sectors side by side that are equally full stand in one line. */
static void print_sectors(const struct profile *profile, unsigned bank)
{
	const struct stm32_part *part = profile->part;
	const uint32_t *used = profile->flash.sector_used;
	unsigned base = bank ? part->bank[0].sectors : 0;
	unsigned end = base + part->bank[bank].sectors, last;

	for (unsigned s = base; s < end; s = last + 1) {
		char name[24];
		uint32_t address;

		for (last = s; last + 1 < end && used[last + 1] == used[s] &&
			       profile->flash.touched[last + 1] == profile->flash.touched[s];)
			last++;
		if (!profile->flash.touched[s])
			continue;
		snprintf(name, sizeof(name), last > s ? "sectors %u-%u" : "sector %u", s - base,
			 last - base);
		address = part->bank[bank].base + (s - base) * part->sector_bytes;
		printf("    %-15s 0x%08" PRIx32, name, address);
		if (used[s] > 0)
			printf("  %" PRIu32 " bytes%s used\n", used[s], last > s ? " each" : "");
		else
			printf("  serial patch, %" PRIu32 " bytes\n",
			       patched(profile, address, (last - s + 1) * part->sector_bytes));
	}
}

static void print_part(const struct profile *profile)
{
	const struct stm32_part *part = profile->part;

	printf(NAME "%s (sha256 %s)\n", "profile", profile->name, profile->sha256);
	printf(NAME "%s, %u bank%s, sectors of %" PRIu32 " KiB, USB %04x:%04x\n", "part",
	       part->name, part->banks, part->banks == 1 ? "" : "s", part->sector_bytes / 1024,
	       profile->usb.vid, profile->usb.pid);
	for (unsigned bank = 0; bank < part->banks; bank++) {
		printf("  bank %u    0x%08" PRIx32 "  %u of %u sectors touched, %" PRIu32
		       " bytes\n",
		       bank + 1, part->bank[bank].base, plan_touched(profile, bank),
		       part->bank[bank].sectors, stm32_bank_bytes(part, bank));
		print_sectors(profile, bank);
	}
}

/* Safeguards that the profile switches off. */
static void print_overrides(const struct profile *profile)
{
	if (profile->accept_unidentified)
		printf(NAME
		       "unidentified: a board that gives no evidence of its series is programmed\n",
		       "override");
	if (profile->allow_resident)
		printf(NAME "resident: a program in flash may answer in the place of the ROM "
			    "bootloader\n",
		       "override");
	if (profile->start.unchecked)
		printf(NAME "start_check: the application's vector table is not checked\n",
		       "override");
}

static void print_firmware(const struct profile *profile)
{
	char text[SHOWN_MAX];

	text_terminal(profile->firmware_version, text, sizeof(text));
	printf(NAME "%s%s%" PRIu32 " bytes from 0x%08" PRIx32 " to 0x%08" PRIx32 "\n", "firmware",
	       text, text[0] ? ", " : "", profile->flash.used, profile->flash.lowest,
	       profile->flash.highest);
	for (unsigned i = 0; i < profile->files; i++) {
		const struct profile_file *file = &profile->file[i];

		text_terminal(file->file, text, sizeof(text));
		printf("  %s  %s, %" PRIu32 " bytes from 0x%08" PRIx32 " to 0x%08" PRIx32
		       "\n            sha256 %s%s\n",
		       text, image_format_name(file->format), file->used, file->lowest,
		       file->highest, file->actual,
		       file->sha256[0] ? " (as the profile requires)" : "");
	}
	printf(NAME "sha256 %s (all banks)\n", "flash", profile->flash.sha256);
}

static void print_log(const struct profile *profile)
{
	char text[SHOWN_MAX];

	text_terminal(profile->audit_file ? profile->audit_file : "--audit is required", text,
		      sizeof(text));
	printf(NAME "%s\n", "log", text);
	if (profile->audit_key) {
		text_terminal(profile->audit_key, text, sizeof(text));
		printf("  sealed    with %s, every %u row%s and at the end of a run\n", text,
		       profile->audit_seal_every, profile->audit_seal_every == 1 ? "" : "s");
	} else {
		printf("  sealed    no\n");
	}
	printf("  rotated   ");
	if (profile->audit_rotate_mb)
		printf("after %u MB%s", profile->audit_rotate_mb,
		       profile->audit_rotate_lot ? " and " : "");
	if (profile->audit_rotate_lot)
		printf("for each new lot");
	printf("%s\n", profile->audit_rotate_mb || profile->audit_rotate_lot ? "" : "no");
}

static void print_job(const struct profile *profile)
{
	char text[SHOWN_MAX];

	printf(NAME "%s\n" NAME "%s\n" NAME "%s\n", "erase", plan_erase(profile), "verify",
	       plan_verify(profile), "leave", plan_leave(profile));
	printf(NAME "%u, each at most %" PRIu32 " s; a USB request at most %" PRIu32
		    " ms; wait %" PRIu32 " ms for a board in use; poll %s; %u UPLOAD%s in flight\n",
	       "attempts", profile->attempts, profile->unit_s, profile->transfer_ms,
	       profile->claim_ms, plan_poll(profile), profile->upload_window,
	       profile->upload_window == 1 ? "" : "s");
	if (profile->parallel)
		printf(NAME "%u board%s at once\n", "parallel", profile->parallel,
		       profile->parallel == 1 ? "" : "s");
	if (profile->stagger_ms)
		printf(NAME "%" PRIu32 " ms between two starts\n", "stagger_ms",
		       profile->stagger_ms);
	if (profile->require_lot || profile->require_operator)
		printf(NAME "%s%s\n", "require", profile->require_lot ? "--lot" : "",
		       !profile->require_operator ? ""
		       : profile->require_lot     ? " --operator"
						  : "--operator");
	print_log(profile);
	if (profile->slots == 0)
		printf(NAME "each board has its own slot, named after its port\n", "slots");
	for (unsigned i = 0; i < profile->slots; i++) {
		text_terminal(profile->slot[i].path, text, sizeof(text));
		printf(NAME "%-8s %s\n", i ? "" : "slots", profile->slot[i].name, text);
	}
}

static void print_hooks(const struct profile *profile)
{
	bool first = true;

	for (unsigned i = 0; i < PROFILE_HOOKS; i++) {
		const struct profile_hook *hook = &profile->hook[i];
		char text[SHOWN_MAX];

		if (!hook->program)
			continue;
		printf(NAME "%-8s at most %" PRIu32 " s:", first ? "hooks" : "",
		       profile_hook_name((enum profile_hook_time)i), hook->timeout_s);
		for (char **word = hook->argv; *word; word++) {
			text_terminal(*word, text, sizeof(text));
			printf(" %s", text);
		}
		printf("\n");
		first = false;
	}
}

static bool add_rom(struct table *table, const struct profile *profile, const struct stm32_rom *rom)
{
	char id[8] = "-";
	const char *cells[] = {
		rom->version[0] ? rom->version : "unknown",
		id,
		plan_allowed(profile, rom) ? "yes" : "no",
		plan_sector_erase(rom->sector[0]),
		profile->part->banks > 1 ? plan_sector_erase(rom->sector[1]) : "-",
		plan_mass_erase(rom->mass),
		rom->leaves ? "works" : "does not work",
	};

	if (rom->id >= 0)
		snprintf(id, sizeof(id), "0x%02x", (unsigned)rom->id & 0xff);
	return table_add(table, cells);
}

static bool print_roms(const struct profile *profile)
{
	static const char *const heads[] = {"BOOTLOADER",   "ID",         "ALLOWED", "ERASE BANK 1",
					    "ERASE BANK 2", "MASS ERASE", "LEAVE"};
	struct table *table = table_new(sizeof(heads) / sizeof(heads[0]), heads);
	const struct stm32_rom *rom;
	bool done = table != NULL;

	for (unsigned i = 0; done && (rom = stm32_rom_at(i)); i++)
		if (rom->series == profile->part->series)
			done = add_rom(table, profile, rom);
	if (done) {
		printf("\n");
		table_print(table, stdout);
	}
	table_free(table);
	return done;
}

bool plan_print(const struct profile *profile, const struct plan_store *store)
{
	const struct stm32_rom *rom;

	print_part(profile);
	print_overrides(profile);
	print_firmware(profile);
	plan_print_map(profile);
	plan_print_serial(profile);
	print_job(profile);
	plan_print_store(profile, store);
	plan_print_options(profile);
	print_hooks(profile);
	if (!print_roms(profile))
		return false;
	for (unsigned i = 0; (rom = stm32_rom_at(i)); i++)
		if (rom->series == profile->part->series && plan_warning(profile, rom)[0])
			printf("warning: bootloader %s: %s\n",
			       rom->version[0] ? rom->version : "unknown",
			       plan_warning(profile, rom));
	plan_print_remarks(profile);
	return true;
}
