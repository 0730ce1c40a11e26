/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys `stop`, `on_change` and `bell`. */
#include <stdlib.h>
#include <string.h>

#include "loader.h"

#define RULE_MAX 1000
#define WINDOW_DEFAULT 50

static struct profile_stop *stop_of(void *into)
{
	return &((struct loader *)into)->profile->stop;
}

static void read_count(struct values *values, const struct tree_node *node, unsigned *count)
{
	int64_t number;

	if (values_integer(values, node, 1, RULE_MAX, &number))
		*count = (unsigned)number;
}

static void read_consecutive(struct values *values, const struct tree_node *node, void *into)
{
	read_count(values, node, &stop_of(into)->consecutive);
}

static void read_slot_consecutive(struct values *values, const struct tree_node *node, void *into)
{
	read_count(values, node, &stop_of(into)->slot_consecutive);
}

static void read_same_error(struct values *values, const struct tree_node *node, void *into)
{
	read_count(values, node, &stop_of(into)->same_error);
}

static void read_window(struct values *values, const struct tree_node *node, void *into)
{
	read_count(values, node, &stop_of(into)->window);
}

/* Digits and one point; strtod alone would take "nan", "1e9" and numbers of the locale. */
static void read_first_pass(struct values *values, const struct tree_node *node, void *into)
{
	size_t length = node->kind == TREE_TEXT ? node->length : 0;
	double share = 0, unit = 1;
	bool point = false;

	for (size_t i = 0; i < length && node->plain; i++) {
		char c = node->text[i];

		if (c == '.' && !point) {
			point = true;
			continue;
		}
		if (c < '0' || c > '9' || i > 12) {
			length = 0;
			break;
		}
		share = point ? share + (c - '0') * (unit /= 10) : share * 10 + (c - '0');
	}
	if (length == 0 || !node->plain || !(share > 0 && share <= 1))
		values_fail(values, node, "must be a share above 0 and up to 1, such as 0.90");
	else
		stop_of(into)->first_pass_below = share;
}

void loader_stop(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"consecutive", false, read_consecutive},
		{"slot_consecutive", false, read_slot_consecutive},
		{"same_error", false, read_same_error},
		{"first_pass_below", false, read_first_pass},
		{"window", false, read_window},
	};
	struct profile_stop *stop = stop_of(into);

	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
	if (stop->window && stop->first_pass_below <= 0)
		values_fail(values, node, "'window' goes with first_pass_below only");
	if (!stop->window)
		stop->window = WINDOW_DEFAULT;
}

void loader_on_change(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"report", "stop", NULL};
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		((struct loader *)into)->profile->stop_on_change = choice == 1;
}

void loader_bell(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {[PROFILE_BELL_FAIL] = "fail",
					    [PROFILE_BELL_NONE] = "none",
					    [PROFILE_BELL_ALL] = "all",
					    [PROFILE_BELL_ALL + 1] = NULL};
	unsigned choice;

	if (values_choice(values, node, names, &choice))
		((struct loader *)into)->profile->bell = (enum profile_bell)choice;
}
