/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and paths in a profile. */
#include "loader.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "h7gang/audit/logs.h"

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

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Writes the folder of a path with its slash, or "./". False: too long. */
static bool folder_of(const char *path, char folder[PATH_MAX])
{
	size_t length = (size_t)(name_of(path) - path);

	if (length >= PATH_MAX)
		return false;
	snprintf(folder, PATH_MAX, "%.*s", (int)length, path);
	if (length == 0)
		strcpy(folder, "./");
	return true;
}

static bool in_one_folder(const char *one, const char *two)
{
	char a[PATH_MAX], b[PATH_MAX];
	struct stat first, second;

	if (!folder_of(one, a) || !folder_of(two, b))
		return false;
	return strcmp(a, b) == 0 ||
	       (stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
		first.st_ino == second.st_ino);
}

bool profile_path_of_log(const char *path, const char *log)
{
	const char *name = name_of(path), *log_name = name_of(log);
	size_t length = strlen(log_name);
	const char *ending = name + length;

	if (strncmp(name, log_name, length) != 0 || !in_one_folder(path, log))
		return false;
	return !*ending || audit_is_companion(ending) ||
	       (strlen(ending) == 5 && audit_is_rotated(ending)); /* log.csv.0001 */
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
