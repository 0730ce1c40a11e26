/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/store/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backend.h"

static const char scheme_sqlite[] = "sqlite:";

static bool is_server(const char *url)
{
	return strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;
}

static const char *sqlite_path(const char *url)
{
	size_t length = strlen(scheme_sqlite);

	return strncmp(url, scheme_sqlite, length) == 0 && url[length] ? url + length : NULL;
}

enum db_error db_check_url(const char *url, char *why, size_t why_size)
{
	if (is_server(url))
		return db_pg_check_url(url, why, why_size);
	if (sqlite_path(url))
		return DB_OK;
	snprintf(why, why_size, "a store is sqlite:FILE or postgresql://...");
	return DB_URL;
}

static uint64_t inode_of(const char *path, const char *ending)
{
	struct stat st = {0};
	char *name;

	if (asprintf(&name, "%s%s", path, ending) < 0)
		return 0;
	if (stat(name, &st) < 0)
		st.st_ino = 0;
	free(name);
	return st.st_ino;
}

void db_file(const char *url, struct db_file *file)
{
	const char *path = sqlite_path(url);
	struct stat st;

	*file = (struct db_file){0};
	if (path && stat(path, &st) == 0)
		*file = (struct db_file){.device = st.st_dev,
					 .inode = st.st_ino,
					 .wal = inode_of(path, "-wal"),
					 .shm = inode_of(path, "-shm")};
}

enum db_error db_open(const char *url, const struct db_options *options, struct db **db, char *why,
		      size_t why_size)
{
	enum db_error error = db_check_url(url, why, why_size);

	*db = NULL;
	if (error != DB_OK)
		return error;
	if (is_server(url))
		return db_pg_open(url, options, db, why, why_size);
	return db_sqlite_open(sqlite_path(url), options, db, why, why_size);
}
