/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `power`: when the power of a slot's port is cycled. */
#include "loader.h"

#define KEYS(table) table, sizeof(table) / sizeof((table)[0])

static void read_cycle(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"recover", "option_bytes", "after_pass", NULL};
	struct loader *loader = into;
	unsigned choice;

	loader->power_cycle = node;
	if (!values_list(values, node, 1, SIZE_MAX))
		return;
	for (size_t i = 0; i < node->items; i++) {
		if (!values_choice(values, node->item[i], names, &choice))
			continue;
		if (loader->profile->power.cycle & 1u << choice)
			values_fail(values, node->item[i], "'%s' again", names[choice]);
		loader->profile->power.cycle |= 1u << choice;
	}
}

static void read_off_ms(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 100, 30000, &number))
		loader->profile->power.off_ms = (uint32_t)number;
}

void loader_power(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {{"cycle", false, read_cycle},
						 {"off_ms", false, read_off_ms}};

	values_map(values, node, KEYS(keys), into);
}

bool profile_has_power(const struct profile *profile)
{
	for (unsigned i = 0; i < profile->slots; i++)
		if (profile->slot[i].power)
			return true;
	return false;
}

void loader_power_check(struct loader *loader)
{
	if (!loader->profile->power.cycle || profile_has_power(loader->profile))
		return;
	loader->values.key = "power.cycle";
	values_fail(&loader->values, loader->power_cycle,
		    "no slot has 'power: true', so no port may be switched");
}
