/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SQLite: one file, any number of processes of one machine. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend.h"
#include "h7gang/base/clock.h"
#include "h7gang/base/durable.h"

#define FILE_MODE 0640
#define BUSY_PAUSE_MS 10
#define WAL_PAGES 1000       /* of 4 KiB: from there on they are brought into the file */
#define WAL_PAGES_MOST 16384 /* from there on other connections wait for that */

struct sqlite {
	struct db db;
	sqlite3 *handle;
	int64_t busy_ms; /* time waited so far for the lock */
	int wal_pages;   /* after the last commit; 0: looked after */
};

static struct sqlite *sqlite_of(struct db *db)
{
	return (struct sqlite *)(void *)db;
}

static enum db_error kind_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return DB_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return DB_BUSY;
	case SQLITE_CONSTRAINT:
		return DB_CONSTRAINT;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return DB_DAMAGED;
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
	case SQLITE_FULL:
		return DB_AWAY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return DB_DENIED;
	case SQLITE_NOMEM:
		return DB_MEMORY;
	default:
		return DB_OTHER;
	}
}

static enum db_error failed(struct sqlite *sqlite, int code)
{
	const char *text = sqlite3_errmsg(sqlite->handle);
	enum db_error error = kind_of(code);

	/* SQLite has no code of its own for it. */
	if (error == DB_OTHER && strncmp(text, "no such table", 13) == 0)
		error = DB_SCHEMA;
	return db_fail(&sqlite->db, error, "%s", text);
}

/* Other connections hold the lock: waits a little, up to the time limit. */
static int busy(void *user, int before)
{
	struct sqlite *sqlite = user;

	if (before == 0)
		sqlite->busy_ms = 0;
	if (sqlite->busy_ms >= sqlite->db.patience_ms)
		return 0;
	clock_wait_other(-1, 0, BUSY_PAUSE_MS);
	sqlite->busy_ms += BUSY_PAUSE_MS;
	return 1;
}

/* Which value each parameter of a statement is: $3 is a name to SQLite, its number its own affair.
 */
struct places {
	int count;
	size_t value[DB_VALUES_MAX];
};

static int find_places(sqlite3_stmt *statement, size_t values, struct places *places)
{
	places->count = sqlite3_bind_parameter_count(statement);
	if (places->count > DB_VALUES_MAX)
		return SQLITE_RANGE;
	for (int i = 0; i < places->count; i++) {
		const char *name = sqlite3_bind_parameter_name(statement, i + 1);
		unsigned long number = name ? strtoul(name + 1, NULL, 10) : 0;

		if (number == 0 || number > values)
			return SQLITE_RANGE;
		places->value[i] = number - 1;
	}
	return SQLITE_OK;
}

static int bind(sqlite3_stmt *statement, const struct places *places, const struct db_value *values)
{
	int code = SQLITE_OK;

	for (int i = 0; i < places->count && code == SQLITE_OK; i++) {
		const struct db_value *value = &values[places->value[i]];

		if (value->kind == DB_INT)
			code = sqlite3_bind_int64(statement, i + 1, value->number);
		else if (value->kind == DB_TEXT)
			code = sqlite3_bind_text(statement, i + 1, value->text, -1, SQLITE_STATIC);
		else
			code = sqlite3_bind_null(statement, i + 1);
	}
	return code;
}

static bool take_row(sqlite3_stmt *statement, struct db_rows *rows)
{
	for (size_t i = 0; i < rows->columns; i++) {
		const char *text = (const char *)sqlite3_column_text(statement, (int)i);
		int length = text ? sqlite3_column_bytes(statement, (int)i) : 0;

		if (!rows_add(rows, text, (size_t)length))
			return false;
	}
	return true;
}

static int prepare(struct sqlite *sqlite, const char *sql, unsigned flags, sqlite3_stmt **statement)
{
	return sqlite3_prepare_v3(sqlite->handle, sql, -1, flags, statement, NULL);
}

static int committed(void *user, sqlite3 *handle, const char *name, int pages)
{
	struct sqlite *sqlite = user;

	(void)handle;
	(void)name;
	sqlite->wal_pages = pages;
	return SQLITE_OK;
}

/* Moves the write-ahead log into the file. While other connections keep writing, a passive
 * checkpoint never gets to the end, and the log would grow without limit: then they wait once. */
