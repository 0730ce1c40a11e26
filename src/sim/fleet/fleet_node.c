/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads nodes of a fleet file into checked values. */
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

bool fleet_list(struct fleet_source *source, const yaml_node_t *node, const char *what)
{
	return node->type == YAML_SEQUENCE_NODE ||
	       fleet_error(source, node, "%s: a list is wanted", what);
}

bool fleet_each(struct fleet_source *source, const yaml_node_t *node, const char *what,
		bool (*read)(struct fleet_source *source, const yaml_node_t *node))
{
	if (!fleet_list(source, node, what))
		return false;
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++)
		if (!read(source, fleet_node(source, *item)))
			return false;
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

bool fleet_read_figure(struct fleet_source *source, const yaml_node_t *node, const char *map,
		       const char *key, const struct fleet_figure *figures, size_t count,
		       unsigned least, unsigned most)
{
	uint64_t number;
	size_t i = 0;

	while (i < count && strcmp(figures[i].key, key) != 0)
		i++;
	if (i == count)
		return fleet_error(source, node, "%s: unknown key of %s", key, map);
	if (!fleet_number(source, node, key, most, &number))
		return false;
	if (number < least)
		return fleet_error(source, node, "%s: at least %u", key, least);
	*figures[i].value = (unsigned)number;
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

static bool load(struct fleet_source *source, yaml_parser_t *parser)
{
	bool memory;

	if (yaml_parser_load(parser, &source->document))
		return true;
	memory = parser->error == YAML_MEMORY_ERROR;
	snprintf(source->why, source->why_size, "%s:%zu:%zu: %s", source->file,
		 parser->problem_mark.line + 1, parser->problem_mark.column + 1,
		 !memory && parser->problem ? parser->problem : "cannot be read as YAML");
	return false;
}

bool fleet_open(struct fleet_source *source)
{
	yaml_parser_t parser;
	FILE *in = fopen(source->file, "rb");
	bool good = false;

	if (!in) {
		snprintf(source->why, source->why_size, "%s: %s", source->file, strerror(errno));
		return false;
	}
	if (yaml_parser_initialize(&parser)) {
		yaml_parser_set_input_file(&parser, in);
		good = load(source, &parser);
		yaml_parser_delete(&parser);
	} else {
		snprintf(source->why, source->why_size, "%s", strerror(ENOMEM));
	}
	fclose(in);
	return good;
}
