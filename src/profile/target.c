/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "loader.h"

static const char *part_at(const void *names, size_t i)
{
	const struct stm32_part *part = stm32_part_at((unsigned)i);

	(void)names;
	return part != NULL ? part->name : NULL;
}

void loader_part(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	const char *nearest;
	int shown = profile_shown(node->text);

	if (!values_text(values, node, SIZE_MAX))
		return;
	loader->profile->part = stm32_part_find(node->text);
	if (loader->profile->part != NULL)
		return;
	nearest = values_nearest(node->text, part_at, NULL);
	if (nearest != NULL)
		values_fail(values, node, "unknown part '%.*s'; did you mean '%s'?", shown,
			    node->text, nearest);
	else
		values_fail(values, node, "unknown part '%.*s'", shown, node->text);
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
