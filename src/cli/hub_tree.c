/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hub_tree.h"

#include <stdlib.h>
#include <string.h>

#include "h7gang/ui/text.h"

#define HIGH_SPEED_MBPS 480 /* only such a hub has a transaction translator, USB 2.0 11.14.1 */
#define NOWHERE SIZE_MAX
#define INDENT 2

struct node {
	size_t above;	      /* NOWHERE: a root hub */
	unsigned depth;
	struct usb_hub hub;   /* of a board only `path` */
	char board[96];	      /* "" a hub */
};

struct hub_tree {
	struct node *node;
	size_t count, room;
};

struct hub_tree *hub_tree_new(void)
{
	return calloc(1, sizeof(struct hub_tree));
}

void hub_tree_free(struct hub_tree *tree)
{
	if (tree)
		free(tree->node);
	free(tree);
}

/* NOWHERE: no memory. */
static size_t add(struct hub_tree *tree, size_t above, const struct usb_hub *hub, const char *board)
{
	struct node *node;

	if (tree->count == tree->room) {
		size_t room = tree->room ? 2 * tree->room : 16;
		struct node *more = reallocarray(tree->node, room, sizeof(*more));

		if (!more)
			return NOWHERE;
		tree->node = more;
		tree->room = room;
	}
	node = &tree->node[tree->count];
	memset(node, 0, sizeof(*node));
	node->above = above;
	node->depth = above == NOWHERE ? 0 : tree->node[above].depth + 1;
	node->hub = *hub;
	snprintf(node->board, sizeof(node->board), "%s", board);
	return tree->count++;
}

/* The hub of that path, NOWHERE if it is not in yet. */
static size_t find(const struct hub_tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->count; i++)
		if (!tree->node[i].board[0] && strcmp(tree->node[i].hub.path, path) == 0)
			return i;
	return NOWHERE;
}

bool hub_tree_add(struct hub_tree *tree, const struct usb_hub *hubs, unsigned count,
		  const char *path, const char *text)
{
	struct usb_hub board = {0};
	size_t above = NOWHERE;

	for (unsigned i = 0; i < count; i++) {
		size_t known = find(tree, hubs[i].path);

		above = known == NOWHERE ? add(tree, above, &hubs[i], "") : known;
		if (above == NOWHERE)
			return false;
	}
	snprintf(board.path, sizeof(board.path), "%s", path);
	return add(tree, above, &board, text[0] ? text : "-") != NOWHERE;
}

static void print_node(const struct node *node, FILE *to)
{
	char product[4 * sizeof(node->hub.product)];

	fprintf(to, "%*s%s", (int)node->depth * INDENT, "", node->hub.path);
	if (node->board[0])
		fprintf(to, "  %s", node->board);
	if (node->hub.speed_mbps)
		fprintf(to, "  %u Mbit/s", node->hub.speed_mbps);
	/* A root hub has none: the controller itself speaks to slow ports. */
	if (node->hub.speed_mbps == HIGH_SPEED_MBPS && node->depth > 0)
		fprintf(to, ", %s", node->hub.multi_tt ? "a translator for each port"
						       : "one translator for all ports");
	ui_printable(node->hub.product, product, sizeof(product));
	fprintf(to, "%s%s\n", product[0] ? "  " : "", product);
}

/* At most HUB_TREE_TIERS deep. */
static void print_below(const struct hub_tree *tree, size_t above, FILE *to)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (tree->node[i].above != above)
			continue;
		print_node(&tree->node[i], to);
		if (!tree->node[i].board[0])
			print_below(tree, i, to);
	}
}

void hub_tree_print(const struct hub_tree *tree, FILE *to)
{
	print_below(tree, NOWHERE, to);
}
