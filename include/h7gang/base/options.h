/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of the programs that run beside h7gang. */
#ifndef H7GANG_BASE_OPTIONS_H
#define H7GANG_BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
	OPTION_FLAG,   /* `to` is a bool */
	OPTION_TEXT,   /* a const char *, not empty; given once */
	OPTION_LIST,   /* an array of `high` const char *, *count of them used */
	OPTION_NUMBER, /* an unsigned from `low` to `high`; given once */
};

struct option_row {
	const char *name; /* without its two dashes */
	enum option_kind kind;
	void *to;
	unsigned *count;
	unsigned low, high;
};

enum options_read {
	OPTIONS_GOOD,
	OPTIONS_SHOWN, /* --help or --version was asked for, and is on standard output */
	OPTIONS_WRONG, /* a message is on standard error, with the nearest option for a misspelt one
			*/
};

#define OPTION_ROWS_MAX 32

/* `rows`: at most OPTION_ROWS_MAX, then one without a name. Texts stay those of `argv`. Words that
 * are no options are refused, and so are beginnings of names: a later version may have two such. */
enum options_read options_read(const char *program, const char *help, const struct option_row *rows,
			       int argc, char **argv);

/* A whole number without a sign, from `low` to `high`. False: `text` is none, `*number` stays. */
bool option_number(const char *text, unsigned low, unsigned high, unsigned *number);

/* Whether `word`, such as "--log" or "--log=a", is the full name; getopt_long also accepts
 * abbreviations. */
bool option_is_whole(const char *name, const char *word);

#endif
