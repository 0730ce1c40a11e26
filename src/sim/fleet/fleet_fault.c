/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The faults of a target, by name. */
#include <string.h>

#include "fleet_internal.h"

const struct fleet_word fleet_states[] = {
	{"dfuIDLE", 2},          {"appIDLE", 0},     {"appDETACH", 1},
	{"dfuDNLOAD-SYNC", 3},   {"dfuDNBUSY", 4},   {"dfuDNLOAD-IDLE", 5},
	{"dfuMANIFEST-SYNC", 6}, {"dfuMANIFEST", 7}, {"dfuMANIFEST-WAIT-RESET", 8},
	{"dfuUPLOAD-IDLE", 9},   {"dfuERROR", 10},   {NULL, 0},
};

const struct fleet_word fleet_statuses[] = {
	{"errTARGET", 1},      {"OK", 0},           {"errFILE", 2},
	{"errWRITE", 3},       {"errERASE", 4},     {"errCHECK_ERASED", 5},
	{"errPROG", 6},        {"errVERIFY", 7},    {"errADDRESS", 8},
	{"errNOTDONE", 9},     {"errFIRMWARE", 10}, {"errVENDOR", 11},
	{"errUSBR", 12},       {"errPOR", 13},      {"errUNKNOWN", 14},
	{"errSTALLEDPKT", 15}, {NULL, 0},
};

static const struct fleet_word requests[] = {
	{"dnload", ROM_ON_DNLOAD},
	{"any", ROM_ON_ANY},
	{"standard", ROM_ON_STANDARD},
	{"descriptor", ROM_ON_DESCRIPTOR},
	{"set_interface", ROM_ON_SET_INTERFACE},
	{"dfu", ROM_ON_CLASS},
	{"upload", ROM_ON_UPLOAD},
	{"getstatus", ROM_ON_GETSTATUS},
	{"busy_getstatus", ROM_ON_BUSY_STATUS},
	{"getstate", ROM_ON_GETSTATE},
	{"clrstatus", ROM_ON_CLRSTATUS},
	{"abort", ROM_ON_ABORT},
	{"set_pointer", ROM_ON_SET_POINTER},
	{"erase", ROM_ON_ERASE},
	{"mass_erase", ROM_ON_MASS_ERASE},
	{"write", ROM_ON_WRITE},
	{"leave", ROM_ON_LEAVE},
	{"read", ROM_ON_READ},
	{"op_erase", ROM_ON_OP_ERASE},
	{"op_mass", ROM_ON_OP_MASS},
	{"op_program", ROM_ON_OP_PROGRAM},
	{"operation", ROM_ON_OPERATION},
	{"reset", ROM_ON_RESET},
	{"open", ROM_ON_OPEN},
	{NULL, 0},
};

static const struct fault_name {
	const char *name;
	enum rom_fault_kind kind;
	uint32_t on;    /* 0: the default of the kind */
	uint32_t count; /* 0: for ever */
} names[] = {
	{"stall", ROM_FAULT_STALL, 0, 1},
	{"stall_error", ROM_FAULT_STALL_ERROR, 0, 1},
	{"stall_latch", ROM_FAULT_STALL_LATCH, 0, 1},
	{"silent", ROM_FAULT_SILENT, 0, 1},
	{"hang", ROM_FAULT_HANG, 0, 1},
	{"vanish", ROM_FAULT_VANISH, 0, 1},
	{"swap", ROM_FAULT_SWAP, 0, 1},
	{"mute", ROM_FAULT_MUTE, 0, 1},
	{"slow", ROM_FAULT_SLOW, 0, 1},
	{"bad_state", ROM_FAULT_BAD_STATE, 0, 1},
	{"bad_status", ROM_FAULT_BAD_STATUS, 0, 1},
	{"poll", ROM_FAULT_POLL, 0, 0},
	{"short_upload", ROM_FAULT_SHORT_UPLOAD, 0, 1},
	{"long_upload", ROM_FAULT_LONG_UPLOAD, 0, 1},
	{"upload_wrong_data", ROM_FAULT_WRONG_DATA, 0, 1},
	{"fail", ROM_FAULT_FAIL, 0, 1},
	{"dropped_write", ROM_FAULT_DROP, ROM_ON_OP_PROGRAM, 1},
	{"ignore_erase", ROM_FAULT_DROP, ROM_ON_OP_ERASE | ROM_ON_OP_MASS, 1},
	{"flip", ROM_FAULT_FLIP, 0, 1},
	{"stuck", ROM_FAULT_STUCK, 0, 0},
};

static const struct fault_name *find_name(const char *text)
{
	for (size_t i = 0; text && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i].name, text) == 0)
			return &names[i];
	return NULL;
}

static bool read_value(struct fleet_source *source, const yaml_node_t *node,
		       struct rom_fault *fault)
{
	const char *text = fleet_text(node);
	uint64_t value;

