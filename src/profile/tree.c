/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "utf8.h"

struct tree_reader {
	yaml_parser_t parser;
	const char *file;
	struct profile_problems *problems;
	struct tree_node *root;
	struct tree_node *open[TREE_DEPTH_MAX];
	unsigned depth;
	unsigned nodes;
	unsigned documents;
	bool cut; /* the bytes end early, that is already said */
};

static struct profile_place place_of(yaml_mark_t mark)
{
	return (struct profile_place){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

void tree_free(struct tree_node *node)
{
	if (node == NULL)
		return;
	for (size_t i = 0; i < node->items; i++)
		tree_free(node->item[i]);
	free(node->item);
	free(node->text);
	free(node);
}

/* Hangs `node` into the innermost open one. Room doubles at powers of two. */
static bool hang(struct tree_reader *reader, struct tree_node *node)
{
	struct tree_node *parent;

	if (reader->depth == 0) {
		reader->root = node;
		return true;
	}
	parent = reader->open[reader->depth - 1];
	if ((parent->items & (parent->items - 1)) == 0) {
		size_t room = parent->items == 0 ? 1 : parent->items * 2;
		struct tree_node **item = realloc(parent->item, room * sizeof(struct tree_node *));

		if (item == NULL)
			return false;
		parent->item = item;
	}
	parent->item[parent->items++] = node;
	return true;
}

static bool refuse(struct tree_reader *reader, yaml_mark_t mark, const char *why)
{
	profile_problem_add(reader->problems, reader->file, place_of(mark), "%s", why);
	return false;
}

/* A new node where `event` begins; `text` is copied. NULL, and said so, if the tree is too large.
 */
static struct tree_node *new_node(struct tree_reader *reader, const yaml_event_t *event,
				  enum tree_kind kind, const yaml_char_t *text, size_t length)
{
	struct tree_node *node;

	if (++reader->nodes > TREE_NODES_MAX) {
		refuse(reader, event->start_mark, "too many values");
		return NULL;
	}
	node = calloc(1, sizeof(*node));
	if (node == NULL)
		goto no_memory;
	node->kind = kind;
	node->place = place_of(event->start_mark);
	node->text = malloc(length + 1);
	if (node->text == NULL)
		goto no_memory;
	if (length > 0)
		memcpy(node->text, text, length);
	node->text[length] = '\0';
	node->length = length;
	if (!hang(reader, node))
		goto no_memory;
	return node;
no_memory:
	tree_free(node);
	refuse(reader, event->start_mark, "not enough memory");
	return NULL;
}

static void refuse_extras(struct tree_reader *reader, const yaml_event_t *event,
			  const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		refuse(reader, event->start_mark, "anchors (&) are not allowed in a profile");
	if (tag != NULL)
		refuse(reader, event->start_mark, "tags (!) are not allowed in a profile");
}

static bool on_scalar(struct tree_reader *reader, const yaml_event_t *event)
{
	struct tree_node *node = new_node(reader, event, TREE_TEXT, event->data.scalar.value,
					  event->data.scalar.length);

	refuse_extras(reader, event, event->data.scalar.anchor, event->data.scalar.tag);
	if (node == NULL)
		return false;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return true;
}

static bool on_start(struct tree_reader *reader, const yaml_event_t *event)
{
	bool map = event->type == YAML_MAPPING_START_EVENT;
	struct tree_node *node;

	if (map)
		refuse_extras(reader, event, event->data.mapping_start.anchor,
			      event->data.mapping_start.tag);
	else
		refuse_extras(reader, event, event->data.sequence_start.anchor,
			      event->data.sequence_start.tag);
	if (reader->depth == TREE_DEPTH_MAX)
		return refuse(reader, event->start_mark, "nested too deep");
	node = new_node(reader, event, map ? TREE_MAP : TREE_LIST, NULL, 0);
	if (node == NULL)
		return false;
	node->open = true;
	reader->open[reader->depth++] = node;
	return true;
}

/* False ends the reading. */
static bool on_event(struct tree_reader *reader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++reader->documents > 1)
			return refuse(reader, event->start_mark,
				      "a second document: a profile is one document");
		return true;
	case YAML_ALIAS_EVENT:
		refuse(reader, event->start_mark, "aliases (*) are not allowed in a profile");
		return new_node(reader, event, TREE_REFUSED, NULL, 0) != NULL;
	case YAML_SCALAR_EVENT:
		return on_scalar(reader, event);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return on_start(reader, event);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		reader->open[--reader->depth]->open = false;
		return true;
	case YAML_STREAM_END_EVENT:
		return false;
	default:
		return true;
	}
}

static void on_error(struct tree_reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *problem = parser->problem != NULL ? parser->problem : "cannot be read";

	if (reader->cut)
		return;
	if (parser->error == YAML_MEMORY_ERROR)
		refuse(reader, parser->mark, "not enough memory");
	else if (parser->context != NULL)
		profile_problem_add(reader->problems, reader->file, place_of(parser->problem_mark),
				    "not YAML: %s %s", parser->context, problem);
	else
		profile_problem_add(reader->problems, reader->file, place_of(parser->problem_mark),
				    "not YAML: %s", problem);
}

static void read_events(struct tree_reader *reader)
{
	bool more = true;

	while (more) {
		yaml_event_t event;

		if (!yaml_parser_parse(&reader->parser, &event)) {
			on_error(reader);
			break;
		}
		more = on_event(reader, &event);
		yaml_event_delete(&event);
	}
	/* Nodes that were cut off: a key without a value is as good as missing. */
	for (unsigned i = reader->depth; i > 0; i--) {
		struct tree_node *node = reader->open[i - 1];

		if (node->kind == TREE_MAP && node->items % 2 != 0)
			tree_free(node->item[--node->items]);
	}
}

struct tree_node *tree_read(const uint8_t *bytes, size_t length, const char *file,
			    struct profile_problems *problems)
{
	static const uint8_t mark[3] = {0xEF, 0xBB, 0xBF};
	struct tree_reader reader = {.file = file, .problems = problems};
	struct profile_place place;
	const char *why;
	size_t good;

	if (length >= sizeof(mark) && memcmp(bytes, mark, sizeof(mark)) == 0) {
		bytes += sizeof(mark);
		length -= sizeof(mark);
	}
	good = utf8_good(bytes, length, &place, &why);
	if (why != NULL) {
		profile_problem_add(problems, file, place, "%s; save the file as UTF-8 text", why);
		reader.cut = true;
		/* The lines before it are still read. */
		while (good > 0 && bytes[good - 1] != '\n')
			good--;
	}
	if (!yaml_parser_initialize(&reader.parser)) {
		profile_problem_add(problems, file, (struct profile_place){1, 1},
				    "not enough memory");
		return NULL;
	}
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, bytes, good);
	read_events(&reader);
	yaml_parser_delete(&reader.parser);
	for (struct tree_node *node = reader.root; reader.cut && node != NULL;) {
		node->open = true;
		node = node->items > 0 ? node->item[node->items - 1] : NULL;
	}
	return reader.root;
}
