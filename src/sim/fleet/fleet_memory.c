/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys `contents` and `memory` of a target: the initial contents of its flash, and bytes of
 * another chip's address space. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet_internal.h"

static const struct fleet_word contents_words[] = {{"blank", ROM_CONTENTS_BLANK},
						   {"random", ROM_CONTENTS_RANDOM},
						   {"pattern", ROM_CONTENTS_PATTERN},
						   {"half", ROM_CONTENTS_HALF},
						   {NULL, 0}};

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
bool fleet_read_contents(struct fleet_source *source, const yaml_node_t *node,
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

/* {address: N, bytes: "HEX"} */
static bool read_one_memory(struct fleet_source *source, const yaml_node_t *node,
			    struct rom_memory *memory)
{
	const yaml_node_t *at = NULL, *bytes = NULL;
	char text[2 * ROM_MEMORY_BYTES + 1];
	uint64_t address;

	if (!fleet_map(source, node, "memory"))
		return false;
	at = fleet_find(source, node, "address");
	bytes = fleet_find(source, node, "bytes");
	if (!at || !bytes)
		return fleet_error(source, node, "memory: {address: N, bytes: HEX} is wanted");
	if (!fleet_number(source, at, "address", UINT32_MAX, &address) ||
	    !fleet_string(source, bytes, "bytes", text, sizeof(text)))
		return false;
	memory->address = (uint32_t)address;
	memory->length = (uint32_t)strlen(text) / 2;
	if (memory->length == 0 || strlen(text) % 2 != 0 ||
	    strspn(text, "0123456789abcdefABCDEF") != strlen(text))
		return fleet_error(source, bytes, "bytes: pairs of hexadecimal digits are wanted");
	for (uint32_t i = 0; i < memory->length; i++) {
		const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};

		memory->bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

bool fleet_read_memory(struct fleet_source *source, const yaml_node_t *node,
		       struct rom_config *config)
{
	config->memories = 0;
	if (!fleet_list(source, node, "memory"))
		return false;
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		if (config->memories == ROM_MEMORIES_MAX)
			return fleet_error(source, node, "memory: at most %d", ROM_MEMORIES_MAX);
		if (!read_one_memory(source, fleet_node(source, *item),
				     &config->memory[config->memories++]))
			return false;
	}
	return true;
}
