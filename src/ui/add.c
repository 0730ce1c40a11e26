/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ui_add(char *to, size_t size, const char *format, ...)
{
	size_t used = strlen(to);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(to + used, size - used, format, arguments);
	va_end(arguments);
}
