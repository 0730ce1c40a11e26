/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the commands: messages, the profile's problems, the order of exit statuses. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "h7gang/base/text.h"

#define SAID_MAX 1024

static void say(const char *format, va_list arguments)
{
	char text[SAID_MAX];

	vsnprintf(text, sizeof(text), format, arguments);
	fputs("h7gang: ", stderr);
	cli_line(text);
}

void cli_shown(FILE *to, const char *text)
{
	char shown[8 * SAID_MAX];

	text_terminal(text, shown, sizeof(shown));
	fputs(shown, to);
}

void cli_line(const char *text)
{
	cli_shown(stderr, text);
	putc('\n', stderr);
}

void cli_print(const char *format, ...)
{
	char text[2 * SAID_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	cli_shown(stdout, text);
	putchar('\n');
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

bool cli_is_file(const char *word)
{
	struct stat status;

	return stat(word, &status) == 0 && S_ISREG(status.st_mode);
}

enum h7_exit cli_unknown(const char *command, const char *what, const char *word, nearest_at *at,
			 const void *names)
{
	const char *nearest = nearest_name(word, at, names);

	if (nearest)
		return cli_usage(command, "there is no %s \"%s\"; did you mean \"%s\"?", what, word,
				 nearest);
	return cli_usage(command, "there is no %s \"%s\"", what, word);
}

/* `line` 0: of the file as a whole. */
static void say_of_file(const char *file, unsigned line, unsigned column, const char *kind,
			const char *what)
{
	char text[2 * SAID_MAX];

	if (line)
		snprintf(text, sizeof(text), "%s:%u:%u: %s%s", file, line, column, kind, what);
	else
		snprintf(text, sizeof(text), "%s: %s%s", file, kind, what);
	cli_line(text);
}

void cli_profile_problems(const struct profile_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct profile_problem *problem = &problems->problem[i];

		say_of_file(problem->file, problem->line, problem->column, "", problem->what);
	}
}

struct profile *cli_profile(const char *path, struct profile_problems *problems)
{
	struct profile *profile = profile_load(path, problems);

	if (!profile)
		cli_profile_problems(problems);
	return profile;
}

struct profile *cli_profile_for_work(const char *path, bool verifies,
				     struct profile_problems *problems)
{
	struct profile *profile =
		verifies ? profile_load_to_verify(path, problems) : profile_load(path, problems);

	if (!profile)
		cli_profile_problems(problems);
	for (size_t i = 0; profile && i < profile->remarks; i++) {
		const struct profile_remark *remark = &profile->remark[i];

		if (remark->warning)
			say_of_file(path, remark->line, remark->column, "warning: ", remark->text);
	}
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
