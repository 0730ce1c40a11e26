/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a target. Most are a field of struct rom_config each, in fleet_fields.c; the rest
 * have a reader here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet_internal.h"

static bool read_name(struct fleet_source *source, const yaml_node_t *node, struct fleet_item *item)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";

	if (!fleet_string(source, node, "name", item->name, sizeof(item->name) - 16))
		return false;
	if (item->name[0] == '\0' || item->name[0] == '.' ||
	    item->name[strspn(item->name, allowed)] != '\0')
		return fleet_error(source, node, "name: letters, digits and ._- are allowed");
	return true;
}

static bool read_uid(struct fleet_source *source, const yaml_node_t *node,
		     struct rom_config *config)
{
	const char *text = fleet_text(node);

	if (!text || strlen(text) != 2 * ROM_UID_BYTES ||
	    strspn(text, "0123456789abcdefABCDEF") != 2 * ROM_UID_BYTES)
		return fleet_error(source, node, "uid: 24 hexadecimal digits are wanted");
	for (size_t i = 0; i < ROM_UID_BYTES; i++) {
		const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};

		config->uid[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

static bool read_sector_erase(struct fleet_source *source, const yaml_node_t *node,
			      struct rom_config *config)
{
	for (unsigned bank = 0; bank < 2; bank++) {
		const yaml_node_t *word = node;
		uint32_t value;

		if (node->type == YAML_SEQUENCE_NODE) {
			if (node->data.sequence.items.top - node->data.sequence.items.start != 2)
				return fleet_error(source, node, "sector_erase: two, one a bank");
			word = fleet_node(source, node->data.sequence.items.start[bank]);
		}
		if (!fleet_word(source, word, "sector_erase", fleet_sector_words, &value))
			return false;
		config->sector_erase[bank] = (enum rom_sector_erase)value;
	}
	return true;
}

static bool read_layout(struct fleet_source *source, const yaml_node_t *node,
			struct rom_config *config)
{
	size_t count;

	if (node->type != YAML_SEQUENCE_NODE)
		return fleet_string(source, node, "layout", config->layout[0],
				    sizeof(config->layout[0]));
	count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (count < 1 || count > ROM_ALTS_MAX)
		return fleet_error(source, node, "layout: 1 to %d", ROM_ALTS_MAX);
	for (size_t i = 0; i < count; i++)
		if (!fleet_string(source, fleet_node(source, node->data.sequence.items.start[i]),
				  "layout", config->layout[i], sizeof(config->layout[i])))
			return false;
	config->alts = (unsigned)count;
	return true;
}

static bool read_addresses(struct fleet_source *source, const yaml_node_t *node, const char *key,
			   uint32_t *addresses, unsigned most, unsigned *count)
{
	uint64_t value;

	*count = 0;
	if (node->type != YAML_SEQUENCE_NODE)
		return fleet_error(source, node, "%s: a list of addresses is wanted", key);
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		const yaml_node_t *address = fleet_node(source, *item);

		if (*count == most)
			return fleet_error(source, address, "%s: at most %u", key, most);
		if (!fleet_number(source, address, key, UINT32_MAX, &value))
			return false;
		addresses[(*count)++] = (uint32_t)value;
	}
	return true;
}

static bool read_write_protect(struct fleet_source *source, const yaml_node_t *node,
			       struct rom_config *config)
{
	uint32_t addresses[256];
	unsigned count;

	memset(config->wrp, 0, sizeof(config->wrp));
	if (!read_addresses(source, node, "write_protect", addresses, 256, &count))
		return false;
	for (unsigned i = 0; i < count; i++) {
		const uint32_t bank = addresses[i] >= 0x08100000 && config->part.banks == 2;
		const uint32_t start = bank ? 0x08100000 : 0x08000000;
		const uint32_t sector = (addresses[i] - start) / config->part.sector_bytes;

		if (addresses[i] < start || sector >= config->part.sectors)
			return fleet_error(source, node, "write_protect: 0x%08x is not in flash",
					   addresses[i]);
		config->wrp[bank][sector / 32] |= UINT32_C(1) << (sector % 32);
	}
	return true;
}

static bool read_rdp(struct fleet_source *source, const yaml_node_t *node,
		     struct rom_config *config)
{
	static const uint8_t bytes[] = {0xAA, 0x55, 0xCC};
	uint64_t level;

