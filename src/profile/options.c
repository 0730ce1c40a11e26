/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `option_bytes`. Its fields depend on the part, which may stand behind it: kept, and read
 * at the end. */
#include <string.h>

#include "loader.h"

static void keep_expect(struct values *values, const struct tree_node *node, void *into)
{
	(void)values;
	((struct loader *)into)->options[0] = node;
}

static void keep_set(struct values *values, const struct tree_node *node, void *into)
{
	(void)values;
	((struct loader *)into)->options[1] = node;
}

/* true is [rdp], as it was before there was wrp. */
static void read_unprotect(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"rdp", "wrp", NULL};
	struct profile_options *options = &((struct loader *)into)->profile->options;
	bool *const flags[] = {&options->unprotect, &options->unprotect_wrp};

	if (node->kind != TREE_LIST) {
		values_flag(values, node, &options->unprotect);
		return;
	}
	if (!values_list(values, node, 1, 2))
		return;
	for (size_t i = 0; i < node->items; i++) {
		unsigned index;

		if (!values_choice(values, node->item[i], names, &index))
			continue;
		if (*flags[index])
			values_fail(values, node->item[i], "names '%s' twice", names[index]);
		*flags[index] = true;
	}
}

void loader_options(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"expect", false, keep_expect},
		{"set", false, keep_set},
		{"unprotect", false, read_unprotect},
	};

	((struct loader *)into)->option_bytes = node;
	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
}

static void add(struct profile_option_list *list, const struct stm32_option_field *field,
		uint32_t value)
{
	if (list->count < STM32_OPTION_FIELDS_MAX)
		list->option[list->count++] = (struct profile_option){field, value};
}

/* Sectors that are protected, counted over all banks; no other is. */
static void read_wrp(struct loader *loader, const struct tree_node *node,
		     struct profile_option_list *list)
{
	const struct stm32_part *part = loader->profile->part;
	uint32_t open[STM32_BANKS_MAX] = {0xFF, 0xFF};
	int64_t sector;

	if (!values_list(&loader->values, node, 0, STM32_SECTORS_MAX))
		return;
	for (size_t i = 0; i < node->items; i++) {
		if (!values_integer(&loader->values, node->item[i], 0, stm32_part_sectors(part) - 1,
				    &sector))
			continue;
		if ((uint32_t)sector < part->bank[0].sectors)
			open[0] &= ~(1u << sector);
		else
			open[1] &= ~(1u << ((uint32_t)sector - part->bank[0].sectors));
	}
	add(list, stm32_option_find(part, "wrpsn1"), open[0]);
	if (part->banks == 2)
		add(list, stm32_option_find(part, "wrpsn2"), open[1]);
}

static void read_rdp(struct loader *loader, const struct tree_node *node,
		     const struct stm32_option_field *field, struct profile_option_list *list,
		     bool sets)
{
	int64_t level;

	if (!values_integer(&loader->values, node, 0, 2, &level))
		return;
	if (sets && level == 2)
		values_fail(
			&loader->values, node,
			"level 2 is never set: it cannot be undone and locks the part for ever");
	else if (!sets && level != 0)
		values_fail(&loader->values, node,
			    "only level 0 can be expected: others cannot be read");
	else
		add(list, field, stm32_rdp_value((int)level));
}

static void read_bits(struct loader *loader, const struct tree_node *node,
		      const struct stm32_option_field *field, struct profile_option_list *list)
{
	bool flag = false;
	int64_t number = 0;

	if (field->width == 1 ? values_flag(&loader->values, node, &flag)
			      : values_integer(&loader->values, node, 0,
					       (INT64_C(1) << field->width) - 1, &number))
		add(list, field, field->width == 1 ? flag : (uint32_t)number);
}

static void read_fields(struct loader *loader, const struct tree_node *map,
			struct profile_option_list *list, bool sets)
{
	const struct stm32_part *part = loader->profile->part;

	for (size_t i = 0; i + 1 < map->items; i += 2) {
		const struct tree_node *key = map->item[i], *value = map->item[i + 1];
		const struct stm32_option_field *field;

		for (size_t j = 0; j < i; j += 2)
			if (strcmp(map->item[j]->text, key->text) == 0)
				values_fail(&loader->values, key, "'%.*s' again",
					    profile_shown(key->text), key->text);
		field = strncmp(key->text, "wrpsn", 5) == 0 ? NULL
							    : stm32_option_find(part, key->text);
		loader->values.key = key->text;
		if (strcmp(key->text, "wrp") == 0)
			read_wrp(loader, value, list);
		else if (field == NULL)
			profile_problem_add(loader->values.problems, loader->values.file,
					    key->place, "the %s has no option '%.*s'", part->name,
					    profile_shown(key->text), key->text);
		else if (strcmp(key->text, "rdp") == 0)
			read_rdp(loader, value, field, list, sets);
		else
			read_bits(loader, value, field, list);
	}
}

const struct profile_option *profile_option_find(const struct profile_option_list *list,
						 const char *name)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (strcmp(list->option[i].field->name, name) == 0)
			return &list->option[i];
	}
	return NULL;
}

void loader_options_check(struct loader *loader)
{
	struct profile *profile = loader->profile;
	struct profile_option_list *const lists[] = {&profile->options.expect,
						     &profile->options.set};

	if (loader->option_bytes == NULL || profile->part == NULL)
		return;
	loader->values.key = "option_bytes";
	if (profile->part->series == STM32_H7AX) {
		values_fail(
			&loader->values, loader->option_bytes,
			"not supported for the %s yet, whose registers differ from those of the "
			"other series; remove the key",
			profile->part->name);
		return;
	}
	for (unsigned i = 0; i < 2; i++) {
		if (loader->options[i] == NULL)
			continue;
		loader->values.key = i == 0 ? "expect" : "set";
		if (loader->options[i]->kind == TREE_MAP)
			read_fields(loader, loader->options[i], lists[i], i == 1);
		else
			values_fail(&loader->values, loader->options[i], "must be a map of keys");
	}
}
