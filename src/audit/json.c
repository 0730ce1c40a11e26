/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "csv.h"
#include "h7gang/audit/text.h"

void audit_json_text(FILE *to, const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;

	putc('"', to);
	for (size_t i = 0; i < length;) {
		size_t n = csv_utf8(p + i, length - i);

		if (n == 0) {
			fputs("\\ufffd", to);
			n = 1;
		} else if (n == 1 && (p[i] == '"' || p[i] == '\\')) {
			fprintf(to, "\\%c", p[i]);
		} else if (n == 1 && (p[i] < 0x20 || p[i] == 0x7f)) {
			fprintf(to, "\\u%04x", p[i]);
		} else if (n == 2 && p[i] == 0xc2 && p[i + 1] < 0xa0) {
			fprintf(to, "\\u%04x", p[i + 1]);
		} else {
			fwrite(p + i, 1, n, to);
		}
		i += n;
	}
	putc('"', to);
}

void audit_record_json(FILE *to, const char *file, const struct audit_reader *reader,
		       const struct audit_record *record)
{
	fputs("{\"v\":1,\"file\":", to);
	audit_json_text(to, file, strlen(file));
	fprintf(to, ",\"line\":%" PRIu64, record->line);
	for (size_t i = 0; i < record->count; i++) {
		fprintf(to, ",\"%s\":", audit_reader_column_name(reader, i));
		if (!audit_reader_column_is_number(reader, i))
			audit_json_text(to, record->field[i], record->field_length[i]);
		else
			fputs(record->field_length[i] ? record->field[i] : "null", to);
	}
	fputs("}\n", to);
}