	if (!fleet_number(source, node, "rdp", 2, &level))
		return false;
	config->rdp = bytes[level];
	return true;
}

static bool read_serial(struct fleet_source *source, const yaml_node_t *node,
			struct rom_config *config)
{
	config->serial_kind = ROM_SERIAL_TEXT;
	return fleet_string(source, node, "serial", config->serial, sizeof(config->serial));
}

static bool read_path(struct fleet_source *source, const yaml_node_t *node, struct fleet_item *item)
{
	return fleet_string(source, node, "path", item->path, sizeof(item->path)) &&
	       (fleet_path_valid(item->path) ||
		fleet_error(source, node, "path: %s is no port path like 1-1.4", item->path));
}

static bool read_refuse(struct fleet_source *source, const yaml_node_t *node,
			struct rom_config *config)
{
	return fleet_words(source, node, "refuse", fleet_refuse_words, &config->refuse);
}

static bool read_broken_at(struct fleet_source *source, const yaml_node_t *node,
			   struct rom_config *config)
{
	return read_addresses(source, node, "broken_at", config->broken_at, ROM_BROKEN_MAX,
			      &config->broken_words);
}

/* Keys with a reader of their own. */
static const struct special {
	const char *key;
	bool (*read)(struct fleet_source *source, const yaml_node_t *node,
		     struct rom_config *config);
} specials[] = {
	{"uid", read_uid},
	{"refuse", read_refuse},
	{"sector_erase", read_sector_erase},
	{"layout", read_layout},
	{"write_protect", read_write_protect},
	{"broken_at", read_broken_at},
	{"rdp", read_rdp},
	{"contents", fleet_read_contents},
	{"serial", read_serial},
	{"application", fleet_read_application},
	{"memory", fleet_read_memory},
	{"faults", fleet_read_faults},
};

/* Keys that are read elsewhere: a target's own, and those that set defaults for the others. */
static const struct elsewhere {
	const char *key;
	bool own;
} elsewhere[] = {{"name", true},        {"path", true},         {"repeat", true}, {"part", false},
		 {"bootloader", false}, {"personality", false}, {"twin", false}};

#define COUNT(TABLE) (sizeof(TABLE) / sizeof((TABLE)[0]))

static const struct elsewhere *find_elsewhere(const char *key)
{
	for (size_t i = 0; i < COUNT(elsewhere); i++)
		if (strcmp(key, elsewhere[i].key) == 0)
			return &elsewhere[i];
	return NULL;
}

const char *fleet_key(unsigned index)
{
	if (index < COUNT(elsewhere))
		return elsewhere[index].key;
	index -= (unsigned)COUNT(elsewhere);
	if (index < COUNT(specials))
		return specials[index].key;
	return fleet_field_key(index - (unsigned)COUNT(specials));
}

static bool read_key(struct fleet_source *source, const char *key, const yaml_node_t *key_node,
		     const yaml_node_t *node, struct fleet_item *item, bool defaults)
{
	const struct elsewhere *other = find_elsewhere(key);
	bool found;

	if (other && other->own && defaults)
		return fleet_error(source, key_node, "%s: belongs to a target", key);
	if (strcmp(key, "name") == 0)
		return read_name(source, node, item);
	if (strcmp(key, "path") == 0)
		return read_path(source, node, item);
	if (other)
		return true; /* read before */
	if (!fleet_read_field(source, key, node, &item->config, &found))
		return false;
	if (found)
		return true;
	for (size_t i = 0; i < COUNT(specials); i++)
		if (strcmp(key, specials[i].key) == 0)
			return specials[i].read(source, node, &item->config);
	return fleet_error(source, key_node, "%s: unknown key of a target", key);
}

bool fleet_read_keys(struct fleet_source *source, const yaml_node_t *map, struct fleet_item *item,
		     bool defaults)
{
	for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
	     pair < map->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = fleet_node(source, pair->key);

		if (!read_key(source, fleet_text(key), key, fleet_node(source, pair->value), item,
			      defaults))
			return false;
	}
	return true;
}

