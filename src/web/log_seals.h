/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The seals beside a log: "h7gang-seal-1 SEQ ROW_HASH TIME KEY_ID SIGNATURE" a line. Only
 * `h7gang audit verify --key` checks the signatures. */
#ifndef WEB_LOG_SEALS_H
#define WEB_LOG_SEALS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* The row of the last seal of one file; 0: none. `*there` becomes true if the file has seals. */
uint64_t seals_last(const char *log, bool *there);

/* The first seal of one file that covers the row. NULL: none, or no memory. */
json_t *seals_find(const char *log, uint64_t seq);

#endif
