/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a row may say: cheap checks of each field and of the fields against each other. The writer
 * checks every row against them before it is written, the reader checks it again. */
#ifndef AUDIT_RULES_H
#define AUDIT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csv.h"

/* NULL, or what is wrong. Rows of commands that this version does not know are held only against
 * the form of their columns. `columns` is what the log's header has: versions differ in what stands
 * between detail and prev_hash. */
const char *rules_check(const struct csv_row *row, size_t columns);

/* What rules_check says of a row that has lost its end. */
extern const char rules_cut[];

/* A number as this program writes one: digits, no leading zero, 64 bits. */
bool rules_number(const char *text, size_t length, uint64_t *value);

/* "2026-11-22T14:03:12.345Z": the digits' places, not the calendar. */
bool rules_time(const char *text, size_t length);

#endif
