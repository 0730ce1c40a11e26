/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `start`: where the application starts, and whether the firmware holds one there. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "loader.h"

#define TEXT_SIZE 512
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
	const struct profile_option *option = profile_option_find(list, "boot_add0");

	if (option)
		*address = option->value << 16;
	return option != NULL;
}

static void choose_address(struct profile *profile)
{
	struct profile_start *start = &profile->start;

	if (start->stated || boot_address(&profile->options.set, &start->address) ||
	    boot_address(&profile->options.expect, &start->address))
		return;
	start->address = profile->part->bank[0].base;
}

/* Where the part starts from power-on with BOOT0 low. */
struct cold {
	uint32_t address; /* as the job sees it, before it swaps the banks */
	bool set;         /* by boot_add0 of option_bytes.set */
	bool expected;    /* by boot_add0 of option_bytes.expect; neither: as delivered */
	bool swaps;       /* the job swaps the banks */
};

static uint32_t in_other_bank(const struct stm32_part *part, uint32_t address)
{
	uint32_t offset, half = stm32_bank_bytes(part, 0);

	if (part->banks != 2 || !stm32_offset(part, address, &offset))
		return address;
	return stm32_address(part, offset < half ? offset + half : offset - half);
}

static struct cold cold_start(const struct profile *profile)
{
	const struct profile_options *options = &profile->options;
	struct cold cold = {.address = profile->part->bank[0].base};
	const struct profile_option *before = profile_option_find(&options->expect, "swap_bank");
	const struct profile_option *after = profile_option_find(&options->set, "swap_bank");

	cold.set = boot_address(&options->set, &cold.address);
	cold.expected = !cold.set && boot_address(&options->expect, &cold.address);
	/* Boards are delivered with swap_bank: false. */
	cold.swaps = after && after->value != (before ? before->value : 0);
	if (cold.swaps)
		cold.address = in_other_bank(profile->part, cold.address);
	return cold;
}

static bool erases_all(const struct profile *profile)
{
	return profile->erase == PROFILE_ERASE_AUTO || profile->erase == PROFILE_ERASE_MASS;
}

/* Whether flash is blank after the job at an address that no file states: its sector is erased, or
 * with erase: none has to be blank. */
