/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules for a row: cheap checks of each field and of the fields against each other. The writer
 * checks every row before it is written, the reader checks it again. */
#ifndef AUDIT_RULES_H
#define AUDIT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csv.h"

/* NULL, or the error. Rows of commands that this version does not know are checked only for the
 * form of their columns. `columns`: the number of columns in the log's header, since versions
 * differ between detail and prev_hash. */
const char *rules_check(const struct csv_row *row, size_t columns);

/* The answer of rules_check for a row that has lost its end. */
extern const char rules_cut[];

/* A number as this program writes one: digits, no leading zero, 64 bits. */
bool rules_number(const char *text, size_t length, uint64_t *value);

/* Digits and the letters a to f only. */
bool rules_lower_hex(const char *text, size_t length);

/* "2026-11-22T14:03:12.345Z": the digits' places, not the calendar. */
bool rules_time(const char *text, size_t length);

#endif