static void look_after_wal(struct sqlite *sqlite)
{
	int pages = sqlite->wal_pages;

	sqlite->wal_pages = 0;
	if (pages >= WAL_PAGES)
		sqlite3_wal_checkpoint_v2(sqlite->handle, NULL,
					  pages >= WAL_PAGES_MOST ? SQLITE_CHECKPOINT_RESTART
								  : SQLITE_CHECKPOINT_PASSIVE,
					  NULL, NULL);
}

static enum db_error query(struct db *db, const char *sql, const struct db_value *values,
			   size_t count, struct db_rows *rows, int64_t *changed)
{
	struct sqlite *sqlite = sqlite_of(db);
	sqlite3_stmt *statement = NULL;
	enum db_error error = DB_OK;
	struct places places;
	int code = prepare(sqlite, sql, 0, &statement);

	if (code == SQLITE_OK)
		code = find_places(statement, count, &places);
	if (code == SQLITE_OK)
		code = bind(statement, &places, values);
	if (code != SQLITE_OK) {
		error = failed(sqlite, code);
		goto out;
	}
	if (rows)
		rows->columns = (size_t)sqlite3_column_count(statement);
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		if (rows && !take_row(statement, rows)) {
			error = db_fail(db, DB_MEMORY, "no memory");
			goto out;
		}
	}
	if (code != SQLITE_DONE)
		error = failed(sqlite, code);
	else if (changed)
		*changed = sqlite3_changes64(sqlite->handle);
out:
	sqlite3_finalize(statement);
	if (sqlite->wal_pages)
		look_after_wal(sqlite);
	return error;
}

static enum db_error load(struct db *db, const char *sql, const struct db_value *values,
			  size_t columns, size_t rows)
{
	struct sqlite *sqlite = sqlite_of(db);
	sqlite3_stmt *statement = NULL;
	enum db_error error = DB_OK;
	struct places places;
	int code = prepare(sqlite, sql, SQLITE_PREPARE_PERSISTENT, &statement);

	if (code == SQLITE_OK)
		code = find_places(statement, columns, &places);
	for (size_t i = 0; i < rows && code == SQLITE_OK; i++) {
		code = bind(statement, &places, values + i * columns);
		if (code == SQLITE_OK)
			code = sqlite3_step(statement);
		if (code == SQLITE_DONE)
			code = sqlite3_reset(statement);
	}
	if (code != SQLITE_OK)
		error = failed(sqlite, code);
	sqlite3_finalize(statement);
	return error;
}

static enum db_error script(struct db *db, const char *sql)
{
	struct sqlite *sqlite = sqlite_of(db);
	int code = sqlite3_exec(sqlite->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? DB_OK : failed(sqlite, code);
}

static enum db_error begin(struct db *db)
{
	return query(db, "BEGIN IMMEDIATE", NULL, 0, NULL, NULL);
}

static void close_sqlite(struct db *db)
{
	struct sqlite *sqlite = sqlite_of(db);

	sqlite3_close_v2(sqlite->handle);
	free(sqlite);
}

static const struct backend backend = {
	.kind = DB_SQLITE,
	.close = close_sqlite,
	.begin = begin,
	.query = query,
	.load = load,
	.script = script,
};

/* Opens a regular file, never through a symbolic link, and creates it if allowed. 0 or -errno. One
 * that exists is not opened: closing it would drop all of the process's locks on it (fcntl's rule),
 * and with them those of other connections to the same store. The next program to end would then
 * assume that it is the last one, and remove the write-ahead log while this program still writes to
 * it: commits would be lost. */
static int look_at_file(const char *path, const struct db_options *options)
{
	bool create = options->create;
	const char *name;
	int folder = durable_folder(path, create, &name), fd, rc = 0;
	struct stat st;

	if (folder < 0)
		return folder;
	fd = create ? durable_open(folder, name, O_RDONLY | O_CREAT | O_EXCL, FILE_MODE) : -EEXIST;
	if (fd >= 0)
		close(fd);
	else if (fd != -EEXIST)
		rc = fd;
	else if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		rc = -errno;
	else if (S_ISLNK(st.st_mode))
		rc = -ELOOP;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	else if (faccessat(folder, name, options->look ? R_OK : R_OK | W_OK, AT_EACCESS) < 0)
		rc = -errno;
	close(folder);
	return rc;
}

/* The folder may well be reached by symbolic links, as /var/run is; SQLite refuses them anywhere
 * when told to refuse one as the file. To be freed. */
static char *real_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	char *real = folder ? realpath(folder, NULL) : NULL;
	char *whole = NULL;

	if (real && asprintf(&whole, "%s/%s", real, slash ? slash + 1 : path) < 0)
		whole = NULL;
	free(real);
	free(folder);
	return whole;
}

