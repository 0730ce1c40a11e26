/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/report/row.h"

#include <stdlib.h>
#include <string.h>

#define COLUMN_NAME(name) #name,
static const char *const names[REPORT_COLUMN_COUNT] = {REPORT_COLUMNS(COLUMN_NAME)};
#undef COLUMN_NAME

void report_map_make(struct report_map *map, int (*index)(const void *source, const char *name),
		     const void *source)
{
	for (size_t i = 0; i < REPORT_COLUMN_COUNT; i++)
		map->at[i] = index(source, names[i]);
}

static int reader_index(const void *source, const char *name)
{
	return audit_reader_column(source, name);
}

void report_map_reader(struct report_map *map, const struct audit_reader *reader)
{
	report_map_make(map, reader_index, reader);
}

void report_row_take(struct report_row *row, const struct report_map *map,
		     const struct audit_record *record, int64_t log)
{
	for (size_t i = 0; i < REPORT_COLUMN_COUNT; i++) {
		int at = map->at[i];

		row->text[i] = at < 0 ? "" : record->field[at];
		row->length[i] = at < 0 ? 0 : record->field_length[at];
	}
	row->log = log;
}

bool report_row_is(const struct report_row *row, enum report_column column, const char *text)
{
	return row->length[column] == strlen(text) &&
	       memcmp(row->text[column], text, row->length[column]) == 0;
}

bool report_row_number(const struct report_row *row, enum report_column column, uint64_t *value)
{
	if (row->length[column] == 0)
		return false;
	*value = strtoull(row->text[column], NULL, 10);
	return true;
}
