/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

static const char sqlite[] = "sqlite:";

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* "//user:password@host" or "?password=". A profile is copied and read by many. */
static bool holds_password(const char *url)
{
	const char *host = strstr(url, "//") + 2;
	size_t length = strcspn(host, "/?");
	const char *at = memrchr(host, '@', length);

	return (at && memchr(host, ':', (size_t)(at - host))) || strstr(url, "password=");
}

/* The file of an SQLite store is relative to the profile, as all files are. */
static char *resolved(const struct profile *profile, const char *url)
{
	char *path, *whole = NULL;

	if (!begins(url, sqlite))
		return strdup(url);
	path = loader_path(profile, url + strlen(sqlite));
	if (path && asprintf(&whole, "%s%s", sqlite, path) < 0)
		whole = NULL;
	free(path);
	return whole;
}

static void read_url(struct values *values, const struct tree_node *node, void *into)
{
	struct loader *loader = into;
	bool server;

	if (!values_text(values, node, PATH_MAX - 1))
		return;
	server = begins(node->text, "postgresql://") || begins(node->text, "postgres://");
	if (!server && (!begins(node->text, sqlite) || !node->text[strlen(sqlite)])) {
		values_fail(values, node, "must be sqlite:FILE or postgresql://...");
		return;
	}
	if (server && holds_password(node->text)) {
		values_fail(values, node,
			    "a password does not belong into a profile: libpq reads ~/.pgpass, "
			    "service files and certificates");
		return;
	}
	loader->profile->store_url = resolved(loader->profile, node->text);
	if (!loader->profile->store_url)
		values_fail(values, node, "not enough memory");
}

void loader_store(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {{"url", true, read_url}};

	values_map(values, node, keys, sizeof(keys) / sizeof(keys[0]), into);
}
