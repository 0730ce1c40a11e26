/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/text.h"

void say(const char *program, const char *format, ...)
{
	char text[900], line[1000];
	int used = snprintf(line, sizeof(line), "%.40s: ", program);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_terminal(text, line + used, sizeof(line) - (size_t)used - 1);
	strcat(line, "\n");
	(void)!write(STDERR_FILENO, line, strlen(line));
}
