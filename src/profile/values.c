/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "values.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/nearest.h"

void values_fail(const struct values *values, const struct tree_node *node, const char *format, ...)
{
	va_list arguments;
	char *what;

	va_start(arguments, format);
	if (vasprintf(&what, format, arguments) < 0)
		what = NULL;
	va_end(arguments);
	profile_problem_add(values->problems, values->file, node->place, "%s: %s", values->key,
			    what != NULL ? what : "not enough memory");
	free(what);
}

static bool is_nothing(const struct tree_node *node)
{
	return node->kind == TREE_TEXT && node->plain &&
	       (node->length == 0 || strcmp(node->text, "~") == 0 ||
		strcmp(node->text, "null") == 0);
}

static bool want(const struct values *values, const struct tree_node *node, enum tree_kind kind,
		 const char *wanted)
{
	static const char *const kinds[] = {"text", "a list", "a map of keys", ""};

	if (node->kind == TREE_REFUSED)
		return false;
	if (is_nothing(node))
		values_fail(values, node, "has no value");
	else if (node->kind != kind)
		values_fail(values, node, "must be %s, not %s", wanted, kinds[node->kind]);
	else
		return true;
	return false;
}

bool values_list(const struct values *values, const struct tree_node *node, size_t least,
		 size_t most)
{
	if (!want(values, node, TREE_LIST, "a list"))
		return false;
	if (node->items < least && !node->open)
		values_fail(values, node, "the list is empty");
	else if (node->items > most)
		values_fail(values, node, "at most %zu items, not %zu", most, node->items);
	else
		return true;
	return false;
}

bool values_text(const struct values *values, const struct tree_node *node, size_t most)
{
	if (!want(values, node, TREE_TEXT, "text"))
		return false;
	if (node->length == 0) {
		values_fail(values, node, "is empty");
		return false;
	}
	for (size_t i = 0; i < node->length; i++) {
		unsigned char c = (unsigned char)node->text[i];

		if (c < 0x20 || c == 0x7F) {
			values_fail(values, node, "has a control character in it (0x%02X)", c);
			return false;
		}
	}
	if (node->length > most) {
		values_fail(values, node, "is longer than %zu bytes", most);
		return false;
	}
	return true;
}

char *values_copy(const struct values *values, const struct tree_node *node, size_t most)
{
	char *copy;

	if (!values_text(values, node, most))
		return NULL;
	copy = strdup(node->text);
	if (copy == NULL)
		values_fail(values, node, "not enough memory");
	return copy;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* False if it is no number at all. Saturates far outside every range of a profile. */
static bool parse_integer(const char *text, int64_t *value)
{
	bool negative = *text == '-';
	int base = 10;

	text += negative;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	} else if (text[0] == '0' && text[1] != '\0') {
		return false; /* 010: octal or not? */
	}
	if (*text == '\0')
		return false;
	*value = 0;
	for (; *text != '\0'; text++) {
		int digit = digit_of(*text);

		if (digit < 0 || digit >= base)
			return false;
		if (*value < INT64_MAX / 32)
			*value = *value * base + digit;
	}
	if (negative)
		*value = -*value;
	return true;
}

static bool integer(const struct values *values, const struct tree_node *node, int64_t *value)
{
	if (!want(values, node, TREE_TEXT, "a whole number"))
		return false;
	if (!node->plain)
		values_fail(values, node, "must be a whole number, not text in quotes");
	else if (strlen(node->text) != node->length || !parse_integer(node->text, value))
		values_fail(values, node,
			    "must be a whole number, decimal or 0x hexadecimal, not '%.*s'",
			    profile_shown(node->text), node->text);
	else
		return true;
	return false;
}

bool values_integer(const struct values *values, const struct tree_node *node, int64_t least,
		    int64_t most, int64_t *value)
{
	int64_t read = 0;

	if (!integer(values, node, &read))
		return false;
	if (read < least || read > most) {
		values_fail(values, node, "out of range: from %" PRId64 " to %" PRId64, least,
			    most);
		return false;
	}
	*value = read;
	return true;
}

bool values_u32(const struct values *values, const struct tree_node *node, uint32_t most,
		uint32_t *value)
{
	int64_t read = 0;

	if (!integer(values, node, &read))
		return false;
	if (read < 0 || read > (int64_t)most) {
		values_fail(values, node, "out of range: from 0 to 0x%" PRIX32, most);
		return false;
	}
	*value = (uint32_t)read;
	return true;
}

