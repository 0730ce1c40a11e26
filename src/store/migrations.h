/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SQL files of src/store/sql, embedded by scripts/embed-sql. */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

struct migration {
	const char *name; /* "0001-log" */
	const char *sql;
};

extern const struct migration migrations_sqlite[], migrations_postgresql[];
extern const unsigned migrations_sqlite_count, migrations_postgresql_count;
extern const char migrations_roles[];

#endif
