/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loader.h"

#define LOT_MAX 100000000

static void read_quantity(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, LOT_MAX, &number))
		loader->profile->limits.lot_quantity = (uint64_t)number;
}

static void read_once(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	values_flag(values, node, &loader->profile->limits.once_per_lot);
}

void loader_limits(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"lot_quantity", false, read_quantity},
		{"once_per_lot", false, read_once},
	};

	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
}
