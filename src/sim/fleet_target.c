/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a target. Most are a field of struct rom_config each, in a table; the rest have a
 * reader. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet_internal.h"

static const struct fleet_word sector_words[] = {{"normal", ROM_SECTOR_NORMAL},
						 {"wedges", ROM_SECTOR_WEDGES},
						 {"early", ROM_SECTOR_EARLY},
						 {NULL, 0}};
static const struct fleet_word mass_words[] = {{"works", ROM_MASS_WORKS},
					       {"nothing", ROM_MASS_NOTHING},
					       {"early", ROM_MASS_EARLY},
					       {"partial", ROM_MASS_PARTIAL},
					       {"bank1_only", ROM_MASS_BANK1},
					       {"stalls", ROM_MASS_STALLS},
					       {NULL, 0}};
static const struct fleet_word leave_words[] = {{"works", ROM_LEAVE_WORKS},
						{"stays", ROM_LEAVE_STAYS},
						{"refuses", ROM_LEAVE_REFUSES},
						{NULL, 0}};
static const struct fleet_word stride_words[] = {
	{"request", ROM_STRIDE_REQUEST}, {"constant", ROM_STRIDE_CONSTANT}, {NULL, 0}};
static const struct fleet_word clear_words[] = {{"stalls", ROM_CLEAR_STALLS},
						{"errs", ROM_CLEAR_ERRS},
						{"idles", ROM_CLEAR_IDLES},
						{NULL, 0}};
static const struct fleet_word twice_words[] = {{"breaks", ROM_TWICE_BREAKS},
						{"ands", ROM_TWICE_ANDS},
						{"keeps", ROM_TWICE_KEEPS},
						{NULL, 0}};
static const struct fleet_word broken_words[] = {
	{"errs", ROM_BROKEN_ERRS},     {"stalls", ROM_BROKEN_STALLS},	{"hangs", ROM_BROKEN_HANGS},
	{"silent", ROM_BROKEN_SILENT}, {"garbage", ROM_BROKEN_GARBAGE}, {NULL, 0}};
static const struct fleet_word option_words[] = {{"refuses", ROM_OPTION_REFUSES},
						 {"ignores", ROM_OPTION_IGNORES},
						 {"takes", ROM_OPTION_TAKES},
						 {NULL, 0}};
static const struct fleet_word refuse_words[] = {{"id", ROM_REFUSE_ID},
						 {"uid", ROM_REFUSE_UID},
						 {"size", ROM_REFUSE_SIZE},
						 {"option_bytes", ROM_REFUSE_OPTIONS},
						 {NULL, 0}};
static const struct fleet_word contents_words[] = {{"blank", ROM_CONTENTS_BLANK},
						   {"random", ROM_CONTENTS_RANDOM},
						   {"pattern", ROM_CONTENTS_PATTERN},
						   {"half", ROM_CONTENTS_HALF},
						   {NULL, 0}};

