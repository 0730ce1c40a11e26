/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board's history: its units one after the other, each with its proof. */
#ifndef H7GANG_REPORT_STORY_H
#define H7GANG_REPORT_STORY_H

#include <stdio.h>

#include "h7gang/report/row.h"

#define STORY_ROWS_MAX 1000 /* rows beyond are left out, and that is said */

struct story;

struct story *story_new(void); /* NULL: no memory */

/* Takes a row, in any order. `where` names it ("audit.csv:17"). False: no memory. */
bool story_row(struct story *story, const struct report_row *row, const char *where);

/* Nothing where there were fewer than two rows: one row is its own history. */
void story_print(FILE *to, struct story *story);
void story_free(struct story *story);

#endif
