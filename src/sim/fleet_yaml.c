/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes of a fleet file to checked values, and the shape of the file: seed, defaults, targets. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fleet_internal.h"

bool fleet_error(struct fleet_source *source, const yaml_node_t *node, const char *format, ...)
{
	const yaml_mark_t *mark = &node->start_mark;
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(source->why, source->why_size, "%s:%zu:%zu: %s", source->file, mark->line + 1,
		 mark->column + 1, text);
	return false;
}

yaml_node_t *fleet_node(struct fleet_source *source, yaml_node_item_t item)
{
	return yaml_document_get_node(&source->document, item);
}

const char *fleet_text(const yaml_node_t *node)
{
	if (node->type != YAML_SCALAR_NODE ||
	    strlen((const char *)node->data.scalar.value) != node->data.scalar.length)
		return NULL;
	return (const char *)node->data.scalar.value;
}

yaml_node_t *fleet_find(struct fleet_source *source, const yaml_node_t *map, const char *key)
{
	if (!map || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
	     pair < map->data.mapping.pairs.top; pair++) {
		const char *text = fleet_text(fleet_node(source, pair->key));

		if (text && strcmp(text, key) == 0)
			return fleet_node(source, pair->value);
	}
	return NULL;
}

/* A mapping whose keys are scalars, each once. */
bool fleet_map(struct fleet_source *source, const yaml_node_t *node, const char *what)
{
	if (node->type != YAML_MAPPING_NODE)
		return fleet_error(source, node, "%s: a mapping is wanted", what);
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = fleet_node(source, pair->key);
		const char *text = fleet_text(key);

		if (!text)
			return fleet_error(source, key, "%s: a key must be a word", what);
		if (fleet_find(source, node, text) != fleet_node(source, pair->value))
			return fleet_error(source, key, "%s: repeated", text);
	}
	return true;
}

bool fleet_number(struct fleet_source *source, const yaml_node_t *node, const char *what,
		  uint64_t most, uint64_t *value)
{
	const char *text = fleet_text(node);
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return fleet_error(source, node, "%s: a number is wanted", what);
	errno = 0;
	*value = strtoull(text, &end, strncasecmp(text, "0x", 2) == 0 ? 16 : 10);
	if (errno != 0 || *end != '\0')
		return fleet_error(source, node, "%s: a number is wanted", what);
	if (*value > most)
		return fleet_error(source, node, "%s: at most %llu", what,
				   (unsigned long long)most);
	return true;
}

bool fleet_boolean(struct fleet_source *source, const yaml_node_t *node, const char *what,
		   bool *value)
{
	const char *text = fleet_text(node);

	if (!text || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
		return fleet_error(source, node, "%s: true or false is wanted", what);
	*value = text[0] == 't';
	return true;
}

static bool decimal(const yaml_node_t *node, double most, double *value)
{
	const char *text = fleet_text(node);
	char *end;

	if (!text || ((text[0] < '0' || text[0] > '9') && text[0] != '.'))
		return false;
	*value = strtod(text, &end);
	return *end == '\0' && isfinite(*value) && *value >= 0 && *value <= most;
}

bool fleet_ms(struct fleet_source *source, const yaml_node_t *node, const char *what, uint64_t *ns)
{
	const char *text = fleet_text(node);
	double ms;

	if (text && strcmp(text, "forever") == 0) {
		*ns = ROM_FOR_EVER;
		return true;
	}
	if (!decimal(node, 1e9, &ms))
		return fleet_error(source, node, "%s: milliseconds are wanted", what);
	*ns = (uint64_t)(ms * 1e6 + 0.5);
	return true;
}

bool fleet_chance(struct fleet_source *source, const yaml_node_t *node, const char *what,
		  uint32_t *ppm)
{
	double chance;

	if (!decimal(node, 1, &chance))
		return fleet_error(source, node, "%s: a chance from 0 to 1 is wanted", what);
	*ppm = (uint32_t)(chance * 1e6 + 0.5);
	return true;
}

bool fleet_string(struct fleet_source *source, const yaml_node_t *node, const char *what, char *out,
		  size_t size)
{
	const char *text = fleet_text(node);

	if (!text)
		return fleet_error(source, node, "%s: a text is wanted", what);
	if (strlen(text) >= size)
		return fleet_error(source, node, "%s: at most %zu bytes", what, size - 1);
	memcpy(out, text, strlen(text) + 1);
	return true;
}

bool fleet_word(struct fleet_source *source, const yaml_node_t *node, const char *what,
		const struct fleet_word *words, uint32_t *value)
{
	const char *text = fleet_text(node);

	for (const struct fleet_word *word = words; text && word->name; word++) {
		if (strcmp(text, word->name) == 0) {
			*value = word->value;
			return true;
		}
	}
	return fleet_error(source, node, "%s: %s is not one of those known, such as %s", what,
			   text ? text : "this", words->name);
}

bool fleet_words(struct fleet_source *source, const yaml_node_t *node, const char *what,
		 const struct fleet_word *words, uint32_t *set)
{
	uint32_t value;

	*set = 0;
	if (node->type != YAML_SEQUENCE_NODE)
		return fleet_word(source, node, what, words, set);
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		if (!fleet_word(source, fleet_node(source, *item), what, words, &value))
			return false;
		*set |= value;
	}
	return true;
}

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

static bool read_target(struct fleet_source *source, const yaml_node_t *defaults,
			const yaml_node_t *node, unsigned number, unsigned of)
{
	struct fleet_item *item = fleet_add(source->fleet);
	char first[ROM_PATH_MAX];
	const yaml_node_t *path;

	if (!item)
		return fleet_error(source, node, "%s", strerror(ENOMEM));
	memset(item->config.uid, 0, ROM_UID_BYTES);
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
		    strcmp(text, "targets") != 0)
			return fleet_error(source, key, "%s: unknown key", text);
	}
	return true;
}

bool fleet_read_targets(struct fleet_source *source)
{
	static const yaml_node_t nowhere;
	const yaml_node_t *root = yaml_document_get_root_node(&source->document);
	const yaml_node_t *seed, *defaults, *targets;

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
	targets = fleet_find(source, root, "targets");
	if (!targets || targets->type != YAML_SEQUENCE_NODE)
		return fleet_error(source, targets ? targets : root, "targets: a list is wanted");
	for (const yaml_node_item_t *item = targets->data.sequence.items.start;
	     item < targets->data.sequence.items.top; item++)
		if (!read_repeated(source, defaults, fleet_node(source, *item)))
			return false;
	return true;
}
