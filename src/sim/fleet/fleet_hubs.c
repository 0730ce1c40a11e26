/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet_hubs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet_internal.h"

static const struct fleet_word speed_words[] = {
	{"full", FLEET_HUB_FULL}, {"high", FLEET_HUB_HIGH}, {NULL, 0}};
static const struct fleet_word tt_words[] = {{"single", false}, {"multi", true}, {NULL, 0}};
static const struct fleet_word power_words[] = {
	{"none", FLEET_POWER_NONE},       {"ganged", FLEET_POWER_GANGED},
	{"port", FLEET_POWER_PORT},       {"logical", FLEET_POWER_LOGICAL},
	{"claimed", FLEET_POWER_CLAIMED}, {NULL, 0}};

void fleet_hub_above(const char *path, char above[FLEET_HUB_PATH])
{
	const char *dot = strrchr(path, '.');
	const char *dash = strchr(path, '-');

	if (dot)
		snprintf(above, FLEET_HUB_PATH, "%.*s", (int)(dot - path), path);
	else if (dash)
		snprintf(above, FLEET_HUB_PATH, "usb%.*s", (int)(dash - path), path);
	else
		above[0] = '\0';
}

unsigned fleet_hub_port(const char *path)
{
	const char *last = strrchr(path, '.');

	if (!last)
		last = strchr(path, '-');
	return last ? (unsigned)strtoul(last + 1, NULL, 10) : 0;
}

static struct fleet_hub *find(const struct fleet *fleet, const char *path)
{
	for (unsigned i = 0; i < fleet->hubs; i++)
		if (strcmp(fleet->hub[i].path, path) == 0)
			return &fleet->hub[i];
	return NULL;
}

static struct fleet_hub *add(struct fleet *fleet, const char *path)
{
	struct fleet_hub *grown = realloc(fleet->hub, (fleet->hubs + 1) * sizeof(*grown));
	struct fleet_hub *hub;
	bool root = strncmp(path, "usb", 3) == 0;

	if (!grown)
		return NULL;
	fleet->hub = grown;
	hub = &grown[fleet->hubs++];
	*hub = (struct fleet_hub){
		.ports = FLEET_HUB_PORTS,
		.speed = FLEET_HUB_HIGH,
		.multi_tt = true,
		.power = FLEET_POWER_NONE,
		.disable = true,
		.vid = root ? 0x1d6b : 0x05e3, /* the kernel's own; a maker of common hubs */
		.pid = root ? 0x0002 : 0x0610,
	};
	snprintf(hub->path, sizeof(hub->path), "%s", path);
	snprintf(hub->product, sizeof(hub->product), "%s",
		 root ? "Virtual Host Controller" : "Virtual Hub");
	return hub;
}

static bool read_key(struct fleet_source *source, const char *key, const yaml_node_t *value,
		     struct fleet_hub *hub)
{
	uint64_t number = 0;
	uint32_t word = 0;

	if (strcmp(key, "path") == 0)
		return true;
	if (strcmp(key, "ports") == 0) {
		if (!fleet_number(source, value, key, FLEET_HUB_PORTS_MAX, &number))
			return false;
		if (number == 0)
			return fleet_error(source, value, "ports: at least 1");
		hub->ports = (unsigned)number;
	} else if (strcmp(key, "over_current") == 0) {
		if (!fleet_number(source, value, key, FLEET_HUB_PORTS_MAX, &number))
			return false;
		hub->over_current = (unsigned)number;
	} else if (strcmp(key, "speed") == 0) {
		if (!fleet_word(source, value, key, speed_words, &word))
			return false;
		hub->speed = (enum fleet_hub_speed)word;
	} else if (strcmp(key, "tt") == 0) {
		if (!fleet_word(source, value, key, tt_words, &word))
			return false;
		hub->multi_tt = word;
	} else if (strcmp(key, "power") == 0) {
		if (!fleet_word(source, value, key, power_words, &word))
			return false;
		hub->power = (enum fleet_hub_power)word;
	} else if (strcmp(key, "vid") == 0 || strcmp(key, "pid") == 0) {
		if (!fleet_number(source, value, key, UINT16_MAX, &number))
			return false;
		*(key[0] == 'v' ? &hub->vid : &hub->pid) = (uint16_t)number;
	} else if (strcmp(key, "usb3") == 0) {
		if (!fleet_string(source, value, key, hub->peer, sizeof(hub->peer)))
			return false;
		return fleet_path_valid(hub->peer) ||
		       fleet_error(source, value, "usb3: a port path like 2-1 is wanted");
	} else if (strcmp(key, "disable") == 0) {
		return fleet_boolean(source, value, key, &hub->disable);
	} else if (strcmp(key, "product") == 0) {
		return fleet_string(source, value, key, hub->product, sizeof(hub->product));
	} else {
		return fleet_error(source, value, "%s: unknown key of a hub", key);
	}
	return true;
}

