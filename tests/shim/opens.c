/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds a line to OPENS_LOG each time that a file is opened whose name ends in OPENS_OF. LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int next_open(const char *path, int flags, mode_t mode)
{
	int (*real)(const char *, int, ...) =
		(int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");

	return real(path, flags, mode);
}

static void note(const char *path)
{
	const char *end = getenv("OPENS_OF"), *name = getenv("OPENS_LOG");
	size_t length = strlen(path), wanted = end ? strlen(end) : 0;
	int log;

	if (!wanted || !name || length < wanted || strcmp(path + length - wanted, end) != 0)
		return;
	log = next_open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log < 0)
		return;
	if (write(log, "\n", 1) != 1)
		abort();
	close(log);
}

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list arguments;

	va_start(arguments, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(arguments, mode_t);
	va_end(arguments);
	note(path);
	return next_open(path, flags, mode);
}