bool values_flag(const struct values *values, const struct tree_node *node, bool *flag)
{
	static const char *const names[] = {"false", "true", NULL};
	unsigned choice;

	if (!values_choice(values, node, names, &choice))
		return false;
	if (!node->plain) {
		values_fail(values, node, "write true and false without quotes");
		return false;
	}
	*flag = choice == 1;
	return true;
}

static void unknown_choice(const struct values *values, const struct tree_node *node,
			   const char *const *names)
{
	char *all = NULL;
	size_t length = 0;
	FILE *list = open_memstream(&all, &length);

	for (unsigned i = 0; list != NULL && names[i] != NULL; i++)
		fprintf(list, "%s%s", i > 0 ? ", " : "", names[i]);
	if (list == NULL || fclose(list) != 0)
		values_fail(values, node, "not enough memory");
	else
		values_fail(values, node, "must be one of %s, not '%.*s'", all,
			    profile_shown(node->text), node->text);
	free(all);
}

bool values_choice(const struct values *values, const struct tree_node *node,
		   const char *const *names, unsigned *index)
{
	if (!want(values, node, TREE_TEXT, "a word"))
		return false;
	for (unsigned i = 0; names[i] != NULL; i++) {
		if (strlen(node->text) == node->length && strcmp(node->text, names[i]) == 0) {
			*index = i;
			return true;
		}
	}
	unknown_choice(values, node, names);
	return false;
}

struct key_names {
	const struct values_key *keys;
	size_t count;
};

static const char *key_at(const void *names, size_t i)
{
	const struct key_names *known = names;

	return i < known->count ? known->keys[i].name : NULL;
}

static void unknown_key(const struct values *values, const struct tree_node *key,
			const struct values_key *keys, size_t count)
{
	const struct key_names known = {keys, count};
	const char *nearest = nearest_name(key->text, key_at, &known);
	int shown = profile_shown(key->text);

	if (key->plain && strcmp(key->text, "<<") == 0)
		profile_problem_add(values->problems, values->file, key->place,
				    "merge keys (<<) are not allowed in a profile");
	else if (nearest != NULL)
		profile_problem_add(values->problems, values->file, key->place,
				    "unknown key '%.*s'; did you mean '%s'?", shown, key->text,
				    nearest);
	else
		profile_problem_add(values->problems, values->file, key->place,
				    "unknown key '%.*s'", shown, key->text);
}

static void read_pair(struct values *values, const struct tree_node *key,
		      const struct tree_node *value, const struct values_key *keys, size_t count,
		      const struct tree_node **seen, void *into)
{
	size_t i = 0;

	if (key->kind == TREE_REFUSED)
		return;
	if (key->kind != TREE_TEXT) {
		profile_problem_add(values->problems, values->file, key->place,
				    "a key must be a word, not a list or a map");
		return;
	}
	while (i < count &&
	       (strlen(key->text) != key->length || strcmp(keys[i].name, key->text) != 0))
		i++;
	if (i == count) {
		unknown_key(values, key, keys, count);
	} else if (seen[i] != NULL) {
		profile_problem_add(values->problems, values->file, key->place,
				    "key '%s' again; it already stands in line %" PRIu32,
				    keys[i].name, seen[i]->place.line);
	} else {
		seen[i] = key;
		values->key = keys[i].name;
		keys[i].read(values, value, into);
	}
}

void values_map(struct values *values, const struct tree_node *node, const struct values_key *keys,
		size_t count, void *into)
{
	const struct tree_node **seen;
	const char *outer = values->key;

	if (!want(values, node, TREE_MAP, "a map of keys"))
		return;
	seen = calloc(count, sizeof(*seen));
	if (seen == NULL) {
		values_fail(values, node, "not enough memory");
		return;
	}
	for (size_t i = 0; i + 1 < node->items; i += 2)
		read_pair(values, node->item[i], node->item[i + 1], keys, count, seen, into);
	values->key = outer;
	for (size_t i = 0; i < count && !node->open; i++)
		if (keys[i].required && seen[i] == NULL)
			values_fail(values, node, "'%s' is missing", keys[i].name);
	free(seen);
}
