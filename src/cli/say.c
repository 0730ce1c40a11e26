/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the commands share: messages, the profile's problems, the order of exit statuses. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

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

static bool has_secrets(const struct profile *profile)
{
	const struct profile_serial *serial = profile->serial;

	for (unsigned i = 0; serial && i < serial->patches; i++)
		if (serial->patch[i].secret)
			return true;
	return false;
}

/* Neither a core dump nor a debugger shall have what is secret. */
static void close_process(void)
{
	const struct rlimit none = {0, 0};

	if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
		cli_say("warning: core dumps cannot be turned off; one would hold what the profile "
			"calls secret: %s",
			strerror(errno));
}

struct profile *cli_profile(const char *path, struct profile_problems *problems)
{
	struct profile *profile = profile_load(path, problems);

	if (!profile)
		cli_profile_problems(problems);
	else if (has_secrets(profile))
		close_process();
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
