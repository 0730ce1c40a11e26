/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `publish`. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "loader.h"

#define LAG_MAX 1000000

static void read_max_lag(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	int64_t number;

	if (values_integer(values, node, 1, LAG_MAX, &number))
		loader->profile->publish.max_lag = (unsigned)number;
}

static void read_names(struct values *values, const struct tree_node *node, void *into)
{
	struct profile_publish *publish = &((struct loader *)into)->profile->publish;

	if (!values_list(values, node, 1, PROFILE_PUBLISH_NAMES_MAX))
		return;
	for (size_t i = 0; i < node->items; i++) {
		const struct tree_node *name = node->item[i];

		if (!values_text(values, name, AUDIT_PUBLISHED_NAME_SIZE - 1))
			continue;
		if (!audit_published_name_ok(name->text))
			values_fail(values, name,
				    "a publisher has a name of letters, digits, _ and -");
		else
			snprintf(publish->name[publish->names++], AUDIT_PUBLISHED_NAME_SIZE, "%s",
				 name->text);
	}
}

static void read_positions(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;

	if (!values_text(values, node, PATH_MAX - 1))
		return;
	loader->profile->publish.positions = loader_path(loader->profile, node->text);
	if (loader->profile->publish.positions == NULL)
		values_fail(values, node, "not enough memory");
}

void loader_publish(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"max_lag", true, read_max_lag},
		{"names", false, read_names},
		{"positions", false, read_positions},
	};

	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
}
