/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A field's text in its three forms: as it was; escaped (control characters, bytes that are not UTF-8
 * and the backslash as \xNN and \\), which every database and terminal can take; and as it stands in a
 * log, escaped, guarded and quoted. Each can be made from each other. */
#ifndef H7GANG_AUDIT_TEXT_H
#define H7GANG_AUDIT_TEXT_H

#include "h7gang/audit/read.h"

#define AUDIT_NO_ROOM ((size_t)-1)

/* From the text to its escaped form, without NUL; its length, or AUDIT_NO_ROOM. Four bytes for each of the
 * text are always enough. */
size_t audit_text_escape(char *out, size_t size, const char *text, size_t length);

/* Back, in place, with a NUL behind it. False: not an escaped text. */
bool audit_text_unescape(char *text, size_t *length);

/* From the text to a field of a log, without NUL; its length, or AUDIT_NO_ROOM. */
size_t audit_text_field(char *out, size_t size, const char *text, size_t length);

/* A text as a JSON string. A byte that is not UTF-8 is U+FFFD, what a terminal would act on is escaped. */
void audit_json_text(FILE *to, const char *text, size_t length);

/* The row_hash of a line that ends before prev_hash, with the comma. 0 or -1. */
int audit_row_hash(const char prev[SHA256_HEX_SIZE], const char *line, size_t length,
		   char hash[SHA256_HEX_SIZE]);

/* A time of the log in milliseconds since 1970 UTC; 0: there is no such date, or none before that. */
int64_t audit_time_ms(const char *text);

#endif