bool fleet_read_identity(struct fleet_source *source, const yaml_node_t *defaults,
			 const yaml_node_t *target, struct rom_config *config)
{
	const yaml_node_t *part = fleet_find(source, target, "part");
	const yaml_node_t *bootloader = fleet_find(source, target, "bootloader");
	const yaml_node_t *personality = fleet_find(source, target, "personality");
	const bool own = part && !bootloader;
	uint32_t word;

	if (!bootloader)
		bootloader = fleet_find(source, defaults, "bootloader");
	if (!part)
		part = fleet_find(source, defaults, "part");
	if (part && (!fleet_text(part) || !rom_config_part(config, fleet_text(part))))
		return fleet_error(source, part, "part: not one of those modelled");
	/* A default version does not bind a target of another series. */
	if (bootloader && !own &&
	    (!fleet_text(bootloader) || !rom_config_bootloader(config, fleet_text(bootloader))))
		return fleet_error(source, bootloader,
				   "bootloader: no such version of this series");
	if (bootloader && own && fleet_text(bootloader))
		(void)rom_config_bootloader(config, fleet_text(bootloader));
	if (!personality)
		personality = fleet_find(source, defaults, "personality");
	if (!personality)
		return true;
	if (!fleet_word(source, personality, "personality", fleet_personality_words, &word))
		return false;
	rom_config_personality(config, (enum rom_personality)word);
	return true;
}

/* --- showing their values --- */

static void show_sectors(FILE *to, const struct rom_config *config)
{
	const char *comma = "";

	fputs(", \"write_protect\": [", to);
	for (uint32_t bank = 0; bank < config->part.banks; bank++)
		for (uint32_t s = 0; s < config->part.sectors; s++) {
			if (!(config->wrp[bank][s / 32] >> (s % 32) & 1))
				continue;
			fprintf(to, "%s%u", comma,
				(bank ? 0x08100000u : 0x08000000u) + s * config->part.sector_bytes);
			comma = ", ";
		}
	fputc(']', to);
}

void fleet_show(FILE *to, const struct fleet *fleet, unsigned index)
{
	const struct fleet_word *words = fleet_sector_words;
	const struct rom_config *config = &fleet->item[index].config;

	fprintf(to, "{\"name\": \"%s\", \"path\": \"%s\", \"part\": ", fleet->item[index].name,
		fleet->item[index].path);
	fleet_show_text(to, config->part.name);
	fputs(", \"uid\": \"", to);
	for (unsigned i = 0; i < ROM_UID_BYTES; i++)
		fprintf(to, "%02x", config->uid[i]);
	fputs("\", \"personality\": ", to);
	fleet_show_text(to, fleet_personality_words[config->personality].name);
	fprintf(to, ", \"sector_erase\": [\"%s\", \"%s\"]", words[config->sector_erase[0]].name,
		words[config->sector_erase[1]].name);
	fputs(", \"refuse\": ", to);
	fleet_show_set(to, fleet_refuse_words, config->refuse);
	fputs(", \"layout\": [", to);
	for (unsigned i = 0; i < config->alts; i++) {
		fputs(i ? ", " : "", to);
		fleet_show_text(to, config->layout[i]);
	}
	fprintf(to, "], \"rdp\": %d", config->rdp == 0xAA ? 0 : config->rdp == 0xCC ? 2 : 1);
	fputs(", \"serial\": ", to);
	fleet_show_text(to, config->serial);
	show_sectors(to, config);
	fleet_show_fields(to, config);
	fputs("}\n", to);
}
