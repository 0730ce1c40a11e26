/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two patterns as automata, and a search through the pairs of their states, the shortest text
 * first. */
#include "overlap.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 400
#define REPEAT_MAX 100
#define DEPTH_MAX 32
#define NOWHERE (-1)
#define FIRST 0x20 /* printable ASCII */
#define LAST 0x7e

enum node_kind { NODE_SET, NODE_FORK, NODE_END };

struct node {
	enum node_kind kind;
	bool set[LAST + 1]; /* NODE_SET: the characters it takes */
	int out, other;     /* other: NODE_FORK alone */
};

struct automaton {
	struct node node[NODES_MAX];
	int count;
	const char *at;
	bool odd; /* uses unsupported syntax, or too much of it */
	unsigned depth;
};

/* A piece: enters at `in`; `last` is a fork whose `out` is still open. */
struct piece {
	int in, last;
};

static int add(struct automaton *a, enum node_kind kind)
{
	if (a->count == NODES_MAX) {
		a->odd = true;
		return 0;
	}
	a->node[a->count] = (struct node){.kind = kind, .out = NOWHERE, .other = NOWHERE};
	return a->count++;
}

static struct piece empty(struct automaton *a)
{
	int fork = add(a, NODE_FORK);

	return (struct piece){fork, fork};
}

static struct piece join(struct automaton *a, struct piece one, struct piece two)
{
	a->node[one.last].out = two.in;
	return (struct piece){one.in, two.last};
}

static struct piece one_of(struct automaton *a, const bool set[LAST + 1])
{
	struct piece piece = {.in = add(a, NODE_SET)};

	memcpy(a->node[piece.in].set, set, sizeof(a->node[piece.in].set));
	piece.last = add(a, NODE_FORK);
	a->node[piece.in].out = piece.last;
	return piece;
}

static bool in_class(const char *name, size_t length, int c)
{
	static const struct {
		const char *name;
		int (*is)(int);
	} classes[] = {{"alpha", isalpha}, {"digit", isdigit}, {"alnum", isalnum},
		       {"upper", isupper}, {"lower", islower}, {"xdigit", isxdigit},
		       {"punct", ispunct}, {"space", isspace}, {"blank", isblank},
		       {"print", isprint}, {"graph", isgraph}};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strlen(classes[i].name) == length && memcmp(classes[i].name, name, length) == 0)
			return classes[i].is(c);
	return false;
}

static void add_range(bool set[LAST + 1], unsigned char from, unsigned char to)
{
	for (unsigned c = from < FIRST ? FIRST : from; c <= to && c <= LAST; c++)
		set[c] = true;
}

/* One item of a bracket expression; `at` is moved behind it. */
static void bracket_item(struct automaton *a, bool set[LAST + 1])
{
	const char *end = a->at[0] == '[' && a->at[1] == ':' ? strstr(a->at + 2, ":]") : NULL;

	if (end) {
		for (int c = FIRST; c <= LAST; c++)
			set[c] |= in_class(a->at + 2, (size_t)(end - a->at) - 2, c);
		a->at = end + 2;
	} else if (a->at[0] == '[' && (a->at[1] == '.' || a->at[1] == '=')) {
		a->odd = true;
		a->at++;
	} else if (a->at[1] == '-' && a->at[2] && a->at[2] != ']') {
		add_range(set, (unsigned char)a->at[0], (unsigned char)a->at[2]);
		a->at += 3;
	} else {
		add_range(set, (unsigned char)a->at[0], (unsigned char)a->at[0]);
		a->at++;
	}
}

static struct piece bracket(struct automaton *a)
{
	bool set[LAST + 1] = {false}, no = *a->at == '^';
	const char *begin = a->at += no;

	while (*a->at && !a->odd && (*a->at != ']' || a->at == begin))
		bracket_item(a, set);
	a->odd |= *a->at != ']';
	a->at += !a->odd;
	for (int c = FIRST; no && c <= LAST; c++)
		set[c] = !set[c];
	return one_of(a, set);
}

static struct piece alternatives(struct automaton *a);

static struct piece atom(struct automaton *a)
{
	bool set[LAST + 1] = {false};
	struct piece piece;

	if (*a->at == '(') {
		a->at++;
		piece = alternatives(a);
		a->odd |= *a->at != ')';
		a->at += !a->odd;
		return piece;
	}
	if (*a->at == '[') {
		a->at++;
		return bracket(a);
	}
	if (*a->at == '^' || *a->at == '$' || (*a->at == '\\' && isalnum((unsigned char)a->at[1])))
		a->odd = true;
	if (*a->at == '.') {
		add_range(set, FIRST, LAST);
	} else {
		a->at += *a->at == '\\';
		add_range(set, (unsigned char)*a->at, (unsigned char)*a->at);
	}
	a->at += *a->at != 0;
	return one_of(a, set);
}

/* "?", "*", "+", "{2,4}": how often at least and at most; most NOWHERE: without end. */
static bool repeats(struct automaton *a, int *least, int *most)
{
	char *end;

	*least = *a->at == '+';
	*most = *a->at == '?' ? 1 : NOWHERE;
	if (*a->at == '*' || *a->at == '+' || *a->at == '?') {
		a->at++;
		return true;
	}
	if (*a->at != '{' || (!isdigit((unsigned char)a->at[1]) && a->at[1] != ','))
		return false;
	*least = *most = (int)strtol(a->at + 1, &end, 10);
	if (*end == ',') {
		*most = isdigit((unsigned char)end[1]) ? (int)strtol(end + 1, &end, 10) : NOWHERE;
		end += *most == NOWHERE;
	}
	a->odd |= *end != '}' || *least > REPEAT_MAX || *most > REPEAT_MAX;
	a->at = *end ? end + 1 : end;
	return true;
}

