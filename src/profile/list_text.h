/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a list as spreadsheets save it. */
#ifndef PROFILE_LIST_TEXT_H
#define PROFILE_LIST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Turns a file's bytes into UTF-8 text that ends with a NUL, without a byte-order mark. UTF-16 is
 * taken if a byte-order mark says so. `*bytes` is reallocated, and wiped before it is freed;
 * `*length` is that of the text. False: `why`; `*bytes` is still the caller's to free. */
bool list_text_decode(uint8_t **bytes, size_t *length, const char **why);

/* The separator of the fields: as in a first line "sep=;", else the one of tab, semicolon and comma
 * that stands most often in the first line outside quotes. `*head` is the line of column names:
 * behind that first line, if there is one. */
char list_text_separator(const char *text, const char **head);

/* How a spreadsheet, or a copy from a page, changed the text of a cell; NULL: it did not. `number`:
 * the cell is the number of a board, in which no blank may hide. */
const char *list_text_damage(const char *cell, bool number);

#endif