/* A key that is a field. `most` bounds a number. */
static const struct field {
	const char *key;
	enum { NUMBER, BOOLEAN, MS, CHANCE, TEXT, WORD } type;
	size_t offset, size;
	uint64_t most;
	const struct fleet_word *words;
} fields[] = {
#define AT(MEMBER) offsetof(struct rom_config, MEMBER), sizeof(((struct rom_config *)0)->MEMBER)
	{"seed", NUMBER, AT(seed), UINT64_MAX, NULL},
	{"id", NUMBER, AT(id), UINT8_MAX, NULL},
	{"mass_erase", WORD, AT(mass_erase), 0, mass_words},
	{"leave", WORD, AT(leave), 0, leave_words},
	{"busy_hang", CHANCE, AT(busy_hang), 0, NULL},
	{"vid", NUMBER, AT(vid), UINT16_MAX, NULL},
	{"pid", NUMBER, AT(pid), UINT16_MAX, NULL},
	{"bcd_device", NUMBER, AT(bcd_device), UINT16_MAX, NULL},
	{"dfu_attributes", NUMBER, AT(dfu_attributes), UINT8_MAX, NULL},
	{"transfer_size", NUMBER, AT(transfer_size), UINT16_MAX, NULL},
	{"real_transfer_size", NUMBER, AT(real_transfer_size), ROM_DATA_MAX, NULL},
	{"functional_descriptor", BOOLEAN, AT(functional), 0, NULL},
	{"functional_length", NUMBER, AT(functional_length), UINT8_MAX, NULL},
	{"string_length", NUMBER, AT(string_length), UINT8_MAX, NULL},
	{"total_length", NUMBER, AT(total_length), UINT16_MAX, NULL},
	{"manufacturer", TEXT, AT(manufacturer), 0, NULL},
	{"product", TEXT, AT(product), 0, NULL},
	{"serial", TEXT, AT(serial), 0, NULL},
	{"stride", WORD, AT(stride), 0, stride_words},
	{"clrstatus", WORD, AT(clear), 0, clear_words},
	{"unexpected_errs", BOOLEAN, AT(unexpected_errs), 0, NULL},
	{"errors_at_first", BOOLEAN, AT(errors_at_first), 0, NULL},
	{"mass_in_second", BOOLEAN, AT(mass_in_second), 0, NULL},
	{"erase_moves_pointer", BOOLEAN, AT(erase_moves_pointer), 0, NULL},
	{"alt_confined", BOOLEAN, AT(alt_confined), 0, NULL},
	{"reset_keeps_state", BOOLEAN, AT(reset_keeps_state), 0, NULL},
	{"early_poll_stall", BOOLEAN, AT(early_poll_stalls), 0, NULL},
	{"option_whole", BOOLEAN, AT(option_whole), 0, NULL},
	{"poll_pointer_ms", NUMBER, AT(poll_pointer_ms), 0xFFFFFF, NULL},
	{"poll_write_ms", NUMBER, AT(poll_write_ms), 0xFFFFFF, NULL},
	{"poll_erase_ms", NUMBER, AT(poll_erase_ms), 0xFFFFFF, NULL},
	{"poll_mass_ms", NUMBER, AT(poll_mass_ms), 0xFFFFFF, NULL},
	{"poll_idle_ms", NUMBER, AT(poll_idle_ms), 0xFFFFFF, NULL},
	{"initial_state", WORD, AT(initial_state), 0, fleet_states},
	{"initial_status", WORD, AT(initial_status), 0, fleet_statuses},
	{"initial_command", NUMBER, AT(initial_command), UINT8_MAX, NULL},
	{"initial_address", NUMBER, AT(initial_address), UINT32_MAX, NULL},
	{"initial_busy_ms", MS, AT(initial_busy_ns), 0, NULL},
	{"double_program", WORD, AT(twice), 0, twice_words},
	{"broken_read", WORD, AT(broken), 0, broken_words},
	{"secure_start", NUMBER, AT(secure_start), UINT32_MAX, NULL},
	{"secure_bytes", NUMBER, AT(secure_bytes), 0x200000, NULL},
	{"contents_start", NUMBER, AT(contents_start), UINT32_MAX, NULL},
	{"contents_bytes", NUMBER, AT(contents_bytes), 0x200000, NULL},
	{"swap_bank", BOOLEAN, AT(swap_bank), 0, NULL},
	{"security", BOOLEAN, AT(security), 0, NULL},
	{"option_write", WORD, AT(option_write), 0, option_words},
	{"sector_ms", MS, AT(sector_ns), 0, NULL},
	{"mass_ms", MS, AT(mass_ns), 0, NULL},
	{"word_ms", MS, AT(word_ns), 0, NULL},
	{"sector_worst_ms", MS, AT(sector_worst_ns), 0, NULL},
	{"mass_worst_ms", MS, AT(mass_worst_ns), 0, NULL},
	{"wire_small_ms", MS, AT(wire_small_ns), 0, NULL},
	{"wire_block_ms", MS, AT(wire_block_ns), 0, NULL},
	{"boot0_high", BOOLEAN, AT(boot0_high), 0, NULL},
	{"return_ms", MS, AT(return_ns), 0, NULL},
#undef AT
};

static void store(void *at, size_t size, uint64_t value)
{
	const uint8_t small = (uint8_t)value;
	const uint16_t half = (uint16_t)value;
	const uint32_t word = (uint32_t)value;

	if (size == sizeof(small))
		memcpy(at, &small, size);
	else if (size == sizeof(half))
		memcpy(at, &half, size);
	else if (size == sizeof(word))
		memcpy(at, &word, size);
	else
		memcpy(at, &value, sizeof(value));
}

static bool read_field(struct fleet_source *source, const struct field *field,
		       const yaml_node_t *node, struct rom_config *config)
{
	void *at = (uint8_t *)config + field->offset;
	uint64_t number = 0;
	uint32_t word = 0;
	bool boolean = false;

	switch (field->type) {
	case NUMBER:
		if (!fleet_number(source, node, field->key, field->most, &number))
			return false;
		break;
	case MS:
		if (!fleet_ms(source, node, field->key, &number))
			return false;
		if (number == ROM_FOR_EVER)
			number = UINT64_C(1) << 60; /* may still be added to */
		break;
	case BOOLEAN:
		if (!fleet_boolean(source, node, field->key, &boolean))
			return false;
		memcpy(at, &boolean, sizeof(boolean));
		return true;
	case CHANCE:
		if (!fleet_chance(source, node, field->key, &word))
			return false;
		number = word;
		break;
	case WORD:
		if (!fleet_word(source, node, field->key, field->words, &word))
			return false;
		number = word;
		break;
	case TEXT:
		return fleet_string(source, node, field->key, at, field->size);
	}
	store(at, field->size, number);
	return true;
}

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
		if (!fleet_word(source, word, "sector_erase", sector_words, &value))
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