/* SQLite's own name for a file that is only looked at. While no process uses it, no other file is
 * beside it, and none may appear: it is read as if it could not change. The caller frees it. */
static char *look_name(const char *real)
{
	static const char safe[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-";
	char *uri = malloc(3 * strlen(real) + sizeof("file:?immutable=1")), *log = NULL, *at = uri;

	if (!uri || asprintf(&log, "%s-wal", real) < 0) {
		free(uri);
		return NULL;
	}
	at = stpcpy(at, "file:");
	for (; *real; real++)
		at += sprintf(at, strchr(safe, *real) ? "%c" : "%%%02X", (unsigned char)*real);
	if (access(log, F_OK) != 0)
		stpcpy(at, "?immutable=1");
	free(log);
	return uri;
}

static sqlite3_vfs vfs;
static pthread_once_t vfs_once = PTHREAD_ONCE_INIT;

/* It also sleeps by itself where another connection is in the way for a moment. That wait is for
 * another process. */
static int sleep_us(sqlite3_vfs *self, int us)
{
	(void)self;
	clock_wait_other(-1, 0, us / 1000 + 1);
	return us;
}

static void make_vfs(void)
{
	const sqlite3_vfs *system = sqlite3_vfs_find(NULL);

	if (!system)
		return;
	vfs = *system;
	vfs.zName = "h7gang";
	vfs.xSleep = sleep_us;
	sqlite3_vfs_register(&vfs, 0);
}

static int open_file(struct sqlite *sqlite, const char *real, bool look)
{
	const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	char *name;
	int code = SQLITE_NOMEM;

	pthread_once(&vfs_once, make_vfs);
	if (!look)
		return sqlite3_open_v2(real, &sqlite->handle, flags | SQLITE_OPEN_READWRITE,
				       vfs.zName);
	name = look_name(real);
	if (name)
		code = sqlite3_open_v2(name, &sqlite->handle,
				       flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, vfs.zName);
	free(name);
	return code;
}

/* WAL: readers do not delay writers. FULL: commits survive a power cut (NORMAL would keep the file
 * whole, but may lose the last commits). The cache (32 MiB at most) has room for the index pages
 * that a batch of rows touches: those of UIDs are all over the file. */
static enum db_error set_up(struct sqlite *sqlite)
{
	static const char *const pragmas[] = {
		"PRAGMA journal_mode = WAL",   "PRAGMA synchronous = FULL",
		"PRAGMA foreign_keys = ON",    "PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON", "PRAGMA journal_size_limit = 67108864",
		"PRAGMA cache_size = -32768",
	};
	enum db_error error = DB_OK;

	for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]) && error == DB_OK; i++)
		error = query(&sqlite->db, pragmas[i], NULL, 0, NULL, NULL);
	return error;
}

enum db_error db_sqlite_open(const char *path, const struct db_options *options, struct db **db,
			     char *why, size_t why_size)
{
	struct sqlite *sqlite = calloc(1, sizeof(*sqlite));
	enum db_error error;
	char *real = NULL;
	int found = look_at_file(path, options);

	if (found == -ENOENT) {
		snprintf(why, why_size, "%s: there is no store; h7gang store init makes one", path);
		error = DB_SCHEMA;
		goto out;
	}
	if (found < 0) {
		snprintf(why, why_size, "%s: %s", path,
			 found == -ELOOP ? "is a symbolic link" : strerror(-found));
		error = found == -EACCES || found == -ELOOP ? DB_DENIED : DB_AWAY;
		goto out;
	}
	real = real_path(path);
	error = DB_MEMORY;
	if (!sqlite || !real) {
		snprintf(why, why_size, "no memory");
		goto out;
	}
	sqlite->db.backend = &backend;
	sqlite->db.patience_ms = options->patience_ms;
	if (open_file(sqlite, real, options->look) != SQLITE_OK) {
		error = failed(sqlite, sqlite3_errcode(sqlite->handle));
	} else {
		sqlite3_extended_result_codes(sqlite->handle, 1);
		sqlite3_busy_handler(sqlite->handle, busy, sqlite);
		sqlite3_wal_hook(sqlite->handle, committed, sqlite);
		sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		error = options->look ? DB_OK : set_up(sqlite);
	}
	if (error != DB_OK)
		snprintf(why, why_size, "%s: %s", path, sqlite->db.why);
out:
	free(real);
	if (error == DB_OK) {
		*db = &sqlite->db;
	} else if (sqlite) {
		sqlite3_close_v2(sqlite->handle);
		free(sqlite);
	}
	return error;
}
