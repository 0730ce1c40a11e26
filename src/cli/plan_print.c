/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/ui/text.h"
#include "plan.h"
#include "table.h"

#define NAME "%-12s"
#define SHOWN_MAX 512

/* Sectors side by side that are equally full stand in one line. */
static void print_sectors(const struct profile *profile, unsigned bank)
{
	const struct stm32_part *part = profile->part;
	const uint32_t *used = profile->flash.sector_used;
	unsigned base = bank ? part->bank[0].sectors : 0;
	unsigned end = base + part->bank[bank].sectors, last;

	for (unsigned s = base; s < end; s = last + 1) {
		char name[24];

		for (last = s; last + 1 < end && used[last + 1] == used[s] &&
			       profile->flash.touched[last + 1] == profile->flash.touched[s];)
			last++;
		if (!profile->flash.touched[s])
			continue;
		snprintf(name, sizeof(name), last > s ? "sectors %u-%u" : "sector %u", s - base,
			 last - base);
		printf("    %-15s 0x%08" PRIx32 "  %" PRIu32 " bytes%s used\n", name,
		       part->bank[bank].base + (s - base) * part->sector_bytes, used[s],
		       last > s ? " each" : "");
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

static void print_firmware(const struct profile *profile)
{
	char text[SHOWN_MAX];

	ui_printable(profile->firmware_version, text, sizeof(text));
	printf(NAME "%s%s%" PRIu32 " bytes from 0x%08" PRIx32 " to 0x%08" PRIx32 "\n", "firmware",
	       text, text[0] ? ", " : "", profile->flash.used, profile->flash.lowest,
	       profile->flash.highest);
	for (unsigned i = 0; i < profile->files; i++) {
		const struct profile_file *file = &profile->file[i];

		ui_printable(file->file, text, sizeof(text));
		printf("  %s  %s, %" PRIu32 " bytes from 0x%08" PRIx32 " to 0x%08" PRIx32
		       "\n            sha256 %s%s\n",
		       text, image_format_name(file->format), file->used, file->lowest,
		       file->highest, file->actual, file->sha256[0] ? " (as demanded)" : "");
	}
	printf(NAME "sha256 %s (all banks)\n", "flash", profile->flash.sha256);
}

static void print_log(const struct profile *profile)
{
	char text[SHOWN_MAX];

	ui_printable(profile->audit_file ? profile->audit_file : "--audit is needed", text,
		     sizeof(text));
	printf(NAME "%s\n", "log", text);
	if (profile->audit_key) {
		ui_printable(profile->audit_key, text, sizeof(text));
		printf("  sealed    with %s, every %u row%s and at the end of a run\n", text,
		       profile->audit_seal_every, profile->audit_seal_every == 1 ? "" : "s");
	} else {
		printf("  sealed    no\n");
	}
	printf("  goes on   ");
	if (profile->audit_rotate_mb)
		printf("in a new file after %u MB%s", profile->audit_rotate_mb,
		       profile->audit_rotate_lot ? ", and " : "");
	if (profile->audit_rotate_lot)
		printf("in a new file for a new lot");
	printf("%s\n", profile->audit_rotate_mb || profile->audit_rotate_lot ? ""
									     : "in one file");
}

static void print_job(const struct profile *profile)
{
	char text[SHOWN_MAX];

	printf(NAME "%s\n" NAME "%s\n" NAME "%s\n", "erase", plan_erase(profile), "verify",
	       plan_verify(profile), "leave", plan_leave(profile));
	printf(NAME "%u, each at most %" PRIu32 " s; a request at most %" PRIu32 " ms; poll %s; %u UPLOAD%s in flight\n",
	       "attempts", profile->attempts, profile->unit_s, profile->transfer_ms,
	       plan_poll(profile), profile->upload_window,
	       profile->upload_window == 1 ? "" : "s");
	if (profile->require_lot || profile->require_operator)
		printf(NAME "%s%s\n", "require", profile->require_lot ? "--lot" : "",
		       !profile->require_operator ? ""
		       : profile->require_lot	  ? " --operator"
						  : "--operator");
	print_log(profile);
	if (profile->slots == 0)
		printf(NAME "every target is its own, named by its port path\n", "slots");
	for (unsigned i = 0; i < profile->slots; i++) {
		ui_printable(profile->slot[i].path, text, sizeof(text));
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
			ui_printable(*word, text, sizeof(text));
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
	static const char *const heads[] = {"ROM",	    "ID",	  "ALLOWED", "ERASE BANK 1",
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
	print_firmware(profile);
	plan_print_serial(profile);
	print_job(profile);
	plan_print_store(profile, store);
	plan_print_options(profile);
	print_hooks(profile);
	if (!print_roms(profile))
		return false;
	for (unsigned i = 0; (rom = stm32_rom_at(i)); i++)
		if (rom->series == profile->part->series && plan_warning(profile, rom)[0])
			printf("warning: ROM %s: %s\n", rom->version[0] ? rom->version : "unknown",
			       plan_warning(profile, rom));
	return true;
}
