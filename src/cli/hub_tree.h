/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hubs above the boards, drawn as a tree. */
#ifndef H7GANG_SRC_CLI_HUB_TREE_H
#define H7GANG_SRC_CLI_HUB_TREE_H

#include <stdbool.h>
#include <stdio.h>

#include "h7gang/usb/topology.h"

#define HUB_TREE_TIERS 7 /* USB 2.0 4.1.1 */

struct hub_tree;

struct hub_tree *hub_tree_new(void); /* NULL: no memory */
void hub_tree_free(struct hub_tree *tree);

/* A board at `path` below these hubs, the root hub first; `text` stands beside it. False: no memory. */
bool hub_tree_add(struct hub_tree *tree, const struct usb_hub *hubs, unsigned count,
		  const char *path, const char *text);

void hub_tree_print(const struct hub_tree *tree, FILE *to);

#endif
