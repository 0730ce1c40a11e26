/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The shape of a fleet file: seed, defaults, hubs, targets. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet_internal.h"

/* The last number of a path, counted on for repeated targets. */
static bool count_path(struct fleet_source *source, const yaml_node_t *node, const char *first,
		       unsigned number, char *path)
{
	const char *last = first + strlen(first);

	while (last > first && last[-1] >= '0' && last[-1] <= '9')
		last--;
	if (snprintf(path, ROM_PATH_MAX, "%.*s%lu", (int)(last - first), first,
		     strtoul(last, NULL, 10) + number) >= ROM_PATH_MAX ||
	    !fleet_path_valid(path))
		return fleet_error(source, node, "path: %s is no port path like 1-1.4", path);
	return true;
}

/* The board that the target is like: its own, that of the defaults, or that of the command line.
 * Paths are relative to the fleet file. */
static bool read_twin(struct fleet_source *source, const yaml_node_t *defaults,
		      const yaml_node_t *target, struct fleet_item *item)
{
	const yaml_node_t *node = fleet_find(source, target, "twin");
	const char *slash = strrchr(source->file, '/');
	char path[PATH_MAX];

	if (!node && defaults)
		node = fleet_find(source, defaults, "twin");
	if (!node)
		return !source->twin || fleet_read_twin(source, source->twin, item);
	if (!fleet_text(node) ||
	    snprintf(path, sizeof(path), "%.*s%s",
		     slash && fleet_text(node)[0] != '/' ? (int)(slash + 1 - source->file) : 0,
		     source->file, fleet_text(node)) >= (int)sizeof(path))
		return fleet_error(source, node, "twin: the name of a file is wanted");
	return fleet_read_twin(source, path, item);
}

static bool read_target(struct fleet_source *source, const yaml_node_t *defaults,
			const yaml_node_t *node, unsigned number, unsigned of)
{
	struct fleet_item *item = fleet_add(source->fleet);
	char first[ROM_PATH_MAX];
	const yaml_node_t *path;

	if (!item)
		return fleet_error(source, node, "%s", strerror(ENOMEM));
	memset(item->config.uid, 0, ROM_UID_BYTES);
	if (!read_twin(source, defaults, node, item))
		return false;
	if (!fleet_read_identity(source, defaults, node, &item->config) ||
	    (defaults && !fleet_read_keys(source, defaults, item, true)) ||
	    !fleet_read_keys(source, node, item, false))
		return false;
	path = fleet_find(source, node, "path");
	if (path) {
		memcpy(first, item->path, sizeof(first));
		if (!count_path(source, path, first, number, item->path))
			return false;
	}
	if (of > 1 && item->name[0]) {
		char name[FLEET_NAME_MAX];

		memcpy(name, item->name, sizeof(name));
		snprintf(item->name, sizeof(item->name), "%.48s-%u", name, number + 1);
	}
	return true;
}

static bool read_repeated(struct fleet_source *source, const yaml_node_t *defaults,
			  const yaml_node_t *node)
{
	const yaml_node_t *repeat;
	uint64_t times = 1;

	if (!fleet_map(source, node, "target"))
		return false;
	repeat = fleet_find(source, node, "repeat");
	if (repeat && !fleet_number(source, repeat, "repeat", FLEET_TARGETS_MAX, &times))
		return false;
	if (times + source->fleet->items > FLEET_TARGETS_MAX)
		return fleet_error(source, node, "more than %d targets", FLEET_TARGETS_MAX);
	for (unsigned i = 0; i < times; i++)
		if (!read_target(source, defaults, node, i, (unsigned)times))
			return false;
	return true;
}

static bool check_top(struct fleet_source *source, const yaml_node_t *root)
{
	for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = fleet_node(source, pair->key);
		const char *text = fleet_text(key);

		if (strcmp(text, "seed") != 0 && strcmp(text, "defaults") != 0 &&
		    strcmp(text, "hubs") != 0 && strcmp(text, "wire") != 0 &&
		    strcmp(text, "host") != 0 && strcmp(text, "targets") != 0)
			return fleet_error(source, key, "%s: unknown key", text);
	}
	return true;
}

bool fleet_read_targets(struct fleet_source *source)
{
	static const yaml_node_t nowhere;
	const yaml_node_t *root = yaml_document_get_root_node(&source->document);
	const yaml_node_t *seed, *defaults, *hubs, *wire, *host, *targets;

	if (!root)
		return fleet_error(source, &nowhere, "the file is empty");
	if (!fleet_map(source, root, "fleet") || !check_top(source, root))
		return false;
	seed = fleet_find(source, root, "seed");
	if (seed && !fleet_number(source, seed, "seed", UINT64_MAX, &source->fleet->seed))
		return false;
	defaults = fleet_find(source, root, "defaults");
	if (defaults && !fleet_map(source, defaults, "defaults"))
		return false;
	hubs = fleet_find(source, root, "hubs");
	if (hubs && !fleet_read_hubs(source, hubs))
		return false;
	wire = fleet_find(source, root, "wire");
	if (wire && !fleet_read_wire(source, wire))
		return false;
	host = fleet_find(source, root, "host");
	if (host && !fleet_read_host(source, host))
		return false;
	targets = fleet_find(source, root, "targets");
	if (!fleet_list(source, targets ? targets : root, "targets"))
		return false;
	for (const yaml_node_item_t *item = targets->data.sequence.items.start;
	     item < targets->data.sequence.items.top; item++)
		if (!read_repeated(source, defaults, fleet_node(source, *item)))
			return false;
	return true;
}
