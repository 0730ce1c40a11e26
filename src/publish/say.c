/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/base/say.h"
#include "publish.h"

void publish_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_line("h7gang-publish", format, arguments);
	va_end(arguments);
}
