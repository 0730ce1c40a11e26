/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `control`: a list of commands, or a map with `allow`, `group` and `users`. */
#include "h7gang/profile/control.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

#define NAME_MAX_BYTES 64
#define ENTRY_BYTES 65536 /* of the user database */

/* Those of --commands. */
static const char *const names[] = {"scan",        "select", "undo", "lot",  "operator",
				    "acknowledge", "unlock", "stop", "quit", NULL};

const char *profile_control_name(unsigned command)
{
	return command < sizeof(names) / sizeof(names[0]) ? names[command] : NULL;
}

bool profile_control_allows(const struct profile_control *control, uid_t uid, const char *line,
			    char *why, size_t why_size)
{
	size_t word = strcspn(line, " ");
	bool known = control->users == 0;

	for (unsigned i = 0; i < control->users; i++)
		known = known || control->user[i] == uid;
	for (unsigned i = 0; names[i] && known; i++)
		if (strlen(names[i]) == word && memcmp(names[i], line, word) == 0 &&
		    (control->allow & 1u << i))
			return true;
	if (known)
		snprintf(why, why_size,
			 "the profile does not allow this command: see the key control, allow");
	else
		snprintf(why, why_size,
			 "the profile does not allow commands of this user: see the key control, "
			 "users");
	return false;
}

static struct profile_control *control_of(void *into)
{
	return &((struct loader *)into)->profile->control;
}

static void read_allow(struct values *values, const struct tree_node *node, void *into)
{
	unsigned command;

	if (!values_list(values, node, 0, sizeof(names) / sizeof(names[0]) - 1))
		return;
	for (size_t i = 0; i < node->items; i++)
		if (values_choice(values, node->item[i], names, &command))
			control_of(into)->allow |= 1u << command;
}

static void read_group(struct values *values, const struct tree_node *node, void *into)
{
	char *group = values_copy(values, node, NAME_MAX_BYTES);

	if (!group)
		return;
	free(control_of(into)->group);
	control_of(into)->group = group;
}

static bool user_id(const char *name, uid_t *id)
{
	char *bytes = malloc(ENTRY_BYTES), *end;
	struct passwd entry, *found = NULL;
	unsigned long number;

	if (bytes && getpwnam_r(name, &entry, bytes, ENTRY_BYTES, &found) == 0 && found)
		*id = found->pw_uid;
	free(bytes);
	if (found)
		return true;
	errno = 0;
	number = strtoul(name, &end, 10);
	*id = (uid_t)number;
	return name[0] >= '0' && name[0] <= '9' && !*end && !errno && number < UINT_MAX;
}

static void read_users(struct values *values, const struct tree_node *node, void *into)
{
	struct profile_control *control = control_of(into);

	if (!values_list(values, node, 1, PROFILE_CONTROL_USERS_MAX))
		return;
	for (size_t i = 0; i < node->items; i++) {
		const struct tree_node *user = node->item[i];

		if (!values_text(values, user, NAME_MAX_BYTES))
			continue;
		if (user_id(user->text, &control->user[control->users]))
			control->users++;
		else
			values_fail(
				values, user,
				"this computer has no user \"%s\": create this account, or remove "
				"the name (the package h7gang-web creates h7gang-web)",
				user->text);
	}
}

void loader_control(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"allow", true, read_allow},
		{"group", false, read_group},
		{"users", false, read_users},
	};

	if (node->kind == TREE_LIST)
		read_allow(values, node, into);
	else
		values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
}

void loader_control_free(struct profile *profile)
{
	free(profile->control.group);
}
