/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from a board, a file, a database or a command line, made fit for each output. There is one
 * classification of characters, and an encoder for each output:
 *
 *              terminal   HTML            CSV     JSON
 *   plain      itself     itself          itself  itself
 *   control    \xNN       \xNN            \xNN    \uNNNN
 *   format     \xNN       \xNN            itself  \uNNNN
 *   invalid    \xNN       \xNN            \xNN    \ufffd
 *   syntax     itself     &lt; and so on  \\      \" and \\
 *
 * CSV keeps format characters: the hashes of logs go over the bytes as they have always been
 * written. Every encoder cuts at the end of its buffer, never inside a character. */
#ifndef H7GANG_BASE_TEXT_H
#define H7GANG_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum text_kind {
	TEXT_PLAIN,
	TEXT_CONTROL, /* C0, DEL, C1: a terminal acts on them */
	TEXT_FORMAT,  /* invisible or turning a line round: see src/base/text.c for the list */
	TEXT_INVALID, /* a byte that is not UTF-8 */
};

struct text_char {
	size_t length; /* bytes; 1 for an invalid one */
	uint32_t code; /* the byte, if invalid */
	enum text_kind kind;
};

/* The character at `text`. UTF-8 as in RFC 3629: no overlong form, no surrogate, nothing above
 * U+10FFFF. `left` is how many bytes there are, at least 1. */
struct text_char text_at(const char *text, size_t left);

/* A buffer that is filled from its beginning. Later bytes must not go in once some did not fit. */
struct text_sink {
	char *to; /* not owned; no NUL is written */
	size_t size, used;
	bool full;
};

/* Appends all of the bytes, or none. */
void text_put(struct text_sink *sink, const char *bytes, size_t length);

/* The greatest length <= `max` at which `text` may be cut without splitting a character. */
size_t text_cut(const char *text, size_t length, size_t max);

/* Encoders into `to` of `size` (at least 1) bytes with its NUL; the rest is cut off. */
void text_terminal(const char *text, char *to, size_t size);
void text_html(const char *text, char *to, size_t size);

/* As `text`, but each invalid byte is U+FFFD: for libraries that take only UTF-8. */
void text_well_formed(const char *text, char *to, size_t size);

/* The CSV form of `text`, without quotes: into `to` without a NUL. Its length, or TEXT_NO_ROOM. */
#define TEXT_NO_ROOM ((size_t)-1)
size_t text_csv(const char *text, size_t length, char *to, size_t size);

/* `text` as a JSON string with its quotes. Failures show in ferror(). */
void text_json(FILE *to, const char *text, size_t length);

/* A JSON document that a library has made: the same, with control and format characters escaped. */
void text_json_document(FILE *to, const char *document);

#endif
