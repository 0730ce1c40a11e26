/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fleet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet_internal.h"
#include "sim/rom/rom_random.h"

enum { HUB_PORTS = 16, HUBS_A_BUS = 6 }; /* 102 addresses of the 127 that a bus has */

static const struct fleet_item *find(const struct fleet *fleet, const struct fleet_item *but,
				     const char *path, const char *name)
{
	for (unsigned i = 0; i < fleet->items; i++) {
		const struct fleet_item *item = &fleet->item[i];

		if (item != but && ((path && strcmp(item->path, path) == 0) ||
				    (name && strcmp(item->name, name) == 0)))
			return item;
	}
	return NULL;
}

/* The next path that no board has, counting from *number. */
static void give_path(const struct fleet *fleet, struct fleet_item *item, unsigned *number)
{
	do {
		const unsigned n = (*number)++;
		const unsigned hub = n / HUB_PORTS;

		snprintf(item->path, sizeof(item->path), "%u-%u.%u", 1 + hub / HUBS_A_BUS,
			 1 + hub % HUBS_A_BUS, 1 + n % HUB_PORTS);
	} while (find(fleet, item, item->path, NULL));
}

static void give_uid(uint8_t *uid, uint64_t *random)
{
	const uint64_t bits = rom_random(random);

	/* RM0433: wafer coordinates and number, then the lot in ASCII */
	uid[0] = (uint8_t)(bits % 100);
	uid[1] = 0;
	uid[2] = (uint8_t)((bits >> 8) % 100);
	uid[3] = 0;
	uid[4] = (uint8_t)(1 + (bits >> 16) % 25);
	for (unsigned i = 5; i < ROM_UID_BYTES; i++)
		uid[i] = (uint8_t)('0' + rom_random(random) % 10);
}

static bool uid_taken(const struct fleet *fleet, unsigned before, const uint8_t *uid)
{
	for (unsigned i = 0; i < before; i++)
		if (memcmp(fleet->item[i].config.uid, uid, ROM_UID_BYTES) == 0)
			return true;
	return false;
}

/* UID and seed of every target that was given none; two are the same only where the file says so.
 */
static void individualize(struct fleet *fleet, unsigned index)
{
	static const uint8_t none[ROM_UID_BYTES];
	struct rom_config *config = &fleet->item[index].config;
	uint64_t state = fleet->seed + index;

	if (config->seed == 0)
		config->seed = rom_random(&state);
	if (memcmp(config->uid, none, ROM_UID_BYTES) != 0)
		return;
	state = config->seed ^ (uint64_t)index << 48;
	do
		give_uid(config->uid, &state);
	while (uid_taken(fleet, index, config->uid));
}

static bool repeat(struct fleet *fleet, unsigned count)
{
	const unsigned written = fleet->items;

	while (fleet->items < count) {
		const unsigned from = fleet->items % written;
		const unsigned round = fleet->items / written + 1;
		struct fleet_item *item = fleet_add(fleet);

		if (!item)
			return false;
		item->config = fleet->item[from].config;
		item->origin = from;
		if (fleet->item[from].name[0])
			snprintf(item->name, sizeof(item->name), "%.48s.%u", fleet->item[from].name,
				 round);
	}
	fleet->items = count > 0 ? count : written;
	return true;
}

