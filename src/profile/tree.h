/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of YAML a profile may use, as a small tree with the place of everything: no anchors,
 * aliases, merge keys, tags or second documents, so nothing in it can grow beyond the file. */
#ifndef PROFILE_TREE_H
#define PROFILE_TREE_H

#include "problems.h"

#define TREE_DEPTH_MAX 16
#define TREE_NODES_MAX 20000

enum tree_kind {
	TREE_TEXT,
	TREE_LIST,
	TREE_MAP,
	TREE_REFUSED /* an alias: already complained of */
};

struct tree_node {
	enum tree_kind kind;
	struct profile_place place;
	bool plain; /* text without quotes: may be a number, true, false or nothing */
	bool open;  /* map or list that is cut off by an error */
	char *text;
	size_t length; /* of text, which may hold NULs */
	size_t items;
	struct tree_node **item; /* list: the items; map: key, value, key, value */
};

/* Builds the tree. Complains of everything that is no such YAML; the nodes before an error that
 * ends the reading are still returned. NULL if there are none. */
struct tree_node *tree_read(const uint8_t *bytes, size_t length, const char *file,
			    struct profile_problems *problems);

void tree_free(struct tree_node *node);

#endif
