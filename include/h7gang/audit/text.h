/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A field's text in its three forms: as it was; escaped (control characters, bytes that are not
 * UTF-8 and the backslash as \xNN and \\), which every database and terminal can take; and as it
 * stands in a log, escaped, guarded and quoted. Each can be made from each other. */
#ifndef H7GANG_AUDIT_TEXT_H
#define H7GANG_AUDIT_TEXT_H

#include "h7gang/audit/read.h"
#include "h7gang/base/text.h"

/* Takes the escapes of text_csv off, in place, with a NUL behind it. False: not an escaped text. */
bool audit_text_unescape(char *text, size_t *length);

/* From the text to a field of a log, without NUL; its length, or TEXT_NO_ROOM. */
size_t audit_text_field(char *out, size_t size, const char *text, size_t length);

/* The row_hash of a line that ends before prev_hash, with the comma. 0 or -1. */
int audit_row_hash(const char prev[SHA256_HEX_SIZE], const char *line, size_t length,
		   char hash[SHA256_HEX_SIZE]);

/* A time of the log in milliseconds since 1970 UTC; 0: no such date, or one before 1970. */
int64_t audit_time_ms(const char *text);

/* A beginning of a time as it stands in logs ("2026-11-22T14:03"), in ms since 1970; -1: it is
 * none. */
int64_t audit_since_ms(const char *text);

#endif
