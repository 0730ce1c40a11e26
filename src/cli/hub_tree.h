/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hubs above the boards, drawn as a tree. */
#ifndef H7GANG_SRC_CLI_HUB_TREE_H
#define H7GANG_SRC_CLI_HUB_TREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "h7gang/usb/topology.h"

#define HUB_TREE_TIERS 7 /* USB 2.0 4.1.1 */

struct hub_tree;

struct hub_tree *hub_tree_new(void); /* NULL: no memory */
void hub_tree_free(struct hub_tree *tree);

/* A board at `path` below these hubs, the root hub first; `text` stands beside it. False: no
 * memory. */
bool hub_tree_add(struct hub_tree *tree, const struct usb_hub *hubs, unsigned count,
		  const char *path, const char *text);

/* Asks each hub for the power of its ports, and adds the ports that are off. False: no memory. */
bool hub_tree_ask_power(struct hub_tree *tree, struct usb_bus *bus);

bool hub_tree_empty(const struct hub_tree *tree);
void hub_tree_print(const struct hub_tree *tree, FILE *to);

/* The hubs as an array, with their power switching and the ports that are off. NULL: no memory. */
json_t *hub_tree_json(const struct hub_tree *tree);

#endif
