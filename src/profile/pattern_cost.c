/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The C library writes counted repetitions out and follows back references by trying: a pattern of
 * 30 characters can cost minutes. The limits keep compiling and matching below about a second on a
 * slow computer; measured with glibc 2.41. */
#include "pattern_cost.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct cost {
	unsigned long size, groups;
};

struct walk {
	const char *at;
	bool refers; /* has a back reference */
};

static struct cost walk_alternatives(struct walk *walk);

/* To the end of a bracket expression; "]" first in it, and classes such as [:digit:], do not end
 * it. */
static void skip_bracket(struct walk *walk)
{
	walk->at += *walk->at == '^';
	walk->at += *walk->at == ']';
	while (*walk->at && *walk->at != ']') {
		const char *end = NULL;

		if (walk->at[0] == '[' && walk->at[1] && strchr(":.=", walk->at[1])) {
			const char close[] = {walk->at[1], ']', 0};

			end = strstr(walk->at + 2, close);
		}
		walk->at = end ? end + 2 : walk->at + 1;
	}
	walk->at += *walk->at != 0;
}

static struct cost walk_atom(struct walk *walk)
{
	struct cost one = {.size = 1};

	switch (*walk->at++) {
	case '(':
		one = walk_alternatives(walk);
		walk->at += *walk->at == ')';
		break;
	case '[':
		skip_bracket(walk);
		break;
	case '\\':
		walk->refers |= *walk->at >= '1' && *walk->at <= '9';
		walk->at += *walk->at != 0;
		break;
	default:
		break;
	}
	return one;
}

/* False: no repetition. `count`: how often its atom is written out. */
static bool take_count(struct walk *walk, unsigned long *count)
{
	char *end;

	*count = 1;
	if (*walk->at && strchr("*+?", *walk->at)) {
		walk->at++;
		return true;
	}
	if (walk->at[0] != '{' || (!isdigit((unsigned char)walk->at[1]) && walk->at[1] != ','))
		return false;
	*count = strtoul(walk->at + 1, &end, 10);
	if (*end == ',' && isdigit((unsigned char)end[1]))
		*count = strtoul(end + 1, &end, 10);
	walk->at = end + strcspn(end, "}");
	walk->at += *walk->at != 0;
	return true;
}

static unsigned long at_most(unsigned long value)
{
	const unsigned long most = PATTERN_SIZE_MAX + 1;

	return value < most ? value : most;
}

static struct cost repeated(struct walk *walk)
{
	bool nested = *walk->at == '(';
	struct cost cost = walk_atom(walk);
	unsigned long count;

	for (; take_count(walk, &count); nested = true) {
		count = at_most(count);
		cost.size = at_most(cost.size * count);
		if (nested && count > 1)
			cost.groups = at_most((cost.groups + 1) * count);
	}
	return cost;
}

static struct cost walk_alternatives(struct walk *walk)
{
	struct cost all = {0};

	while (*walk->at && *walk->at != ')') {
		struct cost more = repeated(walk);

		all.size = at_most(all.size + more.size);
		all.groups = at_most(all.groups + more.groups);
	}
	return all;
}

const char *pattern_cost_trouble(const char *pattern)
{
	struct walk walk = {.at = pattern};
	struct cost cost = walk_alternatives(&walk);

	if (*walk.at) /* such as "a)|(b", which would end the anchored group around it */
		return "has a ) without its (";
	if (walk.refers)
		return "has a back reference, which POSIX extended regular expressions do not have";
	if (cost.size > PATTERN_SIZE_MAX)
		return "stands for more than 1024 characters once its repetitions are written "
		       "out: lower the numbers in its braces";
	if (cost.groups > PATTERN_GROUPS_MAX)
		return "repeats groups more than 64 times by a count: lower the numbers in the "
		       "braces behind its groups";
	return NULL;
}
