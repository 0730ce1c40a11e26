/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory map of a plan: which file states which bytes, the gaps between, and the vector table
 * where the application starts. */
#include <inttypes.h>
#include <stdio.h>

#include "h7gang/base/text.h"
#include "plan.h"

#define NAME "%-12s"
#define SHOWN_MAX 512
#define LINES_MAX 200 /* ranges that are printed; JSON has all */

static const struct profile_file *file_of(const struct profile *profile, unsigned image)
{
	for (unsigned i = 0; i < profile->files; i++)
		if (profile->file[i].image == image)
			return &profile->file[i];
	return NULL;
}

/* Bytes of its bank that no file states before a range, and behind the last one of a bank. */
static uint32_t gap_before(const struct profile *profile, size_t index)
{
	const struct image_range *range = &profile->flash.range[index];
	uint32_t from = 0;

	if (stm32_bank_of(profile->part, range->offset) > 0)
		from = stm32_bank_bytes(profile->part, 0);
	if (index > 0 && range[-1].offset + range[-1].length > from)
		from = range[-1].offset + range[-1].length;
	return range->offset - from;
}

static uint32_t gap_behind(const struct profile *profile, size_t index)
{
	const struct image_range *range = &profile->flash.range[index];
	unsigned bank = stm32_bank_of(profile->part, range->offset);
	uint32_t end = stm32_bank_bytes(profile->part, 0);

	if (bank > 0)
		end += stm32_bank_bytes(profile->part, 1);
	if (index + 1 < profile->flash.ranges &&
	    stm32_bank_of(profile->part, range[1].offset) == bank)
		return 0;
	return end - (range->offset + range->length);
}

static void print_gap(const struct profile *profile, const char *name, uint32_t from, uint32_t gap)
{
	if (gap > 0)
		printf(NAME "0x%08" PRIx32 " to 0x%08" PRIx32 "  gap of %" PRIu32 " bytes\n", name,
		       stm32_address(profile->part, from),
		       stm32_address(profile->part, from + gap - 1), gap);
}

static void print_ranges(const struct profile *profile)
{
	const struct image_flash *flash = &profile->flash;
	const char *name = "map";
	char text[SHOWN_MAX];

	for (size_t i = 0; i < flash->ranges; i++) {
		const struct image_range *range = &flash->range[i];
		const struct profile_file *file = file_of(profile, range->image);
		uint32_t first = stm32_address(profile->part, range->offset);
		uint32_t gap = gap_before(profile, i);

		if (i == LINES_MAX) {
			printf(NAME "and %zu more ranges: --json lists all\n", "",
			       flash->ranges - i);
			return;
		}
		print_gap(profile, gap > 0 ? name : "", range->offset - gap, gap);
		text_terminal(file ? file->file : "", text, sizeof(text));
		printf(NAME "0x%08" PRIx32 " to 0x%08" PRIx32 "  %" PRIu32 " bytes of %s\n",
		       gap > 0 ? "" : name, first, first + (range->length - 1), range->length,
		       text);
		name = "";
		print_gap(profile, "", range->offset + range->length, gap_behind(profile, i));
	}
}

static void print_table(const char *name, const struct image_start *start)
{
	printf(NAME "0x%08" PRIx32, name, start->address);
	if (!start->programmed) {
		printf(", where no file states any byte\n");
		return;
	}
	printf(": stack pointer 0x%08" PRIx32, start->stack);
	if (start->ram)
		printf(" (%s%s)", start->stack_at_end ? "end of " : "", start->ram->name);
	printf(", reset handler 0x%08" PRIx32 "\n", start->reset);
}

void plan_print_map(const struct profile *profile)
{
	print_ranges(profile);
	print_table("start", &profile->start.core);
	if (profile->start.second.programmed)
		print_table("second core", &profile->start.second);
}

void plan_print_remarks(const struct profile *profile)
{
	for (size_t i = 0; i < profile->remarks; i++) {
		const struct profile_remark *remark = &profile->remark[i];

		printf("%s: ", remark->warning ? "warning" : "note");
		if (remark->line)
			printf("line %" PRIu32 ": ", remark->line);
		printf("%s\n", remark->text);
	}
}

static json_t *json_table(const struct image_start *start)
{
	if (!start->programmed)
		return json_pack("{s:I, s:b}", "address", (json_int_t)start->address, "programmed",
				 0);
	return json_pack("{s:I, s:b, s:I, s:I, s:o, s:b}", "address", (json_int_t)start->address,
			 "programmed", 1, "stack_pointer", (json_int_t)start->stack,
			 "reset_handler", (json_int_t)start->reset, "ram",
			 start->ram ? json_string(start->ram->name) : json_null(), "plausible",
			 start->plausible);
}

static json_t *json_ranges(const struct profile *profile)
{
	const struct image_flash *flash = &profile->flash;
	json_t *list = json_array();

	for (size_t i = 0; i < flash->ranges; i++) {
		const struct image_range *range = &flash->range[i];
		const struct profile_file *file = file_of(profile, range->image);
		uint32_t first = stm32_address(profile->part, range->offset);

		json_array_append_new(list,
				      json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "first",
						(json_int_t)first, "last",
						(json_int_t)first + range->length - 1, "bytes",
						(json_int_t)range->length, "gap_before",
						(json_int_t)gap_before(profile, i), "gap_behind",
						(json_int_t)gap_behind(profile, i), "file",
						plan_text(file ? file->file : "")));
	}
	return list;
}

static json_t *json_remarks(const struct profile *profile)
{
	json_t *list = json_array();

	for (size_t i = 0; i < profile->remarks; i++) {
		const struct profile_remark *remark = &profile->remark[i];

		json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:o}", "kind",
						      remark->warning ? "warning" : "note", "line",
						      (json_int_t)remark->line, "column",
						      (json_int_t)remark->column, "text",
						      plan_text(remark->text)));
	}
	return list;
}

json_t *plan_json_map(const struct profile *profile)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "map", json_ranges(profile), "start",
			 json_table(&profile->start.core), "second_core",
			 profile->start.second.programmed ? json_table(&profile->start.second)
							  : json_null(),
			 "remarks", json_remarks(profile));
}
