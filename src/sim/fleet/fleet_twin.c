/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board that was measured: the file of h7gang characterize. Its `measured` has the keys of a
 * target, so that it is read as one; JSON is YAML enough. */
#include <stdio.h>
#include <string.h>

#include "fleet_internal.h"

enum { VERSION = 1 };

/* These keys only make sense with the rest of the file. */
static const char *const no_twin[] = {"name", "path", "repeat", "twin", "uid", "faults"};

static bool check_keys(struct fleet_source *source, const yaml_node_t *measured)
{
	for (size_t i = 0; i < sizeof(no_twin) / sizeof(no_twin[0]); i++) {
		const yaml_node_t *node = fleet_find(source, measured, no_twin[i]);

		if (node)
			return fleet_error(source, node, "%s: is no property of a board",
					   no_twin[i]);
	}
	return true;
}

static bool read_measured(struct fleet_source *source, struct fleet_item *item)
{
	static const yaml_node_t nowhere;
	const yaml_node_t *root = yaml_document_get_root_node(&source->document);
	const yaml_node_t *version, *measured;
	uint64_t number;

	if (!root)
		return fleet_error(source, &nowhere, "the file is empty");
	if (!fleet_map(source, root, "twin"))
		return false;
	version = fleet_find(source, root, "characterize");
	measured = fleet_find(source, root, "measured");
	if (!version || !measured)
		return fleet_error(source, root, "no file of h7gang characterize");
	if (!fleet_number(source, version, "characterize", UINT32_MAX, &number))
		return false;
	if (number != VERSION)
		return fleet_error(source, version, "characterize: this program knows version %d",
				   VERSION);
	return fleet_map(source, measured, "measured") && check_keys(source, measured) &&
	       fleet_read_identity(source, NULL, measured, &item->config) &&
	       fleet_read_keys(source, measured, item, true);
}

/* Mistakes are reported with positions in the twin's own file. */
bool fleet_read_twin(struct fleet_source *outer, const char *file, struct fleet_item *item)
{
	struct fleet_source source = *outer;
	bool good;

	source.file = file;
	if (!fleet_open(&source))
		return false;
	good = read_measured(&source, item);
	yaml_document_delete(&source.document);
	return good;
}

/* The user sees these keys, one a line, which keep their defaults. */
bool fleet_twin_missing(const char *file, void (*tell)(const char *key))
{
	struct fleet_source source = {.file = file};
	const yaml_node_t *root, *list;
	bool good;

	if (!fleet_open(&source))
		return false;
	root = yaml_document_get_root_node(&source.document);
	list = root && root->type == YAML_MAPPING_NODE ? fleet_find(&source, root, "not_measured")
						       : NULL;
	good = list && list->type == YAML_SEQUENCE_NODE;
	for (const yaml_node_item_t *item = good ? list->data.sequence.items.start : NULL;
	     good && item < list->data.sequence.items.top; item++)
		if (fleet_text(fleet_node(&source, *item)))
			tell(fleet_text(fleet_node(&source, *item)));
	yaml_document_delete(&source.document);
	return good;
}
