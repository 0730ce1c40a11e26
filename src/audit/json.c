/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/read.h"
#include "h7gang/base/json.h"

void audit_record_json(FILE *to, const char *file, const struct audit_reader *reader,
		       const struct audit_record *record)
{
	struct json json = {.to = to};

	json_open(&json, NULL, '{');
	json_count(&json, "v", 1);
	json_text(&json, "file", file);
	json_count(&json, "line", record->line);
	for (size_t i = 0; i < record->count; i++) {
		const char *name = audit_reader_column_name(reader, i);

		if (audit_reader_column_is_number(reader, i))
			json_number(&json, name, record->field[i]);
		else
			json_bytes(&json, name, record->field[i], record->field_length[i]);
	}
	json_close(&json, '}');
	putc('\n', to);
}
