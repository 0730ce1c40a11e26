/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the programs that run beside h7gang. */
#ifndef H7GANG_BASE_SAY_H
#define H7GANG_BASE_SAY_H

/* Writes "PROGRAM: text" as one line to standard error, in one call, without control characters.
 * Of a text longer than 900 bytes the rest is left out. */
void say(const char *program, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