bool fleet_seal(struct fleet *fleet, unsigned count, char *why, size_t why_size)
{
	unsigned number = 0;

	if (fleet->items == 0 || count > FLEET_TARGETS_MAX) {
		snprintf(why, why_size, "a fleet has 1 to %d targets", FLEET_TARGETS_MAX);
		return false;
	}
	if (!repeat(fleet, count)) {
		snprintf(why, why_size, "%s", strerror(ENOMEM));
		return false;
	}
	for (unsigned i = 0; i < fleet->items; i++) {
		struct fleet_item *item = &fleet->item[i];

		if (!item->path[0])
			give_path(fleet, item, &number);
		else if (find(fleet, item, item->path, NULL)) {
			snprintf(why, why_size, "two targets at path %s", item->path);
			return false;
		}
		if (!item->name[0])
			snprintf(item->name, sizeof(item->name), "%s", item->path);
		individualize(fleet, i);
	}
	for (unsigned i = 0; i < fleet->items; i++) {
		if (find(fleet, &fleet->item[i], NULL, fleet->item[i].name)) {
			snprintf(why, why_size, "two targets named %s", fleet->item[i].name);
			return false;
		}
	}
	if (!fleet_seal_hubs(fleet)) {
		snprintf(why, why_size, "%s", strerror(ENOMEM));
		return false;
	}
	return true;
}

static struct fleet *new_fleet(char *why, size_t why_size)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));

	if (!fleet)
		snprintf(why, why_size, "%s", strerror(ENOMEM));
	else
		*fleet = (struct fleet){.seed = 1,
					.wire = {.packets = 19, .buffers = 2, .upstream = 300},
					.host = {.usbfs_kib = 16 * 1024}};
	return fleet;
}

/* A fleet of boards that are all like one, which `twin` describes (NULL: the default one). */
static struct fleet *like_one(const char *twin, unsigned count, char *why, size_t why_size)
{
	struct fleet_source source = {.file = twin, .why = why, .why_size = why_size};
	struct fleet_item *item;

	source.fleet = new_fleet(why, why_size);
	if (!source.fleet)
		return NULL;
	item = fleet_add(source.fleet);
	if (!item) {
		snprintf(why, why_size, "%s", strerror(ENOMEM));
		goto fail;
	}
	memset(item->config.uid, 0, ROM_UID_BYTES);
	if ((!twin || fleet_read_twin(&source, twin, item)) &&
	    fleet_seal(source.fleet, count > 0 ? count : 1, why, why_size))
		return source.fleet;
fail:
	fleet_free(source.fleet);
	return NULL;
}

struct fleet *fleet_default(unsigned count, char *why, size_t why_size)
{
	return like_one(NULL, count, why, why_size);
}

static struct fleet *load_file(const char *path, const char *twin, unsigned count, char *why,
			       size_t why_size)
{
	struct fleet_source source = {.file = path, .twin = twin, .why = why, .why_size = why_size};
	char reason[128];
	bool good;

	if (!fleet_open(&source))
		return NULL;
	source.fleet = new_fleet(why, why_size);
	good = source.fleet && fleet_read_targets(&source);
	yaml_document_delete(&source.document);
	if (good && !fleet_seal(source.fleet, count, reason, sizeof(reason))) {
		snprintf(why, why_size, "%s:1:1: %s", path, reason);
		good = false;
	}
	if (good)
		return source.fleet;
	fleet_free(source.fleet);
	return NULL;
}

struct fleet *fleet_load(const char *path, unsigned count, char *why, size_t why_size)
{
	return load_file(path, NULL, count, why, why_size);
}

struct fleet *fleet_load_twin(const char *path, const char *twin, unsigned count, char *why,
			      size_t why_size)
{
	return path ? load_file(path, twin, count, why, why_size)
		    : like_one(twin, count, why, why_size);
}

void fleet_free(struct fleet *fleet)
{
	if (!fleet)
		return;
	for (unsigned i = 0; i < fleet->images; i++)
		free(fleet->image[i]);
	free(fleet->image);
	free(fleet->item);
	free(fleet->hub);
	free(fleet);
}

unsigned fleet_targets(const struct fleet *fleet)
{
	return fleet->items;
}

const struct rom_config *fleet_target(const struct fleet *fleet, unsigned index)
{
	return &fleet->item[index].config;
}

const char *fleet_path(const struct fleet *fleet, unsigned index)
{
	return fleet->item[index].path;
}

const char *fleet_name(const struct fleet *fleet, unsigned index)
{
	return fleet->item[index].name;
}
