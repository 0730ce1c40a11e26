/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentences at the top of a report. */
#ifndef REPORT_FINDINGS_H
#define REPORT_FINDINGS_H

#include "compare.h"

/* Names candidates that stand out, strongest first; those that stand out only because of one become
 * its consequences. Sets the candidates' `named` and, in `*finding_of` (to be freed; one a
 * candidate), 1 more than the index of the finding. False: no memory. */
bool findings_tested(struct report_collector *collector, struct comparison *comparison,
		     uint64_t **finding_of);

/* Findings without a test: numbers of more than one board, a log that is not intact, rows
 * that were read twice, a firmware version with two images. */
bool findings_facts(struct report_collector *collector);

/* "about 1 in 20,000". */
void chance_text(double p, char *text, size_t size);

#endif
