/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 60

int profile_shown(const char *text)
{
	size_t length = strnlen(text, SHOWN_MAX + 1);

	if (length <= SHOWN_MAX)
		return (int)length;
	length = SHOWN_MAX;
	while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
		length--;
	return (int)length;
}

void profile_make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			*text = '?';
}

static void add(struct profile_problems *problems, const struct profile_problem *where,
		const char *format, va_list arguments)
{
	struct profile_problem *bigger, added = *where;

	if (problems->count > PROFILE_PROBLEMS_MAX)
		return;
	bigger = realloc(problems->problem, (problems->count + 1) * sizeof(*bigger));
	if (bigger == NULL) {
		problems->lost = true;
		return;
	}
	problems->problem = bigger;
	added.file = strdup(where->file);
	if (problems->count == PROFILE_PROBLEMS_MAX) {
		added.what = strdup("too many errors: the rest is not shown");
		added.line = added.column = 0;
		added.at_line = UINT32_MAX;
	} else if (vasprintf(&added.what, format, arguments) < 0) {
		added.what = NULL;
	}
	if (added.file == NULL || added.what == NULL) {
		free(added.file);
		free(added.what);
		problems->lost = true;
		return;
	}
	profile_make_printable(added.what);
	problems->problem[problems->count++] = added;
}

void profile_problem_add(struct profile_problems *problems, const char *file,
			 struct profile_place place, const char *format, ...)
{
	struct profile_problem where = {
		.file = (char *)(uintptr_t)file,
		.line = place.line,
		.column = place.column,
		.at_line = place.line,
		.at_column = place.column,
	};
	va_list arguments;

	va_start(arguments, format);
	add(problems, &where, format, arguments);
	va_end(arguments);
}

void profile_problem_firmware(struct profile_problems *problems, const char *file, uint32_t line,
			      struct profile_place place, const char *format, ...)
{
	struct profile_problem where = {
		.file = (char *)(uintptr_t)file,
		.line = line,
		.column = 1,
		.at_line = place.line,
		.at_column = place.column,
	};
	va_list arguments;

	va_start(arguments, format);
	add(problems, &where, format, arguments);
	va_end(arguments);
}

static int by_place(const void *left, const void *right)
{
	const struct profile_problem *a = left, *b = right;

	if (a->at_line != b->at_line)
		return a->at_line < b->at_line ? -1 : 1;
	if (a->at_column != b->at_column)
		return a->at_column < b->at_column ? -1 : 1;
	return strcmp(a->what, b->what);
}

void profile_problems_sort(struct profile_problems *problems)
{
	if (problems->count > 1)
		qsort(problems->problem, problems->count, sizeof(*problems->problem), by_place);
}

void profile_problems_free(struct profile_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		free(problems->problem[i].file);
		free(problems->problem[i].what);
	}
	free(problems->problem);
	*problems = (struct profile_problems){0};
}
