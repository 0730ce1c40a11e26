/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board of `h7gang list --json`. */
#ifndef H7GANG_SRC_CLI_LIST_JSON_H
#define H7GANG_SRC_CLI_LIST_JSON_H

#include <jansson.h>

#include "h7gang/attempt/board.h"
#include "h7gang/usb/topology.h"
#include "hub_tree.h"

/* The hubs above a board, the root hub first, and the domain that they make; "": unknown. */
struct list_hubs {
	struct usb_hub hub[HUB_TREE_TIERS];
	unsigned count;
	char domain[USB_PATH_SIZE];
};

/* NULL: no memory. `slot` NULL: it is in none. */
json_t *list_json_board(const struct board *id, const char *slot, const struct list_hubs *hubs);

#endif
