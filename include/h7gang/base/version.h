/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef H7GANG_BASE_VERSION_H
#define H7GANG_BASE_VERSION_H

#include <stdint.h>

/* The program's version, the text of the file VERSION such as "1.4.0". */
extern const char h7gang_version[];

/* When the program was built, in ms since 1970 UTC (SOURCE_DATE_EPOCH, if that is earlier): a clock
 * that says less is wrong. */
extern const int64_t h7gang_built_ms;

#endif
