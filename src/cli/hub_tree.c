/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hub_tree.h"

#include <stdlib.h>
#include <string.h>

#include "h7gang/base/text.h"
#include "h7gang/usb/power.h"

#define HIGH_SPEED_MBPS 480 /* only such a hub has a transaction translator, USB 2.0 11.14.1 */
#define NOWHERE SIZE_MAX
#define INDENT 2
#define HUBS_MAX 256

struct node {
	size_t above; /* NOWHERE: a root hub */
	unsigned depth;
	struct usb_hub hub; /* of a board only `path` */
	enum usb_switching switching;
	char board[96]; /* "" a hub */
	bool off;       /* a port without power, and no board */
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

/* 1-2 before 1-10. */
static int by_path(const void *a, const void *b)
{
	return strverscmp(a, b);
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

/* The hub with that path; NOWHERE if the tree does not have it yet. */
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

/* The node of a hub, with those above it. NOWHERE: no memory, or no hub. */
static size_t add_hub(struct hub_tree *tree, const char *path)
{
	struct usb_hub hubs[HUB_TREE_TIERS + 1];
	char port[USB_PATH_SIZE];
	unsigned count;
	size_t above = NOWHERE;

	usb_port_path(path, 1, port); /* its chain ends with the hub itself */
	count = usb_hub_chain(port, hubs, HUB_TREE_TIERS + 1);
	for (unsigned i = 0; i < count; i++) {
		size_t known = find(tree, hubs[i].path);

		above = known == NOWHERE ? add(tree, above, &hubs[i], "") : known;
		if (above == NOWHERE)
			break;
	}
	return above;
}

static bool ask_hub(struct hub_tree *tree, struct usb_bus *bus, const char *path)
{
	struct usb_hub port = {0};
	struct usb_hub_power power;
	size_t node = find(tree, path), at;

	usb_hub_power_look(bus, path, &power);
	if (node == NOWHERE && !power.off)
		return true; /* nothing of ours is there */
	if (node == NOWHERE && (node = add_hub(tree, path)) == NOWHERE)
		return false;
	tree->node[node].switching = power.switching;
	for (unsigned i = 1; i <= power.ports; i++) {
		if (!(power.off & UINT32_C(1) << i))
			continue;
		usb_port_path(path, i, port.path);
		at = add(tree, node, &port, "power is off");
		if (at == NOWHERE)
			return false;
		tree->node[at].off = true;
	}
	return true;
}

bool hub_tree_ask_power(struct hub_tree *tree, struct usb_bus *bus)
{
	char(*path)[USB_PATH_SIZE] = calloc(HUBS_MAX, sizeof(*path));
	unsigned count = path ? usb_hubs(path, HUBS_MAX) : 0;
	bool good = path != NULL;

	if (count)
		qsort(path, count, sizeof(*path), by_path);
	for (unsigned i = 0; good && i < count; i++)
		good = ask_hub(tree, bus, path[i]);
	free(path);
	return good;
}

bool hub_tree_empty(const struct hub_tree *tree)
{
	return tree->count == 0;
}

static const char *switching_text(enum usb_switching switching)
{
	static const char *const texts[] = {
		[USB_SWITCHING_UNKNOWN] = "",
		[USB_SWITCHING_NONE] = ", cannot switch its ports",
		[USB_SWITCHING_GANGED] = ", switches all ports together",
		[USB_SWITCHING_PORT] = ", switches each port",
	};
	_Static_assert(sizeof(texts) / sizeof(texts[0]) == USB_SWITCHINGS, "a text for each");

	return texts[switching];
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
		fprintf(to, ", %s",
			node->hub.multi_tt ? "a translator for each port"
					   : "one translator for all ports");
	if (!node->board[0])
		fputs(switching_text(node->switching), to);
	text_terminal(node->hub.product, product, sizeof(product));
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

static json_t *hub_json(const struct hub_tree *tree, size_t hub)
{
	const struct node *node = &tree->node[hub];
	char product[4 * sizeof(node->hub.product)];
	json_t *off = json_array(), *object;

	for (size_t i = 0; i < tree->count; i++)
		if (tree->node[i].above == hub && tree->node[i].off &&
		    json_array_append_new(off, json_string(tree->node[i].hub.path)) != 0)
			break;
	text_well_formed(node->hub.product, product, sizeof(product));
	object = json_pack("{s:s, s:s, s:i, s:b, s:s, s:o}", "path", node->hub.path, "product",
			   product, "speed_mbps", (int)node->hub.speed_mbps, "multi_tt",
			   node->hub.multi_tt, "switching", usb_switching_name(node->switching),
			   "off", off);
	return object;
}

json_t *hub_tree_json(const struct hub_tree *tree)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < tree->count; i++) {
		if (tree->node[i].board[0] || json_array_append_new(array, hub_json(tree, i)) == 0)
			continue;
		json_decref(array);
		array = NULL;
	}
	return array;
}
