/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fleet.c holds the fleet; fleet_yaml.c walks the document, fleet_target.c and fleet_fault.c know
 * the keys. Every reader returns false after it has reported a mistake and its position. */
#ifndef SIM_FLEET_INTERNAL_H
#define SIM_FLEET_INTERNAL_H

#include <yaml.h>

#include "fleet.h"
#include "fleet_host.h"
#include "fleet_hubs.h"

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
	uint8_t **image; /* borrowed by configs */
	unsigned images;
	struct fleet_hub *hub;
	unsigned hubs;
	struct fleet_wire wire;
	struct fleet_host host;
};

/* The document being read. */
struct fleet_source {
	struct fleet *fleet;
	const char *file;
	const char *twin; /* file of a board; all targets are like it; NULL: none */
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

/* fleet_node.c: reads source->file into source->document, which the caller deletes. */
bool fleet_open(struct fleet_source *source);

bool fleet_read_targets(struct fleet_source *source);

/* fleet_hubs.c */
bool fleet_read_hubs(struct fleet_source *source, const yaml_node_t *node);
bool fleet_read_host(struct fleet_source *source, const yaml_node_t *node);
bool fleet_read_wire(struct fleet_source *source, const yaml_node_t *node);
/* Adds the hubs that the paths of hubs and boards imply. False: no memory. */
bool fleet_seal_hubs(struct fleet *fleet);

/* fleet_node.c: nodes. `what` names the key in the message. */
bool fleet_error(struct fleet_source *source, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
yaml_node_t *fleet_node(struct fleet_source *source, yaml_node_item_t item);
const char *fleet_text(const yaml_node_t *node); /* NULL: not a scalar */
yaml_node_t *fleet_find(struct fleet_source *source, const yaml_node_t *map, const char *key);
bool fleet_map(struct fleet_source *source, const yaml_node_t *node, const char *what);
bool fleet_list(struct fleet_source *source, const yaml_node_t *node, const char *what);
/* Reads a list, each item by `read`. */
bool fleet_each(struct fleet_source *source, const yaml_node_t *node, const char *what,
		bool (*read)(struct fleet_source *source, const yaml_node_t *node));
bool fleet_number(struct fleet_source *source, const yaml_node_t *node, const char *what,
		  uint64_t most, uint64_t *value);
/* Takes the value of `key`, one of the `figures`, into its place. `map` names their map. */
struct fleet_figure {
	const char *key;
	unsigned *value;
};
bool fleet_read_figure(struct fleet_source *source, const yaml_node_t *node, const char *map,
		       const char *key, const struct fleet_figure *figures, size_t count,
		       unsigned least, unsigned most);
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
/* Part and bootloader come first, since they set defaults for the other keys. */
bool fleet_read_identity(struct fleet_source *source, const yaml_node_t *defaults,
			 const yaml_node_t *target, struct rom_config *config);
bool fleet_read_keys(struct fleet_source *source, const yaml_node_t *map, struct fleet_item *item,
		     bool defaults);

/* fleet_twin.c: the measured keys of that file. */
bool fleet_read_twin(struct fleet_source *source, const char *file, struct fleet_item *item);

/* fleet_fields.c: keys that set one field. `*found`: the key is one of them. */
extern const struct fleet_word fleet_sector_words[], fleet_refuse_words[],
	fleet_personality_words[];
const char *fleet_field_key(unsigned index);
bool fleet_read_field(struct fleet_source *source, const char *key, const yaml_node_t *node,
		      struct rom_config *config, bool *found);
void fleet_show_fields(FILE *to, const struct rom_config *config);
void fleet_show_text(FILE *to, const char *text);
void fleet_show_set(FILE *to, const struct fleet_word *words, uint32_t set);

/* fleet_memory.c */
bool fleet_read_contents(struct fleet_source *source, const yaml_node_t *node,
			 struct rom_config *config);
bool fleet_read_application(struct fleet_source *source, const yaml_node_t *node,
			    struct rom_config *config);
bool fleet_read_memory(struct fleet_source *source, const yaml_node_t *node,
		       struct rom_config *config);

#endif
