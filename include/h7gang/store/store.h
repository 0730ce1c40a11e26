/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store: the logs of all stations in one database. */
#ifndef H7GANG_STORE_STORE_H
#define H7GANG_STORE_STORE_H

#include "h7gang/store/db.h"

#define STORE_PATIENCE_MS 10000       /* for a station's statements */
#define STORE_PATIENCE_PUSH_MS 120000 /* by hand: others may be pushing months of logs as well */
#define STORE_PATIENCE_LONG_MS 600000 /* for migrations and reports */

/* The schema that this program works with, from 1. The same for both databases. */
unsigned store_schema(void);

/* Opens a store of exactly that schema; DB_SCHEMA and `why` for any other. */
enum db_error store_open(const char *url, int64_t patience_ms, struct db **db, char *why,
			 size_t why_size);

/* Whether the store still has this program's schema; to be asked in every transaction that writes,
 * since it may have been migrated meanwhile. Holds a migration off until the transaction ends.
 */
enum db_error store_check(struct db *db);

/* The schema that the store has; 0: it is empty. */
enum db_error store_version(struct db *db, unsigned *version);

/* The same of a store that is not open, without writing anything; 0 also if there is no store. */
enum db_error store_look(const char *url, int64_t patience_ms, unsigned *version, char *why,
			 size_t why_size);

/* Makes the tables in an empty database, or takes an older store to this program's schema. Stations
 * are held off meanwhile. DB_SCHEMA: there is (init) or is no (migrate) store already, or a newer
 * one.
 * `*from` is the schema that was found. */
enum db_error store_init(struct db *db);
enum db_error store_migrate(struct db *db, unsigned *from);

/* A text as the store has it, escaped as in a log. To be freed; NULL: no memory. */
char *store_escaped(const char *text, size_t length);

/* PostgreSQL: makes the roles h7gang_station and h7gang_reader with their rights. DB_DENIED: the
 * connected role may not. Nothing to do for SQLite. */
enum db_error store_roles(struct db *db);

#endif
