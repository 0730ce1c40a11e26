/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `start`: where the application starts, and whether the firmware holds one there. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader.h"

#define TABLE_BYTES 8u          /* of the vector table, that decide */
#define SECOND_CORE 0x08100000u /* RM0399: where the Cortex-M4 boots from by default */

static void read_start_address(struct values *values, const struct tree_node *node, void *into)
{
	struct profile_start *start = &((struct loader *)into)->profile->start;

	if (!values_u32(values, node, UINT32_MAX, &start->address))
		return;
	start->stated = true;
	if (start->address % 4 != 0)
		values_fail(values, node, "must be a multiple of 4, as a vector table is");
}

static void read_start_check(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"on", "off", NULL};
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		((struct loader *)into)->profile->start.unchecked = choice == 1;
}

void loader_start(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"address", false, read_start_address},
		{"check", false, read_start_check},
	};

	((struct loader *)into)->start = node;
	if (node->kind == TREE_MAP)
		values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
	else
		read_start_address(values, node, into);
}

/* boot_add0 of a list of option bytes, as an address. */
static bool boot_address(const struct profile_option_list *list, uint32_t *address)
{
	for (unsigned i = 0; i < list->count; i++)
		if (strcmp(list->option[i].field->name, "boot_add0") == 0) {
			*address = list->option[i].value << 16;
			return true;
		}
	return false;
}

static void choose_address(struct profile *profile)
{
	struct profile_start *start = &profile->start;

	if (start->stated || boot_address(&profile->options.set, &start->address) ||
	    boot_address(&profile->options.expect, &start->address))
		return;
	start->address = profile->part->bank[0].base;
}

/* The entry of the file that states the vector table. */
static struct profile_place file_place(const struct loader *loader, uint32_t address)
{
	const struct profile *profile = loader->profile;
	uint32_t offset = 0;
	unsigned file = profile->files;

	for (uint32_t i = 0; i < 8 && file == profile->files; i++)
		if (stm32_offset(profile->part, address + i, &offset))
			file = profile_file_at(profile, offset);
	if (file < profile->files)
		return (struct profile_place){profile->file[file].line, profile->file[file].column};
	return (struct profile_place){0, 0};
}

static void implausible(struct loader *loader)
{
	const struct profile *profile = loader->profile;
	const struct profile_start *start = &profile->start;
	struct profile_place place = file_place(loader, start->address);
	char why[IMAGE_START_WHY_SIZE];

	image_start_why(&start->core, profile->part, why, sizeof(why));
	if (start->unchecked || loader->verifies)
		loader_remark(loader, true, place, "no application starts at 0x%08" PRIX32 ": %s",
			      start->address, why);
	else
		profile_problem_add(loader->values.problems, loader->values.file, place,
				    "no application starts at 0x%08" PRIX32
				    ": %s. Program firmware for the %s, say where it starts with "
				    "start: ADDRESS, "
				    "or start: {check: off} if this is right",
				    start->address, why, profile->part->name);
}

static void nothing_there(struct loader *loader)
{
	static const char what[] = "no firmware file states the bytes at 0x%08" PRIX32
				   ", where the application starts; say where it starts with "
				   "start: ADDRESS%s";
	const struct profile *profile = loader->profile;
	struct profile_place place = {0, 0};

	if (loader->verifies) /* starts nothing */
		return;
	if (loader->start != NULL)
		place = loader->start->place;
	else if (loader->leave != NULL)
		place = loader->leave->place;
	if (profile->leave == PROFILE_LEAVE_REQUIRED)
		profile_problem_add(loader->values.problems, loader->values.file, place, what,
				    profile->start.address,
				    ", or leave: true if it is on the board already");
	else if (profile->leave != PROFILE_LEAVE_FALSE)
		loader_remark(loader, true, place, what, profile->start.address,
			      ", or leave: false if there is none");
}

/* The vector table is judged as the files have it; a value of each board's own would replace it. */
static void check_patches(struct loader *loader)
{
	const struct profile *profile = loader->profile;
	const struct profile_serial *serial = profile->serial;

	for (unsigned i = 0; serial != NULL && i < serial->patches; i++) {
		static const char what[] =
			"the patch at 0x%08" PRIX32
			" overwrites the stack pointer or the reset handler at "
			"0x%08" PRIX32 ", where the application starts; move it, or "
			"say start: {check: off} if this is right";
		const struct profile_patch *patch = &serial->patch[i];
		const struct tree_node *node = loader->serial.address[i];

		if (loader->serial.entry[i] == NULL ||
		    patch->address > profile->start.address + (TABLE_BYTES - 1) ||
		    patch->address + (patch->length - 1) < profile->start.address)
			continue;
		if (profile->start.unchecked || loader->verifies)
			loader_remark(loader, true, node->place, what, patch->address,
				      profile->start.address);
		else
			profile_problem_add(loader->values.problems, loader->values.file,
					    node->place, what, patch->address,
					    profile->start.address);
	}
}

static void remark_stack(struct loader *loader)
{
	const struct profile *profile = loader->profile;
	const struct image_start *core = &profile->start.core;
	struct profile_place place = file_place(loader, profile->start.address);
	const struct stm32_rom *rom;
	char names[80] = "";
	size_t used = 0;

	if (core->stack_misaligned)
		loader_remark(loader, true, place,
			      "the stack pointer 0x%08" PRIX32 " is no multiple of 8", core->stack);
	if (!core->stack_near_end || profile->leave == PROFILE_LEAVE_FALSE || loader->verifies)
		return;
	for (unsigned i = 0; (rom = stm32_rom_at(i)) != NULL && used < sizeof(names); i++)
		if (rom->series == profile->part->series && rom->stack_margin &&
		    (profile->bootloaders == 0 ||
		     memchr(profile->bootloader, rom->id, profile->bootloaders) != NULL))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used > 0 ? ", " : "", rom->version);
	if (used > 0)
		loader_remark(loader, false, place,
			      "the stack pointer 0x%08" PRIX32 " lies in the last 16 bytes of %s; "
			      "the bootloaders %s may not start such an application (AN2606)",
			      core->stack, core->ram->name, names);
}

void loader_start_check(struct loader *loader)
{
	struct profile *profile = loader->profile;
	struct profile_start *start = &profile->start;
	uint32_t offset;

	if (profile->part == NULL || !loader->laid)
		return;
	choose_address(profile);
	if (start->stated && !stm32_offset(profile->part, start->address, &offset)) {
		profile_problem_add(
			loader->values.problems, loader->values.file, loader->start->place,
			"start: 0x%08" PRIX32 " is not flash of the %s but %s", start->address,
			profile->part->name, stm32_memory_name(profile->part, start->address));
		return;
	}
	check_patches(loader);
	image_start_look(&profile->flash, start->address, &start->core);
	if (profile->part->two_cores)
		image_start_look(&profile->flash, SECOND_CORE, &start->second);
	if (!start->core.programmed)
		nothing_there(loader);
	else if (!start->core.plausible)
		implausible(loader);
	else
		remark_stack(loader);
}
