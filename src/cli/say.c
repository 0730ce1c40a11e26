/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands share: messages, the profile's problems, the order of exit statuses. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static void say(const char *format, va_list arguments)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, arguments);
	fprintf(stderr, "h7gang: %s\n", text);
}

void cli_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
}

enum h7_exit cli_usage(const char *command, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	fprintf(stderr, "see: h7gang help%s%s\n", command ? " " : "", command ? command : "");
	return H7_EXIT_USAGE;
}

void cli_profile_problems(const struct profile_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct profile_problem *problem = &problems->problem[i];

		if (problem->line)
			fprintf(stderr, "%s:%u:%u: %s\n", problem->file, problem->line,
				problem->column, problem->what);
		else
			fprintf(stderr, "%s: %s\n", problem->file, problem->what);
	}
}

struct profile *cli_profile(const char *path, struct profile_problems *problems)
{
	struct profile *profile = profile_load(path, problems);

	if (!profile)
		cli_profile_problems(problems);
	return profile;
}

enum h7_exit cli_first_of(enum h7_exit a, enum h7_exit b)
{
	static const enum h7_exit order[] = {H7_EXIT_INTERNAL, H7_EXIT_LOG, H7_EXIT_USAGE,
					     H7_EXIT_FAILED, H7_EXIT_NO_TARGET};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return H7_EXIT_OK;
}