static bool read_hub(struct fleet_source *source, const yaml_node_t *node)
{
	const yaml_node_t *path;
	const char *text;
	struct fleet_hub *hub;

	if (!fleet_map(source, node, "hub"))
		return false;
	path = fleet_find(source, node, "path");
	text = path ? fleet_text(path) : NULL;
	if (!text || !(fleet_path_valid(text) || (strncmp(text, "usb", 3) == 0 && text[3])))
		return fleet_error(source, path ? path : node,
				   "path: a port path like 1-1, or usb1 for a root hub, is wanted");
	if (find(source->fleet, text))
		return fleet_error(source, path, "path: %s is listed twice", text);
	hub = add(source->fleet, text);
	if (!hub)
		return fleet_error(source, node, "%s", strerror(ENOMEM));
	hub->listed = true;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++)
		if (!read_key(source, fleet_text(fleet_node(source, pair->key)),
			      fleet_node(source, pair->value), hub))
			return false;
	return true;
}

bool fleet_read_hubs(struct fleet_source *source, const yaml_node_t *node)
{
	return fleet_each(source, node, "hubs", read_hub);
}

#define NAKS_MAX 180u /* that a frame of 1500 byte times has room for */

static const struct fleet_word order_words[] = {{"shared", 0}, {"first", 1}, {0}};

bool fleet_read_wire(struct fleet_source *source, const yaml_node_t *node)
{
	struct fleet_wire *wire = &source->fleet->wire;
	const struct fleet_figure figures[] = {{"packets", &wire->packets},
					       {"buffers", &wire->buffers},
					       {"upstream", &wire->upstream}};
	const struct fleet_figure naks = {"naks", &wire->naks};

	if (!fleet_map(source, node, "wire"))
		return false;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const char *key = fleet_text(fleet_node(source, pair->key));
		const yaml_node_t *value = fleet_node(source, pair->value);
		uint32_t word = 0;
		bool good;

		if (strcmp(key, "order") == 0) {
			good = fleet_word(source, value, key, order_words, &word);
			wire->first_come = word;
		} else if (strcmp(key, "naks") == 0) {
			good = fleet_read_figure(source, value, "wire", key, &naks, 1, 0, NAKS_MAX);
		} else {
			good = fleet_read_figure(source, value, "wire", key, figures,
						 sizeof(figures) / sizeof(figures[0]), 1, 100000);
		}
		if (!good)
			return false;
	}
	return true;
}

static unsigned depth(const char *path)
{
	unsigned dots = 0;

	if (strncmp(path, "usb", 3) == 0)
		return 0;
	for (; *path; path++)
		dots += *path == '.';
	return dots + 1;
}

static int by_depth(const void *a, const void *b)
{
	const struct fleet_hub *left = a, *right = b;

	if (depth(left->path) != depth(right->path))
		return depth(left->path) < depth(right->path) ? -1 : 1;
	return strverscmp(left->path, right->path);
}

/* The hubs between the device at `path` and its root hub, that one included. */
static bool imply(struct fleet *fleet, const char *path)
{
	char above[FLEET_HUB_PATH], below[FLEET_HUB_PATH];

	snprintf(below, sizeof(below), "%s", path);
	for (;;) {
		struct fleet_hub *hub;
		unsigned port = fleet_hub_port(below);

		fleet_hub_above(below, above);
		if (!above[0])
			return true;
		hub = find(fleet, above);
		if (!hub && !(hub = add(fleet, above)))
			return false;
		if (hub->ports < port)
			hub->ports = port;
		snprintf(below, sizeof(below), "%s", above);
	}
}

/* The other half of each hub that has one, on a bus of its own. */
static bool add_peers(struct fleet *fleet)
{
	unsigned listed = fleet->hubs;

	for (unsigned i = 0; i < listed; i++) {
		char path[FLEET_HUB_PATH];
		struct fleet_hub *peer;

		snprintf(path, sizeof(path), "%s", fleet->hub[i].peer);
		if (!path[0] || find(fleet, path))
			continue;
		peer = add(fleet, path);
		if (!peer)
			return false;
		*peer = fleet->hub[i];
		snprintf(peer->path, sizeof(peer->path), "%s", path);
		snprintf(peer->peer, sizeof(peer->peer), "%s", fleet->hub[i].path);
		peer->speed = FLEET_HUB_SUPER;
		peer->multi_tt = false;
	}
	return true;
}

bool fleet_seal_hubs(struct fleet *fleet)
{
	unsigned listed;

	if (!add_peers(fleet))
		return false;
	listed = fleet->hubs;

	for (unsigned i = 0; i < listed; i++) {
		char path[FLEET_HUB_PATH];

		snprintf(path, sizeof(path), "%s", fleet->hub[i].path);
		if (!imply(fleet, path))
			return false;
	}
	for (unsigned i = 0; i < fleet->items; i++)
		if (!imply(fleet, fleet->item[i].path))
			return false;
	if (fleet->hubs)
		qsort(fleet->hub, fleet->hubs, sizeof(*fleet->hub), by_depth);
	return true;
}

unsigned fleet_hubs(const struct fleet *fleet)
{
	return fleet->hubs;
}

const struct fleet_hub *fleet_hub(const struct fleet *fleet, unsigned index)
{
	return &fleet->hub[index];
}

const struct fleet_wire *fleet_wire(const struct fleet *fleet)
{
	return &fleet->wire;
}