static struct piece maybe(struct automaton *a, struct piece piece, bool again)
{
	struct piece fork = empty(a), end = empty(a);

	a->node[fork.in].out = piece.in;
	a->node[fork.in].other = end.in;
	a->node[piece.last].out = again ? fork.in : end.in;
	return (struct piece){fork.in, end.last};
}

/* An atom as often as it may come: read again for each time. */
static struct piece repeated(struct automaton *a)
{
	const char *begin = a->at, *after;
	struct piece piece = atom(a), all = empty(a);
	int least, most;

	if (a->odd || !repeats(a, &least, &most))
		return piece;
	for (int i = 0; i < (most == NOWHERE ? least + 1 : most) && !a->odd; i++) {
		after = a->at;
		if (i > 0) {
			a->at = begin;
			piece = atom(a);
			a->at = after;
		}
		all = join(a, all, i < least ? piece : maybe(a, piece, most == NOWHERE));
	}
	if (repeats(a, &least, &most))
		a->odd = true; /* "a**" */
	return all;
}

static struct piece sequence(struct automaton *a)
{
	struct piece all = empty(a);

	while (*a->at && *a->at != '|' && *a->at != ')' && !a->odd) {
		if (*a->at == '$' && a->at[1] == 0) {
			a->at++;
			break;
		}
		all = join(a, all, repeated(a));
	}
	return all;
}

static struct piece alternatives(struct automaton *a)
{
	struct piece all;

	if (++a->depth > DEPTH_MAX)
		a->odd = true;
	all = sequence(a);
	while (*a->at == '|' && !a->odd) {
		struct piece fork = empty(a), end = empty(a), more;

		a->at++;
		more = sequence(a);
		a->node[fork.in].out = all.in;
		a->node[fork.in].other = more.in;
		a->node[all.last].out = end.in;
		a->node[more.last].out = end.in;
		all = (struct piece){fork.in, end.last};
	}
	a->depth--;
	return all;
}

/* Its first node, NOWHERE: not understood. */
static int compile(struct automaton *a, const char *pattern)
{
	struct piece all;
	int end;

	a->at = pattern + (*pattern == '^');
	all = alternatives(a);
	end = add(a, NODE_END);
	a->node[all.last].out = end;
	return a->odd || *a->at ? NOWHERE : all.in;
}

/* --- the search --- */

struct pair {
	int one, other;
	size_t from; /* place in the queue that it was reached from */
	char by;     /* the character, 0: none */
};

struct search {
	const struct automaton *one, *other;
	uint8_t *seen;
	struct pair *queue;
	size_t count;
};

static void reach(struct search *search, int one, int other, size_t from, char by)
{
	size_t at = (size_t)one * NODES_MAX + (size_t)other;

	if (one == NOWHERE || other == NOWHERE || search->seen[at])
		return;
	search->seen[at] = 1;
	search->queue[search->count++] = (struct pair){one, other, from, by};
}

static void step(struct search *search, size_t at)
{
	struct pair pair = search->queue[at];
	const struct node *one = &search->one->node[pair.one];
	const struct node *other = &search->other->node[pair.other];

	if (one->kind == NODE_FORK) {
		reach(search, one->out, pair.other, at, 0);
		reach(search, one->other, pair.other, at, 0);
	} else if (other->kind == NODE_FORK) {
		reach(search, pair.one, other->out, at, 0);
		reach(search, pair.one, other->other, at, 0);
	} else if (one->kind == NODE_SET && other->kind == NODE_SET) {
		/* A digit or a letter reads best in a message. */
		for (unsigned i = 0; i <= LAST - FIRST; i++) {
			unsigned c = FIRST + (i + '0' - FIRST) % (LAST - FIRST + 1);

			if (one->set[c] && other->set[c]) {
				reach(search, one->out, other->out, at, (char)c);
				break;
			}
		}
	}
}

static bool spell(const struct search *search, size_t at, char *text, size_t size)
{
	size_t length = 0, left;

	for (size_t i = at; i != SIZE_MAX; i = search->queue[i].from)
		length += search->queue[i].by != 0;
	if (length >= size)
		return false;
	text[left = length] = 0;
	for (size_t i = at; i != SIZE_MAX; i = search->queue[i].from)
		if (search->queue[i].by)
			text[--left] = search->queue[i].by;
	return true;
}

static bool run(struct search *search, char *text, size_t size)
{
	for (size_t at = 0; at < search->count; at++) {
		struct pair pair = search->queue[at];

		if (search->one->node[pair.one].kind == NODE_END &&
		    search->other->node[pair.other].kind == NODE_END && at > 0 &&
		    spell(search, at, text, size) && text[0])
			return true;
		step(search, at);
	}
	return false;
}

bool overlap_find(const char *one, const char *other, char *text, size_t size)
{
	struct automaton *a = calloc(2, sizeof(*a));
	struct search search = {.one = a, .other = a ? a + 1 : NULL};
	int in_one, in_other;
	bool found = false;

	search.seen = calloc(NODES_MAX, NODES_MAX);
	search.queue = calloc((size_t)NODES_MAX * NODES_MAX, sizeof(*search.queue));
	if (a && search.seen && search.queue) {
		in_one = compile(a, one);
		in_other = compile(a + 1, other);
		reach(&search, in_one, in_other, SIZE_MAX, 0);
		found = run(&search, text, size);
	}
	free(search.queue);
	free(search.seen);
	free(a);
	return found;
}
