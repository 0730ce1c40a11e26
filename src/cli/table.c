/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdlib.h>
#include <string.h>

struct table {
	size_t columns, rows;
	const char *const *heads;
	char **cell; /* rows * columns */
};

struct table *table_new(size_t columns, const char *const *heads)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table) {
		table->columns = columns;
		table->heads = heads;
	}
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->rows * table->columns; i++)
		free(table->cell[i]);
	free(table->cell);
	free(table);
}

bool table_add(struct table *table, const char *const *cells)
{
	size_t first = table->rows * table->columns;
	char **grown = realloc(table->cell, (first + table->columns) * sizeof(*grown));

	if (!grown)
		return false;
	table->cell = grown;
	for (size_t i = 0; i < table->columns; i++) {
		grown[first + i] = strdup(cells[i]);
		if (grown[first + i])
			continue;
		while (i-- > 0)
			free(grown[first + i]);
		return false;
	}
	table->rows++;
	return true;
}

size_t table_rows(const struct table *table)
{
	return table->rows;
}

const char *table_cell(const struct table *table, size_t row, size_t column)
{
	return table->cell[row * table->columns + column];
}

bool table_set(struct table *table, size_t row, size_t column, const char *text)
{
	char **cell = &table->cell[row * table->columns + column], *copy = strdup(text);

	if (!copy)
		return false;
	free(*cell);
	*cell = copy;
	return true;
}

/* Characters, not bytes: UTF-8 continuation bytes take no room. */
static size_t width(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void print_row(const struct table *table, const char *const *cells, const size_t *widths,
		      FILE *to)
{
	for (size_t i = 0; i < table->columns; i++) {
		bool last = i + 1 == table->columns;
		int pad = last ? 0 : (int)(widths[i] - width(cells[i]) + 2);

		fprintf(to, "%s%*s", cells[i], pad, "");
	}
	fputc('\n', to);
}

void table_print(const struct table *table, FILE *to)
{
	size_t widths[TABLE_COLUMNS_MAX] = {0};

	for (size_t i = 0; i < table->columns; i++) {
		if (table->heads)
			widths[i] = width(table->heads[i]);
		for (size_t row = 0; row < table->rows; row++) {
			size_t cell = width(table_cell(table, row, i));

			if (cell > widths[i])
				widths[i] = cell;
		}
	}
	if (table->heads)
		print_row(table, table->heads, widths, to);
	for (size_t row = 0; row < table->rows; row++)
		print_row(table, (const char *const *)&table->cell[row * table->columns], widths,
			  to);
}
