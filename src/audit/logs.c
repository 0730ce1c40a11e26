/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/logs.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define LOT_MARK "{lot}"

/* For glob; to be freed. */
static char *glob_text(const char *pattern, const char *ending)
{
	char *text = malloc(2 * strlen(pattern) + strlen(ending) + 1), *to = text;

	if (!text)
		return NULL;
	while (*pattern) {
		if (strncmp(pattern, LOT_MARK, strlen(LOT_MARK)) == 0) {
			*to++ = '*';
			pattern += strlen(LOT_MARK);
			continue;
		}
		if (strchr("*?[]\\", *pattern))
			*to++ = '\\';
		*to++ = *pattern++;
	}
	strcpy(to, ending);
	return text;
}

bool audit_logs_each(const char *pattern, const char *ending,
		     bool (*each)(void *user, const char *path), void *user)
{
	char *text = glob_text(pattern, ending);
	glob_t found = {0};
	bool good = text != NULL;

	switch (good ? glob(text, 0, NULL, &found) : GLOB_NOMATCH) {
	case 0:
		for (size_t i = 0; i < found.gl_pathc && good; i++)
			good = each(user, found.gl_pathv[i]);
		globfree(&found);
		break;
	case GLOB_NOSPACE:
		good = false;
		break;
	default:
		break;
	}
	free(text);
	return good;
}

bool audit_is_rotated(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strlen(dot + 1) == 4 && strspn(dot + 1, "0123456789") == 4;
}

bool audit_is_companion(const char *ending)
{
	static const char *const endings[] = {".begun", ".seal", ".torn", ".new"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcmp(ending, endings[i]) == 0)
			return true;
	return false;
}
