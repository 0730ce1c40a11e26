/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sections of the page, a file each. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "calendar.h"
#include "h7gang/report/report.h"
#include "html.h"

#define PAGE_LINES 500 /* of a table; a log that someone made up may name a million slots */

void page_title(FILE *to, const struct report *report); /* the subject */
void page_logs(FILE *to, const struct report *report);  /* whether each is intact */
void page_findings(FILE *to, const struct report *report);
void page_yields(FILE *to, const struct report *report); /* overall and by group */
void page_charts(FILE *to, const struct report *report); /* control charts */
void page_errors(FILE *to, const struct report *report); /* Pareto */
void page_slots(FILE *to, const struct report *report);  /* the fixture's map */
void page_cycles(FILE *to, const struct report *report);
void page_boards(FILE *to, const struct report *report); /* that came again; numbers; notes */

/* "... and N more" where a table was cut. */
void page_more(FILE *to, size_t all);

/* The row behind something: "log 2, row 17". */
void page_row(FILE *to, const struct report *report, int64_t log, uint64_t seq);

#endif
