/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/nearest.h"
#include "h7gang/base/say.h"
#include "h7gang/base/version.h"

enum { HELP = 256, VERSION, FIRST_ROW };

struct reading {
	const char *program;
	const struct option_row *rows;
	bool given[OPTION_ROWS_MAX];
};

__attribute__((format(printf, 2, 3))) static bool wrong(const struct reading *r, const char *format,
							...)
{
	char text[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	say(r->program, "%s; %s --help lists the options", text, r->program);
	return false;
}

static const char *name_at(const void *names, size_t i)
{
	return ((const struct option_row *)names)[i].name;
}

static bool unknown(const struct reading *r, const char *word)
{
	const char *after = word + strspn(word, "-"), *nearest;
	char name[40];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(after, "="), after);
	nearest = nearest_name(name, name_at, r->rows);
	if (nearest)
		return wrong(r, "it does not know the option %s; did you mean --%s?", word,
			     nearest);
	return wrong(r, "it does not know the option %s", word);
}

bool option_number(const char *text, unsigned low, unsigned high, unsigned *number)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || value < low || value > high)
		return false;
	*number = (unsigned)value;
	return true;
}

static bool take(struct reading *r, const struct option_row *row)
{
	bool again = r->given[row - r->rows];

	r->given[row - r->rows] = true;
	if (row->kind == OPTION_FLAG)
		return *(bool *)row->to = true;
	if (!*optarg)
		return wrong(r, "--%s needs a value", row->name);
	if (row->kind == OPTION_LIST) {
		if (*row->count == row->high)
			return wrong(r, "--%s: at most %u times", row->name, row->high);
		((const char **)row->to)[(*row->count)++] = optarg;
		return true;
	}
	if (again)
		return wrong(r, "--%s is given more than once", row->name);
	if (row->kind == OPTION_NUMBER)
		return option_number(optarg, row->low, row->high, row->to) ||
		       wrong(r, "--%s: \"%s\" is not a number from %u to %u", row->name, optarg,
			     row->low, row->high);
	*(const char **)row->to = optarg;
	return true;
}

/* The word that getopt_long stopped at. */
static const char *word_of(char **argv)
{
	const char *word = argv[optind - 1];

	return optarg && optarg == word ? argv[optind - 2] : word;
}

bool option_is_whole(const char *name, const char *word)
{
	size_t length = strlen(name);

	return strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, length) == 0 &&
	       (!word[2 + length] || word[2 + length] == '=');
}

/* Of several short letters in one word, getopt_long is still inside it. */
static bool refuse(const struct reading *r, int found, char **argv)
{
	const char *word = argv[optind - 1];

	if (found == ':')
		return wrong(r, "%s needs a value", word);
	if (optopt && optopt < HELP) {
		char letter[3] = {'-', (char)optopt, 0};

		return unknown(r, letter);
	}
	return unknown(r, word);
}

enum options_read options_read(const char *program, const char *help, const struct option_row *rows,
			       int argc, char **argv)
{
	struct option table[OPTION_ROWS_MAX + 3] = {{"help", no_argument, NULL, HELP},
						    {"version", no_argument, NULL, VERSION}};
	struct reading r = {.program = program, .rows = rows};
	int found, at = 0;

	for (unsigned i = 0; i < OPTION_ROWS_MAX && rows[i].name; i++)
		table[i + 2] = (struct option){
			rows[i].name, rows[i].kind == OPTION_FLAG ? no_argument : required_argument,
			NULL, FIRST_ROW + (int)i};
	opterr = 0;
	optind = 0; /* glibc: start anew */
	while ((found = getopt_long(argc, argv, ":", table, &at)) != -1) {
		if (found < HELP) {
			refuse(&r, found, argv);
			return OPTIONS_WRONG;
		}
		if (!option_is_whole(table[at].name, word_of(argv))) {
			unknown(&r, word_of(argv));
			return OPTIONS_WRONG;
		}
		if (found == HELP || found == VERSION) {
			if (found == HELP)
				fputs(help, stdout);
			else
				printf("%s %s\n", program, h7gang_version);
			return OPTIONS_SHOWN;
		}
		if (!take(&r, &rows[found - FIRST_ROW]))
			return OPTIONS_WRONG;
	}
	if (optind < argc) {
		wrong(&r, "it takes options only, and \"%s\" is none", argv[optind]);
		return OPTIONS_WRONG;
	}
	return OPTIONS_GOOD;
}
