/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROFILE_LIST_H
#define PROFILE_LIST_H

#include "h7gang/profile/serial.h"

#define LIST_FILE_MAX (32u << 20)

/* Reads a list of units: CSV as in RFC 4180, but a row is one line; UTF-8 or UTF-16; with commas,
 * semicolons or tabs, as spreadsheets save it. Rows without any text are left out. False: `why`,
 * and `line` of the file or 0 for the whole; `list` holds nothing then. No cell is ever shown: it
 * may be a secret. */
bool list_read(const char *path, struct profile_list *list, uint32_t *line, char *why,
	       size_t why_size);

void list_free(struct profile_list *list);

/* The column of that name; list->columns: there is none. */
size_t list_column(const struct profile_list *list, const char *name, size_t length);

#endif
