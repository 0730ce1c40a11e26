/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key `hooks`. A command is a list of words and never goes through a shell. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader.h"

#define WORD_MAX 4096
#define TIMEOUT_DEFAULT_S 30
#define SEARCH_DEFAULT "/usr/local/bin:/usr/bin:/bin"

const char *profile_hook_name(enum profile_hook_time time)
{
	static const char *const names[PROFILE_HOOKS] = {
		[PROFILE_HOOK_START] = "start", [PROFILE_HOOK_BEFORE] = "before",
		[PROFILE_HOOK_GATE] = "gate",   [PROFILE_HOOK_AFTER] = "after",
		[PROFILE_HOOK_END] = "end",     [PROFILE_HOOK_STATE] = "state",
	};

	return (unsigned)time < PROFILE_HOOKS ? names[time] : "unknown";
}

/* The hook being read. */
struct reading {
	struct loader *loader;
	struct profile_hook *hook;
};

static bool executable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* `name` in the folders of PATH; the caller frees. NULL: not there, or no memory. */
static char *search(const char *name)
{
	const char *folders = getenv("PATH");
	char path[PATH_MAX];

	if (folders == NULL || folders[0] == '\0')
		folders = SEARCH_DEFAULT;
	while (*folders != '\0') {
		size_t length = strcspn(folders, ":");
		int n = snprintf(path, sizeof(path), "%.*s/%s", (int)length, folders, name);

		/* An empty entry of PATH stands for the current folder. No program is taken from
		 * there. */
		if (length > 0 && n > 0 && (size_t)n < sizeof(path) && executable(path))
			return strdup(path);
		folders += length;
		folders += *folders == ':';
	}
	return NULL;
}

/* The program for the command's first word. */
static char *find_program(const struct profile *profile, const char *word)
{
	char *path;

	if (strchr(word, '/') == NULL)
		return search(word);
	path = loader_path(profile, word);
	if (path != NULL && executable(path))
		return path;
	free(path);
	return NULL;
}

static void read_command(struct values *values, const struct tree_node *node, void *into)
{
	struct reading *reading = into;
	struct profile_hook *hook = reading->hook;

	if (!values_list(values, node, 1, PROFILE_HOOK_WORDS_MAX))
		return;
	hook->argv = calloc(node->items + 1, sizeof(*hook->argv));
	if (hook->argv == NULL) {
		values_fail(values, node, "not enough memory");
		return;
	}
	for (size_t i = 0; i < node->items; i++) {
		hook->argv[i] = values_copy(values, node->item[i], WORD_MAX);
		if (hook->argv[i] == NULL)
			return;
	}
	hook->program = find_program(reading->loader->profile, hook->argv[0]);
	if (hook->program == NULL)
		values_fail(
			values, node->item[0], "there is no program '%.*s' that can be executed%s",
			profile_shown(hook->argv[0]), hook->argv[0],
			strchr(hook->argv[0], '/') == NULL
				? ": it is in no folder of PATH; write ./NAME for a program beside "
				  "the "
				  "profile"
				: "; its path is relative to the profile, and its mode must allow "
				  "execution");
}

void loader_command(struct values *values, const struct tree_node *node, struct loader *loader,
		    struct profile_hook *hook)
{
	struct reading reading = {loader, hook};

	read_command(values, node, &reading);
}

static void read_timeout(struct values *values, const struct tree_node *node, void *into)
{
	struct reading *reading = into;
	int64_t number;

	if (values_integer(values, node, 1, 3600, &number))
		reading->hook->timeout_s = (uint32_t)number;
}

static void read_hook(struct values *values, const struct tree_node *node, void *into,
		      enum profile_hook_time time)
{
	static const struct values_key keys[] = {
		{"command", true, read_command},
		{"timeout_s", false, read_timeout},
	};
	struct loader *loader = into;
	struct reading reading = {loader, &loader->profile->hook[time]};

	reading.hook->timeout_s = TIMEOUT_DEFAULT_S;
	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), &reading);
}

static void read_start(struct values *values, const struct tree_node *node, void *into)
{
	read_hook(values, node, into, PROFILE_HOOK_START);
}

static void read_before(struct values *values, const struct tree_node *node, void *into)
{
	read_hook(values, node, into, PROFILE_HOOK_BEFORE);
}

static void read_state(struct values *values, const struct tree_node *node, void *into)
{
	read_hook(values, node, into, PROFILE_HOOK_STATE);
}

static void read_gate(struct values *values, const struct tree_node *node, void *into)
{
	read_hook(values, node, into, PROFILE_HOOK_GATE);
}

static void read_after(struct values *values, const struct tree_node *node, void *into)
{
	read_hook(values, node, into, PROFILE_HOOK_AFTER);
}

static void read_end(struct values *values, const struct tree_node *node, void *into)
{
	read_hook(values, node, into, PROFILE_HOOK_END);
}

void loader_hooks(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"start", false, read_start}, {"before", false, read_before},
		{"gate", false, read_gate},   {"after", false, read_after},
		{"end", false, read_end},     {"state", false, read_state},
	};

	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
}

void loader_command_free(struct profile_hook *hook)
{
	for (char **word = hook->argv; word != NULL && *word != NULL; word++)
		free(*word);
	free(hook->argv);
	free(hook->program);
}

void loader_hooks_free(struct profile *profile)
{
	for (unsigned i = 0; i < PROFILE_HOOKS; i++)
		loader_command_free(&profile->hook[i]);
}
