/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/base/nearest.h"
#include "loader.h"

#define LONGEST_NAME 31 /* that a suggestion is looked for */

/* The i-th part that may be suggested for a name: of its line, else of its series, else any. */
static const char *part_at(const void *name, size_t i)
{
	static bool (*const narrow[])(const char *, const struct stm32_part *) = {
		stm32_code_of_line, stm32_code_of_series};
	const struct stm32_part *part;

	for (size_t n = 0; n < sizeof(narrow) / sizeof(narrow[0]); n++) {
		size_t found = 0;

		for (unsigned p = 0; (part = stm32_part_at(p)) != NULL; p++)
			if (narrow[n](name, part) && found++ == i)
				return part->name;
		if (found > 0)
			return NULL;
	}
	part = stm32_part_at((unsigned)i);
	return part != NULL ? part->name : NULL;
}

static void unknown_part(const struct values *values, const struct tree_node *node,
			 enum stm32_code code)
{
	static const char *const why[] = {
		[STM32_CODE_NO_SIZE] = "; its flash size is missing, or there is no such size",
		[STM32_CODE_NO_LINE] = "",
		[STM32_CODE_NOT_YET] = ": STM32H7R and STM32H7S are not supported yet",
		[STM32_CODE_TAIL] =
			"; the text after the flash size is not part of an ordering code",
		[STM32_CODE_FOREIGN] = "; h7gang programs STM32H7 parts",
	};
	const char *nearest = NULL;
	int shown = profile_shown(node->text);
	char lower[LONGEST_NAME + 1] = "";

	for (size_t i = 0; node->length <= LONGEST_NAME && i < node->length; i++)
		lower[i] = (char)tolower((unsigned char)node->text[i]);
	/* The name of another STM32 is no slip: no STM32H7 stands for it. */
	if (code != STM32_CODE_NOT_YET &&
	    (code != STM32_CODE_FOREIGN || strncmp(lower, "stm32", 5) != 0))
		nearest = nearest_name(lower, part_at, lower);
	if (nearest != NULL)
		values_fail(values, node,
			    "unknown part '%.*s'%s; did you mean '%s'? h7gang help "
			    "parts lists all",
			    shown, node->text, why[code], nearest);
	else
		values_fail(values, node, "unknown part '%.*s'%s; h7gang help parts lists all",
			    shown, node->text, why[code]);
}

void loader_part(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	enum stm32_code code;

	if (!values_text(values, node, SIZE_MAX))
		return;
	code = stm32_code_read(node->text, &loader->profile->part);
	if (code != STM32_CODE_PART)
		unknown_part(values, node, code);
}

/* "V9.0, V9.1, ..." of one series. */
static void known_versions(enum stm32_series series, char *text, size_t size)
{
	const struct stm32_rom *rom;
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; (rom = stm32_rom_at(i)) != NULL; i++) {
		int n;

		if (rom->series != series || rom->version[0] == '\0')
			continue;
		n = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", rom->version);
		if (n > 0 && (size_t)n < size - used)
			used += (size_t)n;
	}
}

void loader_bootloaders(struct loader *loader)
{
	const struct tree_node *list = loader->bootloaders;
	struct profile *profile = loader->profile;
	struct values *values = &loader->values;
	char known[160];

	values->key = "bootloaders";
	for (size_t i = 0; list != NULL && i < list->items; i++) {
		const struct tree_node *node = list->item[i];
		int id;

		if (!values_text(values, node, SIZE_MAX) || profile->part == NULL)
			continue;
		id = stm32_rom_by_version(profile->part->series, node->text);
		if (id < 0 || id > UINT8_MAX) {
			known_versions(profile->part->series, known, sizeof(known));
			values_fail(values, node, "'%.*s' is no bootloader of the %s; known are %s",
				    profile_shown(node->text), node->text, profile->part->name,
				    known);
		} else if (memchr(profile->bootloader, id, profile->bootloaders) != NULL) {
			values_fail(values, node, "'%s' again", node->text);
		} else {
			profile->bootloader[profile->bootloaders++] = (uint8_t)id;
		}
	}
}
