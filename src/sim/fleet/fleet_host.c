/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet_host.h"

#include <string.h>

#include "fleet_internal.h"

static bool read_drop(struct fleet_source *source, const yaml_node_t *node)
{
	struct fleet_host *host = &source->fleet->host;
	struct fleet_drop *drop = &host->drop[host->drops];
	const yaml_node_t *hub, *at, *length;
	uint64_t at_ms, for_ms;

	if (host->drops == FLEET_DROPS_MAX)
		return fleet_error(source, node, "drops: at most %d", FLEET_DROPS_MAX);
	if (!fleet_map(source, node, "drop"))
		return false;
	hub = fleet_find(source, node, "hub");
	at = fleet_find(source, node, "at_ms");
	length = fleet_find(source, node, "for_ms");
	if (!hub || !at || !length)
		return fleet_error(source, node, "a drop has hub, at_ms and for_ms");
	if (!fleet_string(source, hub, "hub", drop->hub, sizeof(drop->hub)) ||
	    !fleet_number(source, at, "at_ms", 100000000, &at_ms) ||
	    !fleet_number(source, length, "for_ms", 100000000, &for_ms))
		return false;
	if (host->drops && at_ms < drop[-1].at_ms + drop[-1].for_ms)
		return fleet_error(source, at, "at_ms: a drop begins after the one before it");
	drop->at_ms = (unsigned)at_ms;
	drop->for_ms = (unsigned)for_ms;
	host->drops++;
	return true;
}

static const struct fleet_word asleep[] = {
	{"lost", FLEET_ASLEEP_LOST},
	{"kept", FLEET_ASLEEP_KEPT},
	{"exchanged", FLEET_ASLEEP_EXCHANGED},
	{NULL, 0},
};

bool fleet_asleep_find(const char *name, enum fleet_asleep *boards)
{
	for (const struct fleet_word *word = asleep; word->name; word++) {
		if (strcmp(word->name, name) == 0) {
			*boards = (enum fleet_asleep)word->value;
			return true;
		}
	}
	return false;
}

static bool read_suspend(struct fleet_source *source, const yaml_node_t *node)
{
	struct fleet_host *host = &source->fleet->host;
	struct fleet_suspend *suspend = &host->suspend[host->suspends];
	const yaml_node_t *at, *length, *boards;
	uint32_t fate = FLEET_ASLEEP_LOST;
	uint64_t at_ms, for_s;

	if (host->suspends == FLEET_SUSPENDS_MAX)
		return fleet_error(source, node, "suspends: at most %d", FLEET_SUSPENDS_MAX);
	if (!fleet_map(source, node, "suspend"))
		return false;
	at = fleet_find(source, node, "at_ms");
	length = fleet_find(source, node, "for_s");
	boards = fleet_find(source, node, "boards");
	if (!at || !length)
		return fleet_error(source, node, "a suspend has at_ms and for_s");
	if (!fleet_number(source, at, "at_ms", 100000000, &at_ms) ||
	    !fleet_number(source, length, "for_s", 100000000, &for_s) ||
	    (boards && !fleet_word(source, boards, "boards", asleep, &fate)))
		return false;
	if (host->suspends && at_ms < suspend[-1].at_ms)
		return fleet_error(source, at, "at_ms: a suspend begins after the one before it");
	suspend->at_ms = (unsigned)at_ms;
	suspend->for_s = (unsigned)for_s;
	suspend->boards = (enum fleet_asleep)fate;
	host->suspends++;
	return true;
}

bool fleet_read_host(struct fleet_source *source, const yaml_node_t *node)
{
	struct fleet_host *host = &source->fleet->host;
	const struct fleet_figure figures[] = {{"usbfs_kib", &host->usbfs_kib},
					       {"taken_kib", &host->taken_kib},
					       {"every_ms", &host->every_ms},
					       {"for_ms", &host->for_ms}};

	if (!fleet_map(source, node, "host"))
		return false;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *value = fleet_node(source, pair->value);
		const char *key = fleet_text(fleet_node(source, pair->key));
		bool good;

		if (strcmp(key, "drops") == 0)
			good = fleet_each(source, value, key, read_drop);
		else if (strcmp(key, "suspends") == 0)
			good = fleet_each(source, value, key, read_suspend);
		else if (strcmp(key, "id_paths") == 0)
			good = fleet_boolean(source, value, key, &host->id_paths);
		else
			good = fleet_read_figure(source, value, "host", key, figures,
						 sizeof(figures) / sizeof(figures[0]), 0,
						 100000000);
		if (!good)
			return false;
	}
	return true;
}

const struct fleet_host *fleet_host(const struct fleet *fleet)
{
	return &fleet->host;
}
