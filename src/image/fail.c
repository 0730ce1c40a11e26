/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include <stdarg.h>
#include <stdio.h>

bool image_fail(struct image_error *error, enum image_fault fault, uint32_t line,
		const char *format, ...)
{
	va_list arguments;

	error->fault = fault;
	error->line = line;
	error->earlier = 0;
	va_start(arguments, format);
	vsnprintf(error->why, sizeof(error->why), format, arguments);
	va_end(arguments);
	return false;
}
