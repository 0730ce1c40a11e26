/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the parts of the judge. */
#ifndef CAMPAIGN_JUDGE_H
#define CAMPAIGN_JUDGE_H

#include "campaign.h"

enum { ROWS_MAX = 4 * BOARDS_MAX * 3 };

/* The checked columns of a row. */
struct row {
	char unit[64], path[32], result[16], error[32], serial[80], uid[32], command[16];
	char determined[1024]; /* columns that do not depend on the order of threads */
	unsigned attempt, allowed;
	int64_t total_ms, wire_wait_ms;
	bool writes; /* it was erased, programmed or left */
};

struct judge {
	const struct batch *batch;
	const char *folder;
	const char *saved; /* the boards after these rows; a folder in `folder` */
	FILE *complaints;
	unsigned bad;
	struct row row[ROWS_MAX];
	unsigned rows;
};

/* judge.c */
void complain(struct judge *judge, const char *format, ...);
int place(const char *word, const char *const *words); /* -1: not among them */
/* Counts the units at the board's port, whose rows must be in order. Returns the last row; NULL: it
 * has none. */
const struct row *judge_units(struct judge *judge, unsigned index, struct totals *totals,
			      unsigned *units);
void judge_leaks(struct judge *judge, const char *name);
void judge_strangers(struct judge *judge);
void judge_flash(struct judge *judge, unsigned index, const struct row *last);
/* Lines of a file of JSON objects that hold `mark` are the units, each told once, with its verdict.
 */
void judge_told(struct judge *judge, const char *name, const char *mark,
		const struct totals *totals);
/* The fleet's saved facts of a board, by folder. False: none. */
bool judge_facts(const struct judge *judge, const char *saved, unsigned index, char *json,
		 size_t size);
size_t read_text(const char *path, char *text, size_t size);
uint64_t counter(const char *json, const char *name);

/* log.c */
void log_read(struct judge *judge, const char *name);

/* second.c */
/* Of a wider batch's run: option bytes, limits, hooks. */
void judge_wider(struct judge *judge, const struct totals *totals);
/* And of its second command. */
void judge_second(struct judge *judge, const struct judge *first, struct totals *totals);

#endif
