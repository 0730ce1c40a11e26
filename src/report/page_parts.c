/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by several sections of the page. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "page.h"

void page_more(FILE *to, size_t all)
{
	if (all > PAGE_LINES)
		fprintf(to, "<p class=\"note\">%zu more are left out.</p>\n", all - PAGE_LINES);
}

void page_row(FILE *to, const struct report *report, int64_t log, uint64_t seq)
{
	const char *name = "";

	if (log >= 0 && (size_t)log < report->logs)
		name = report->log[log].last;
	if (report->logs > 1 && *name) {
		const char *slash = strrchr(name, '/');

		html_text(to, slash ? slash + 1 : name);
		fputs(" row ", to);
	}
	if (seq)
		fprintf(to, "%" PRIu64, seq);
	else
		fputs("-", to);
}
