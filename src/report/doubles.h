/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that more than one board passed with. Every number costs a fingerprint; the boards are
 * kept of those that came again alone. */
#ifndef REPORT_DOUBLES_H
#define REPORT_DOUBLES_H

#include <stdbool.h>

#include "h7gang/report/report.h"
#include "intern.h"
#include "fingerprints.h"

#define DOUBLES_MAX 1000 /* numbers beyond are counted as "or more" */

struct doubled {
	struct report_holder *holder; /* the first REPORT_EXAMPLES of its boards */
	size_t holders, room;
	bool more; /* boards than these */
};

struct doubles {
	struct fingerprints given; /* each number, with the first board that passed with it */
	struct intern numbers;
	struct doubled *doubled; /* by the number of these */
	size_t room;
	bool cut;
};

/* The board `next` passed with the number of the board `first`, another one. False: no memory. */
bool doubles_add(struct doubles *doubles, const char *number, size_t length,
		 const struct report_holder *first, const struct report_holder *next);
void doubles_free(struct doubles *doubles);

#endif
