/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programming record of one board: one page, with the rows and the seal that prove it, and the
 * shell lines that check it. */
#ifndef H7GANG_REPORT_RECORD_H
#define H7GANG_REPORT_RECORD_H

#include <stddef.h>
#include <stdio.h>

struct record_field {
	char *name, *text; /* of a column */
};

struct record {
	const struct record_field *field; /* of the board's row */
	size_t fields;
	const char *const *row; /* as written, without LF: the board's, and those to the seal */
	size_t rows;
	const char *seal;   /* the line of FILE.seal, without LF */
	const char *key_id; /* of the key that signed it */
	const char *page; /* the page's file, as the shell lines name it; its signature is page.sig
			   */
	const char *key;  /* the public key's file */
};

/* The page. Failures show in ferror(). */
void record_html(FILE *to, const struct record *record);

/* The shell lines: they succeed for the genuine page, row and seal alone. POSIX sh with openssl,
 * sha256sum, sed and base64. */
void record_check(FILE *to, const struct record *record);

#endif
