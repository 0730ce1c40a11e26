/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in columns, each as wide as its widest cell. */
#ifndef H7GANG_SRC_CLI_TABLE_H
#define H7GANG_SRC_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 16

struct table;

/* `heads` are borrowed; NULL: none. NULL: no memory. */
struct table *table_new(size_t columns, const char *const *heads);
void table_free(struct table *table);

/* Copies one row's cells. False: no memory. */
bool table_add(struct table *table, const char *const *cells);

size_t table_rows(const struct table *table);
const char *table_cell(const struct table *table, size_t row, size_t column);
/* Replaces a cell. False: no memory, and it stays. */
bool table_set(struct table *table, size_t row, size_t column, const char *text);
void table_print(const struct table *table, FILE *to);

#endif