static bool leaves_blank(const struct profile *profile, uint32_t address)
{
	uint32_t offset;

	return stm32_offset(profile->part, address, &offset) &&
	       (erases_all(profile) ||
		profile->flash.touched[offset / profile->part->sector_bytes]);
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

/* A problem, or else a warning. */
static void tell(struct loader *loader, bool problem, struct profile_place place, const char *text)
{
	if (problem)
		profile_problem_add(loader->values.problems, loader->values.file, place, "%s",
				    text);
	else
		loader_remark(loader, true, place, "%s", text);
}

static void implausible(struct loader *loader, const struct image_start *table, bool problem,
			const char *advice)
{
	const struct profile *profile = loader->profile;
	char why[IMAGE_START_WHY_SIZE], text[IMAGE_START_WHY_SIZE + TEXT_SIZE];

	image_start_why(table, profile->part, why, sizeof(why));
	problem = problem && !profile->start.unchecked && !loader->verifies;
	snprintf(text, sizeof(text), "no application starts at 0x%08" PRIX32 ": %s%s",
		 table->address, why, problem ? advice : "");
	tell(loader, problem, file_place(loader, table->address), text);
}

static void implausible_start(struct loader *loader)
{
	char advice[TEXT_SIZE];

	snprintf(advice, sizeof(advice),
		 ". Program firmware for the %s, say where it starts with start: ADDRESS, or "
		 "start: {check: off} if this is right",
		 loader->profile->part->name);
	implausible(loader, &loader->profile->start.core, true, advice);
}

static void nothing_there(struct loader *loader)
{
	const struct profile *profile = loader->profile;
	const bool required = profile->leave == PROFILE_LEAVE_REQUIRED;
	const bool blank = leaves_blank(profile, profile->start.address);
	struct profile_place place = {0, 0};
	char text[TEXT_SIZE];

	if (profile->leave == PROFILE_LEAVE_FALSE || loader->verifies) /* starts nothing */
		return;
	if (loader->start != NULL)
		place = loader->start->place;
	else if (loader->leave != NULL)
		place = loader->leave->place;
	snprintf(text, sizeof(text),
		 "no firmware file states the bytes at 0x%08" PRIX32
		 ", where the application starts%s; say where it starts with start: ADDRESS, or %s",
		 profile->start.address, blank ? ", and this job erases them" : "",
		 blank && erases_all(profile) ? "use erase: touched if it is on the board already"
		 : required && !blank         ? "leave: true if it is on the board already"
					      : "leave: false if there is none");
	tell(loader, required, place, text);
}

/* The value of boot_add0, else of `start`, else the whole profile. */
static struct profile_place cold_place(const struct loader *loader, const struct cold *cold)
{
	const struct tree_node *map = loader->options[cold->set];

	if (cold->set || cold->expected)
		for (size_t i = 0; i + 1 < map->items; i += 2)
			if (strcmp(map->item[i]->text, "boot_add0") == 0)
				return map->item[i + 1]->place;
	return loader->start != NULL ? loader->start->place : (struct profile_place){0, 0};
}

static void cold_advice(const struct profile *profile, const struct cold *cold, char *text,
			size_t size)
{
	const bool stated = cold->set || cold->expected;
	const char *last = ", or name the boot_add0 of the boards in option_bytes: {expect: "
			   "{boot_add0: ...}}";

	if (stated)
		last = ", correct boot_add0, or say start: {check: off} if this is right";
	else if (profile->part->series == STM32_H7AX) /* its option bytes are not supported */
		last = "";
	snprintf(text, size, "%s%s add %s to firmware%s",
		 erases_all(profile) ? "use erase: touched to keep the flash contents there"
				     : "keep this sector free of firmware",
		 last[0] != '\0' ? "," : ", or", stated ? "the program" : "the boot loader", last);
}

/* The part would never start again once it was switched off. */
static void cold_blank(struct loader *loader, const struct cold *cold)
{
	const struct profile *profile = loader->profile;
	const bool stated = cold->set || cold->expected;
	char advice[TEXT_SIZE / 2], text[TEXT_SIZE];

	cold_advice(profile, cold, advice, sizeof(advice));
	snprintf(text, sizeof(text),
		 "no firmware file states the bytes at 0x%08" PRIX32
		 ", where the part starts from power-on%s, and this job erases them; %s",
		 cold->address, cold->swaps ? " once its banks are swapped" : "", advice);
	tell(loader, stated && !profile->start.unchecked, cold_place(loader, cold), text);
}

/* The boards may or may not hold a program there. */
static void cold_unknown(struct loader *loader, const struct cold *cold)
{
	const struct stm32_part *part = loader->profile->part;
	char text[TEXT_SIZE];
	uint32_t offset;

	if (!stm32_offset(part, cold->address, &offset))
		snprintf(text, sizeof(text),
			 "boot_add0: the part starts from power-on at 0x%08" PRIX32
			 ", which is not flash of the %s but %s, and no firmware of this job is "
			 "there",
			 cold->address, part->name, stm32_memory_name(part, cold->address));
	else if (cold->set)
		snprintf(text, sizeof(text),
			 "boot_add0: no firmware file states the bytes at 0x%08" PRIX32
			 ", where the part starts from power-on%s; make sure that the boards hold "
			 "a program there",
			 cold->address, cold->swaps ? " once its banks are swapped" : "");
	else /* and this job does not change it */
		return;
	tell(loader, false, cold_place(loader, cold), text);
}

/* False: a problem or warning says that nothing is there. */
static bool cold_check(struct loader *loader, const struct cold *cold)
{
	const struct profile *profile = loader->profile;
	const bool stated = cold->set || cold->expected;
	struct image_start table;

	image_start_look(&profile->flash, cold->address, &table);
	if (table.programmed) {
		/* The reset handler is linked for the place after a swap. */
		if (!table.plausible && !cold->swaps && cold->address != profile->start.address)
			implausible(loader, &table, stated,
				    ". The part starts there from power-on: correct boot_add0, or "
				    "say start: {check: off} if this is right");
		return true;
	}
	if (loader->verifies) /* changes nothing */
		return true;
	if (!leaves_blank(profile, cold->address)) {
		cold_unknown(loader, cold);
		return true;
	}
	if (!stated && profile->leave == PROFILE_LEAVE_REQUIRED &&
	    cold->address == profile->start.address)
		return true; /* nothing_there says it */
	cold_blank(loader, cold);
	return false;
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
	struct cold cold;
	uint32_t offset;
	bool told;

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
	cold = cold_start(profile);
	check_patches(loader);
	image_start_look(&profile->flash, start->address, &start->core);
	if (profile->part->two_cores)
		image_start_look(&profile->flash, SECOND_CORE, &start->second);
	told = !cold_check(loader, &cold) && cold.address == start->address;
	if (!start->core.programmed) {
		if (!told)
			nothing_there(loader);
	} else if (!start->core.plausible)
		implausible_start(loader);
	else
		remark_stack(loader);
}