	fault->has_value = true;
	if (text && (strncmp(text, "dfu", 3) == 0 || strncmp(text, "app", 3) == 0))
		return fleet_word(source, node, "value", fleet_states, &fault->value);
	if (text && (strncmp(text, "err", 3) == 0 || strcmp(text, "OK") == 0))
		return fleet_word(source, node, "value", fleet_statuses, &fault->value);
	if (!fleet_number(source, node, "value", UINT32_MAX, &value))
		return false;
	fault->value = (uint32_t)value;
	return true;
}

static bool read_small(struct fleet_source *source, const yaml_node_t *node, const char *key,
		       uint32_t most, uint32_t *out)
{
	uint64_t value;

	if (!fleet_number(source, node, key, most, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

static bool read_count(struct fleet_source *source, const yaml_node_t *node,
		       struct rom_fault *fault)
{
	const char *text = fleet_text(node);

	fault->count = 0;
	if (text && strcmp(text, "forever") == 0)
		return true;
	if (!read_small(source, node, "count", UINT32_MAX, &fault->count))
		return false;
	return fault->count > 0 || fleet_error(source, node, "count: 1 or more, or forever");
}

static bool read_port(struct fleet_source *source, const yaml_node_t *node, struct rom_fault *fault)
{
	return fleet_string(source, node, "port", fault->port, sizeof(fault->port)) &&
	       (fleet_path_valid(fault->port) ||
		fleet_error(source, node, "port: %s is no port path like 1-1.4", fault->port));
}

static bool read_key(struct fleet_source *source, const char *key, const yaml_node_t *key_node,
		     const yaml_node_t *node, struct rom_fault *fault)
{
	uint32_t small = 0;

	if (strcmp(key, "fault") == 0)
		return true;
	if (strcmp(key, "on") == 0)
		return fleet_words(source, node, key, requests, &fault->on);
	if (strcmp(key, "nth") == 0)
		return read_small(source, node, key, UINT32_MAX, &fault->nth);
	if (strcmp(key, "chance") == 0)
		return fleet_chance(source, node, key, &fault->chance) &&
		       (fault->chance > 0 || fleet_error(source, node, "chance: more than 0"));
	if (strcmp(key, "count") == 0)
		return read_count(source, node, fault);
	if (strcmp(key, "address") == 0) {
		fault->has_address = true;
		return read_small(source, node, key, UINT32_MAX, &fault->address);
	}
	if (strcmp(key, "length") == 0)
		return read_small(source, node, key, UINT32_MAX, &fault->length);
	if (strcmp(key, "value") == 0)
		return read_value(source, node, fault);
	if (strcmp(key, "ms") == 0)
		return fleet_ms(source, node, key, &fault->ns);
	if (strcmp(key, "away_ms") == 0)
		return fleet_ms(source, node, key, &fault->away_ns);
	if (strcmp(key, "port") == 0)
		return read_port(source, node, fault);
	if (strcmp(key, "block") == 0) {
		fault->has_block = true;
		if (!read_small(source, node, key, UINT16_MAX, &small))
			return false;
		fault->block = (uint16_t)small;
		return true;
	}
	if (strcmp(key, "bit") == 0) {
		if (!read_small(source, node, key, 7, &small))
			return false;
		fault->bit = (uint8_t)small;
		return true;
	}
	return fleet_error(source, key_node, "%s: unknown key of a fault", key);
}

static bool read_fault(struct fleet_source *source, const yaml_node_t *node,
		       struct rom_fault *fault)
{
	const yaml_node_t *name_node;
	const struct fault_name *name;

	if (!fleet_map(source, node, "fault"))
		return false;
	name_node = fleet_find(source, node, "fault");
	if (!name_node)
		return fleet_error(source, node, "fault: which one? (the key fault is missing)");
	name = find_name(fleet_text(name_node));
	if (!name)
		return fleet_error(source, name_node, "fault: there is none of that name");
	memset(fault, 0, sizeof(*fault));
	fault->kind = name->kind;
	fault->on = name->on;
	fault->count = name->count;
	fault->away_ns = 200 * ROM_MS;
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = fleet_node(source, pair->key);

		if (!read_key(source, fleet_text(key), key, fleet_node(source, pair->value), fault))
			return false;
	}
	return true;
}

bool fleet_read_faults(struct fleet_source *source, const yaml_node_t *node,
		       struct rom_config *config)
{
	if (!fleet_list(source, node, "faults"))
		return false;
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		const yaml_node_t *fault = fleet_node(source, *item);

		if (config->faults == ROM_FAULTS_MAX)
			return fleet_error(source, fault, "faults: at most %d", ROM_FAULTS_MAX);
		if (!read_fault(source, fault, &config->fault[config->faults]))
			return false;
		config->faults++;
	}
	return true;
}