/* Owned by the fleet from here on; configs borrow it. */
static uint8_t *keep_image(struct fleet *fleet, size_t bytes)
{
	uint8_t **images = realloc(fleet->image, (fleet->images + 1) * sizeof(*images));

	if (!images)
		return NULL;
	fleet->image = images;
	images[fleet->images] = malloc(bytes);
	return images[fleet->images] ? images[fleet->images++] : NULL;
}

static bool load_image(struct fleet_source *source, const yaml_node_t *node, const char *name,
		       struct rom_config *config)
{
	const char *slash = name[0] == '/' ? NULL : strrchr(source->file, '/');
	char path[4096];
	FILE *in;
	long size;
	uint8_t *image = NULL;
	bool good = false;

	snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - source->file + 1) : 0,
		 source->file, name);
	in = fopen(path, "rb");
	if (!in)
		return fleet_error(source, node, "contents: %s: %s", path, strerror(errno));
	if (fseek(in, 0, SEEK_END) == 0 && (size = ftell(in)) > 0 && size <= 0x200000 &&
	    fseek(in, 0, SEEK_SET) == 0) {
		image = keep_image(source->fleet, (size_t)size);
		good = image && fread(image, 1, (size_t)size, in) == (size_t)size;
		config->image_bytes = (size_t)size;
	}
	fclose(in);
	if (!good)
		return fleet_error(source, node, "contents: %s: not an image of up to 2 MiB", path);
	config->image = image;
	config->contents = ROM_CONTENTS_IMAGE;
	return true;
}

/* A word, or {file: NAME} relative to the fleet file. */
static bool read_contents(struct fleet_source *source, const yaml_node_t *node,
			  struct rom_config *config)
{
	const yaml_node_t *file;
	uint32_t value;

	if (node->type != YAML_MAPPING_NODE) {
		if (!fleet_word(source, node, "contents", contents_words, &value))
			return false;
		config->contents = (enum rom_contents)value;
		return true;
	}
	file = fleet_find(source, node, "file");
	if (!file || !fleet_text(file) ||
	    node->data.mapping.pairs.top - node->data.mapping.pairs.start != 1)
		return fleet_error(source, node, "contents: a word or {file: NAME} is wanted");
	return load_image(source, file, fleet_text(file), config);
}

static bool read_path(struct fleet_source *source, const yaml_node_t *node, struct fleet_item *item)
{
	return fleet_string(source, node, "path", item->path, sizeof(item->path)) &&
	       (fleet_path_valid(item->path) ||
		fleet_error(source, node, "path: %s is no port path like 1-1.4", item->path));
}

static bool read_special(struct fleet_source *source, const char *key, const yaml_node_t *key_node,
			 const yaml_node_t *node, struct fleet_item *item)
{
	struct rom_config *config = &item->config;

	if (strcmp(key, "uid") == 0)
		return read_uid(source, node, config);
	if (strcmp(key, "refuse") == 0)
		return fleet_words(source, node, key, refuse_words, &config->refuse);
	if (strcmp(key, "sector_erase") == 0)
		return read_sector_erase(source, node, config);
	if (strcmp(key, "layout") == 0)
		return read_layout(source, node, config);
	if (strcmp(key, "write_protect") == 0)
		return read_write_protect(source, node, config);
	if (strcmp(key, "broken_at") == 0)
		return read_addresses(source, node, key, config->broken_at, ROM_BROKEN_MAX,
				      &config->broken_words);
	if (strcmp(key, "rdp") == 0)
		return read_rdp(source, node, config);
	if (strcmp(key, "contents") == 0)
		return read_contents(source, node, config);
	if (strcmp(key, "faults") == 0)
		return fleet_read_faults(source, node, config);
	return fleet_error(source, key_node, "%s: unknown key of a target", key);
}

static bool read_key(struct fleet_source *source, const char *key, const yaml_node_t *key_node,
		     const yaml_node_t *node, struct fleet_item *item, bool defaults)
{
	const bool own =
		strcmp(key, "name") == 0 || strcmp(key, "path") == 0 || strcmp(key, "repeat") == 0;

	if (own && defaults)
		return fleet_error(source, key_node, "%s: belongs to a target", key);
	if (strcmp(key, "name") == 0)
		return read_name(source, node, item);
	if (strcmp(key, "path") == 0)
		return read_path(source, node, item);
	if (own || strcmp(key, "part") == 0 || strcmp(key, "bootloader") == 0)
		return true; /* read before */
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(key, fields[i].key) == 0)
			return read_field(source, &fields[i], node, &item->config);
	return read_special(source, key, key_node, node, item);
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
	const bool own = part && !bootloader;

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
	return true;
}
