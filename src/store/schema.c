/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The schema's version, and the way from one to the next. */
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "h7gang/base/clock.h"
#include "h7gang/base/version.h"
#include "h7gang/store/store.h"
#include "migrations.h"

static const struct migration *migrations_of(const struct db *db)
{
	return db_kind(db) == DB_SQLITE ? migrations_sqlite : migrations_postgresql;
}

unsigned store_schema(void)
{
	return migrations_sqlite_count;
}

/* Reads one number from the store. */
static enum db_error number(struct db *db, const char *sql, int64_t *value)
{
	struct db_rows *rows;
	enum db_error error = db_query(db, sql, NULL, 0, &rows);

	*value = 0;
	if (error == DB_OK)
		*value = db_get_int(rows, 0, 0);
	db_rows_free(rows);
	return error;
}

enum db_error store_version(struct db *db, unsigned *version)
{
	int64_t tables, found = 0;
	enum db_error error;

	*version = 0;
	error = number(db,
		       db_pick(db, "SELECT count(*) FROM sqlite_master WHERE name = 'v_schema'",
			       "SELECT count(*) FROM pg_class c JOIN pg_namespace n"
			       " ON n.oid = c.relnamespace"
			       " WHERE n.nspname = 'h7gang' AND c.relname = 'v_schema'"),
		       &tables);
	if (error == DB_OK && tables > 0)
		error = number(db, "SELECT version FROM v_schema", &found);
	if (found > 0 && found < 1000000)
		*version = (unsigned)found;
	return error;
}

static enum db_error other_version(struct db *db, unsigned version)
{
	if (version == 0)
		return db_fail(db, DB_SCHEMA,
			       "there is no store in this database; h7gang store init makes one");
	if (version < store_schema())
		return db_fail(db, DB_SCHEMA,
			       "the store has schema %u, this program needs %u: when no station "
			       "runs an older program any more, h7gang store migrate",
			       version, store_schema());
	return db_fail(db, DB_SCHEMA,
		       "the store has schema %u, this program knows %u: this station needs the "
		       "program that the others have",
		       version, store_schema());
}

enum db_error store_check(struct db *db)
{
	int64_t version;
	enum db_error error = number(db, "SELECT version FROM v_schema", &version);

	/* DB_SCHEMA: there is nothing of that name. */
	if (error == DB_SCHEMA || (error == DB_OK && version != (int64_t)store_schema()))
		error = other_version(db, version > 0 ? (unsigned)version : 0);
	return error;
}

enum db_error store_open(const char *url, int64_t patience_ms, struct db **db, char *why,
			 size_t why_size)
{
	const struct db_options options = {.patience_ms = patience_ms};
	enum db_error error = db_open(url, &options, db, why, why_size);

	if (error != DB_OK)
		return error;
	error = store_check(*db);
	if (error != DB_OK) {
		snprintf(why, why_size, "%s", db_why(*db));
		db_close(*db);
		*db = NULL;
	}
	return error;
}

enum db_error store_look(const char *url, int64_t patience_ms, unsigned *version, char *why,
			 size_t why_size)
{
	const struct db_options options = {.look = true, .patience_ms = patience_ms};
	struct db *db;
	enum db_error error = db_open(url, &options, &db, why, why_size);

	*version = 0;
	if (error == DB_OK)
		error = store_version(db, version);
	if (error == DB_OK && *version != store_schema())
		error = other_version(db, *version);
	if (error != DB_OK && db)
		snprintf(why, why_size, "%s", db_why(db));
	db_close(db);
	return error;
}

/* The migrations after `from`, in the open transaction. */
static enum db_error apply(struct db *db, unsigned from)
{
	const struct migration *all = migrations_of(db);
	char now[CLOCK_TEXT_SIZE];
	enum db_error error = DB_OK;

	clock_wall_text(now);
	for (unsigned i = from; i < store_schema() && error == DB_OK; i++) {
		const struct db_value values[] = {
			db_int((int64_t)i + 1),
			db_text(all[i].name),
			db_text(now),
			db_text(h7gang_version),
		};

		error = db_script(db, all[i].sql);
		if (error == DB_OK)
			error = db_exec(db,
					"INSERT INTO schema_version (version, name, applied_at,"
					" tool_version) VALUES ($1, $2, $3, $4)",
					values, 4, NULL);
	}
	return error;
}

/* SQLite's file may be another program's. */
static enum db_error foreign(struct db *db)
{
	int64_t tables;
	enum db_error error =
		number(db, db_pick(db, "SELECT count(*) FROM sqlite_master", "SELECT 0"), &tables);

	if (error == DB_OK && tables > 0)
		error = db_fail(db, DB_SCHEMA, "the file is another program's database");
	return error;
}

static enum db_error init(struct db *db, void *user)
{
	unsigned version;
	enum db_error error = DB_OK;

	(void)user;
	/* Two processes at once would both find nothing; the number is this program's own. */
	if (db_kind(db) == DB_POSTGRESQL)
		error = db_script(db, "SELECT pg_advisory_xact_lock(757462823)");
	if (error == DB_OK)
		error = store_version(db, &version);
	if (error != DB_OK)
		return error;
	if (version > 0)
		return db_fail(db, DB_SCHEMA, "there is a store already, with schema %u", version);
	error = foreign(db);
	if (error == DB_OK && db_kind(db) == DB_POSTGRESQL)
		error = db_script(db, "CREATE SCHEMA IF NOT EXISTS h7gang");
	return error == DB_OK ? apply(db, 0) : error;
}

enum db_error store_init(struct db *db)
{
	return db_transaction(db, init, NULL);
}

static enum db_error migrate(struct db *db, void *user)
{
	unsigned *from = user;
	enum db_error error = store_version(db, from);

	if (error != DB_OK)
		return error;
	if (*from == 0 || *from > store_schema())
		return other_version(db, *from);
	/* Waits for the transactions of stations, and blocks new ones. */
	if (db_kind(db) == DB_POSTGRESQL) {
		error = db_script(db, "LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE");
		if (error == DB_OK)
			error = store_version(db, from);
	}
	return error == DB_OK ? apply(db, *from) : error;
}

enum db_error store_migrate(struct db *db, unsigned *from)
{
	return db_transaction(db, migrate, from);
}

enum db_error store_roles(struct db *db)
{
	return db_kind(db) == DB_POSTGRESQL ? db_script(db, migrations_roles) : DB_OK;
}
