/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and paths in a profile. */
#include "loader.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool profile_name_ok(const char *text)
{
	size_t length = strnlen(text, PROFILE_NAME_SIZE);

	if (length == 0 || length >= PROFILE_NAME_SIZE || !isalnum((unsigned char)text[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isascii((unsigned char)text[i]) ||
		    (!isalnum((unsigned char)text[i]) && strchr("._-", text[i]) == NULL))
			return false;
	return true;
}

char *loader_path(const struct profile *profile, const char *file)
{
	const char *slash = strrchr(profile->path, '/');
	size_t folder = slash != NULL ? (size_t)(slash - profile->path) + 1 : 0;
	char *path;

	if (file[0] == '/')
		folder = 0;
	path = malloc(folder + strlen(file) + 1);
	if (path == NULL)
		return NULL;
	memcpy(path, profile->path, folder);
	strcpy(path + folder, file);
	return path;
}

void loader_unreadable(const struct loader *loader, const struct tree_node *node, const char *what,
		       const char *path, int error)
{
	const char *written = node->text;
	bool resolved = strcmp(written, path) != 0;

	profile_problem_add(loader->values.problems, loader->values.file, node->place,
			    "cannot open %s \"%.*s\"%s%s%s: %s%s", what, profile_shown(written),
			    written, resolved ? " (resolved to " : "", resolved ? path : "",
			    resolved ? ")" : "", strerror(error),
			    written[0] != '/' ? ". Paths in a profile are relative to the profile."
					      : "");
}
