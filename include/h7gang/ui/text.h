/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that came from a board, a file or a command line, made fit to be shown. */
#ifndef H7GANG_UI_TEXT_H
#define H7GANG_UI_TEXT_H

#include <stddef.h>

/* Copies `text` for a terminal: control characters and what is not UTF-8 become \xNN. Cuts at the
 * end of `to`, never in the middle of a character. `size` is at least 1. */
void ui_printable(const char *text, char *to, size_t size);

/* Copies `text` as well-formed UTF-8: each byte that is not becomes U+FFFD. Cuts likewise. */
void ui_well_formed(const char *text, char *to, size_t size);

#endif
