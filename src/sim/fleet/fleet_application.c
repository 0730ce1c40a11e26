/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `application` of a target. */
#include <string.h>

#include "fleet_internal.h"

static bool read_id(struct fleet_source *source, const yaml_node_t *node, const char *key,
		    uint16_t *id)
{
	uint64_t number;

	if (!fleet_number(source, node, key, UINT16_MAX, &number))
		return false;
	*id = (uint16_t)number;
	return true;
}

static bool read_key(struct fleet_source *source, const char *key, const yaml_node_t *node,
		     struct rom_application *application)
{
	uint64_t number;

	if (strcmp(key, "vid") == 0)
		return read_id(source, node, key, &application->vid);
	if (strcmp(key, "pid") == 0)
		return read_id(source, node, key, &application->pid);
	if (strcmp(key, "product") == 0)
		return fleet_string(source, node, key, application->product,
				    sizeof(application->product));
	if (strcmp(key, "detach") == 0)
		return fleet_boolean(source, node, key, &application->detach);
	if (strcmp(key, "touch") == 0)
		return fleet_boolean(source, node, key, &application->touch);
	if (strcmp(key, "start_ms") == 0)
		return fleet_ms(source, node, key, &application->start_ns);
	if (strcmp(key, "serial_at") != 0)
		return fleet_error(source, node, "%s: unknown key of an application", key);
	if (!fleet_number(source, node, key, UINT32_MAX, &number))
		return false;
	application->serial_at = (uint32_t)number;
	return true;
}

bool fleet_read_application(struct fleet_source *source, const yaml_node_t *node,
			    struct rom_config *config)
{
	struct rom_application *application = &config->application;

	if (!fleet_map(source, node, "application"))
		return false;
	*application = (struct rom_application){.given = true, .start_ns = 100 * ROM_MS};
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++)
		if (!read_key(source, fleet_text(fleet_node(source, pair->key)),
			      fleet_node(source, pair->value), application))
			return false;
	if (!application->vid || !application->pid)
		return fleet_error(source, node, "application: vid and pid are wanted");
	return true;
}
