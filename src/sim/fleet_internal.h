/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet.c keeps the targets; fleet_yaml.c walks the document, fleet_target.c and fleet_fault.c know
 * the keys. Every reader returns false after it has said what is wrong and where. */
#ifndef SIM_FLEET_INTERNAL_H
#define SIM_FLEET_INTERNAL_H

#include <yaml.h>

#include "fleet.h"

enum { FLEET_NAME_MAX = 64, FLEET_TARGETS_MAX = 1024 };

struct fleet_item {
	struct rom_config config;
	char path[ROM_PATH_MAX];
	char name[FLEET_NAME_MAX];
	unsigned origin; /* the target it repeats */
};

struct fleet {
	struct fleet_item *item;
	unsigned items, room;
	uint64_t seed;
	uint8_t **image; /* what configs borrow */
	unsigned images;
};

/* The document being read. */
struct fleet_source {
	struct fleet *fleet;
	const char *file;
	yaml_document_t document;
	char *why;
	size_t why_size;
};

struct fleet_word {
	const char *name;
	uint32_t value;
};

/* NULL, and `why` left empty: no memory. The new item has the values of rom_config_init. */
struct fleet_item *fleet_add(struct fleet *fleet);
bool fleet_seal(struct fleet *fleet, unsigned count, char *why, size_t why_size);
bool fleet_path_valid(const char *path);

bool fleet_read_targets(struct fleet_source *source);

/* fleet_yaml.c: nodes. `what` names the key in the message. */
bool fleet_error(struct fleet_source *source, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
yaml_node_t *fleet_node(struct fleet_source *source, yaml_node_item_t item);
const char *fleet_text(const yaml_node_t *node); /* NULL: not a scalar */
yaml_node_t *fleet_find(struct fleet_source *source, const yaml_node_t *map, const char *key);
bool fleet_map(struct fleet_source *source, const yaml_node_t *node, const char *what);
bool fleet_number(struct fleet_source *source, const yaml_node_t *node, const char *what,
		  uint64_t most, uint64_t *value);
bool fleet_boolean(struct fleet_source *source, const yaml_node_t *node, const char *what,
		   bool *value);
bool fleet_ms(struct fleet_source *source, const yaml_node_t *node, const char *what, uint64_t *ns);
bool fleet_chance(struct fleet_source *source, const yaml_node_t *node, const char *what,
		  uint32_t *ppm);
bool fleet_string(struct fleet_source *source, const yaml_node_t *node, const char *what, char *out,
		  size_t size);
bool fleet_word(struct fleet_source *source, const yaml_node_t *node, const char *what,
		const struct fleet_word *words, uint32_t *value);
/* One word, or a list of them. */
bool fleet_words(struct fleet_source *source, const yaml_node_t *node, const char *what,
		 const struct fleet_word *words, uint32_t *set);

extern const struct fleet_word fleet_states[], fleet_statuses[];

bool fleet_read_faults(struct fleet_source *source, const yaml_node_t *node,
		       struct rom_config *config);
/* Part and bootloader come first, since they set what the other keys change. */
bool fleet_read_identity(struct fleet_source *source, const yaml_node_t *defaults,
			 const yaml_node_t *target, struct rom_config *config);
bool fleet_read_keys(struct fleet_source *source, const yaml_node_t *map, struct fleet_item *item,
		     bool defaults);

#endif
