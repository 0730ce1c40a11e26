/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "loader.h"

void loader_remark(struct loader *loader, bool warning, struct profile_place place,
		   const char *format, ...)
{
	struct profile *profile = loader->profile;
	struct profile_remark *more;
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	more = reallocarray(profile->remark, profile->remarks + 1, sizeof(*more));
	if (more == NULL) {
		free(text);
		return;
	}
	profile_make_printable(text);
	profile->remark = more;
	more[profile->remarks++] = (struct profile_remark){warning, place.line, place.column, text};
}

void loader_remarks_free(struct profile *profile)
{
	for (size_t i = 0; i < profile->remarks; i++)
		free(profile->remark[i].text);
	free(profile->remark);
}
