/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

#define KEYS(table) table, sizeof(table) / sizeof((table)[0])
#define LEASE_MAX 100000
#define PLACES_MAX 1000

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

static struct profile_store *store_of(void *into)
{
	return &((struct loader *)into)->profile->store;
}

static void read_offline(struct values *values, const struct tree_node *node, void *into)
{
	static const char *const names[] = {"stop", "lease", "start", NULL};
	unsigned choice;

	if (!values_choice(values, node, names, &choice))
		return;
	store_of(into)->offline_lease = choice >= 1;
	store_of(into)->offline_start = choice == 2;
}

static void read_size(struct values *values, const struct tree_node *node, void *into)
{
	int64_t size;

	if (values_integer(values, node, 1, LEASE_MAX, &size))
		store_of(into)->lease_size = (unsigned)size;
}

static void read_places(struct values *values, const struct tree_node *node, void *into)
{
	int64_t places;

	if (values_integer(values, node, 1, PLACES_MAX, &places))
		store_of(into)->places = (unsigned)places;
}

static const char *const unused_names[] = {
	[PROFILE_UNUSED_KEEP] = "keep",
	[PROFILE_UNUSED_REUSE] = "reuse",
	[PROFILE_UNUSED_BURN] = "burn",
	[PROFILE_UNUSED_BURN + 1] = NULL,
};

const char *profile_unused_name(enum profile_unused unused)
{
	return unused_names[unused];
}

static void read_unused(struct values *values, const struct tree_node *node, void *into)
{
	unsigned choice;

	if (values_choice(values, node, unused_names, &choice))
		store_of(into)->unused = (enum profile_unused)choice;
}

static void read_lease(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"size", false, read_size},
		{"places", false, read_places},
		{"unused", false, read_unused},
	};

	values_map(values, node, KEYS(keys), into);
}

void loader_store(struct values *values, const struct tree_node *node, void *into)
{
	static const struct values_key keys[] = {
		{"url", false, read_url},
		{"offline", false, read_offline},
		{"lease", false, read_lease},
	};

	values_map(values, node, KEYS(keys), into);
}
