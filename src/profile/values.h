/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Typed values out of the tree. Each reader complains by itself, naming the key it stands at, and
 * returns whether there is a value. */
#ifndef PROFILE_VALUES_H
#define PROFILE_VALUES_H

#include "tree.h"

struct values {
	const char *file; /* the profile, for messages */
	struct profile_problems *problems;
	const char *key; /* whose value is being read */
};

void values_fail(const struct values *values, const struct tree_node *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One key of a map. `read` gets the value's node and the `into` of values_map. */
struct values_key {
	const char *name;
	bool required;
	void (*read)(struct values *values, const struct tree_node *node, void *into);
};

/* Reads a map by its table; unknown, repeated and missing keys are errors. */
void values_map(struct values *values, const struct tree_node *node, const struct values_key *keys,
		size_t count, void *into);

/* A list of at least `least` (0 or 1) and at most `most` items. */
bool values_list(const struct values *values, const struct tree_node *node, size_t least,
		 size_t most);

/* Text of 1 to `most` bytes without control characters; plain numbers are text too. */
bool values_text(const struct values *values, const struct tree_node *node, size_t most);

/* As values_text, copied. NULL: complained. The caller frees. */
char *values_copy(const struct values *values, const struct tree_node *node, size_t most);

/* A whole number, decimal or 0x hex, without quotes. */
bool values_integer(const struct values *values, const struct tree_node *node, int64_t least,
		    int64_t most, int64_t *value);

/* An address or another 32-bit number, complained of in hex. */
bool values_u32(const struct values *values, const struct tree_node *node, uint32_t most,
		uint32_t *value);

/* true or false, without quotes. */
bool values_flag(const struct values *values, const struct tree_node *node, bool *flag);

/* One of `names` (NULL-terminated); `*index` is its index in the list. */
bool values_choice(const struct values *values, const struct tree_node *node,
		   const char *const *names, unsigned *index);

#endif
