/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures, with the rows that show them: errors, boards that came again, numbers without a board,
 * notes. Each kind is kept up to a limit, and those beyond it are counted. */
#ifndef REPORT_FAILURES_H
#define REPORT_FAILURES_H

#include <stdbool.h>

#include "boards.h"
#include "h7gang/report/report.h"
#include "intern.h"

#define ERRORS_MAX 64    /* a board has a bit for each; the last bit is for all other errors */
#define VISITS_MAX 4000  /* of boards that came again */
#define NUMBERS_MAX 1000 /* without a board */
#define NOTES_MAX 200

struct error_counts {
	uint64_t attempts, units;
	bool excluded;
	struct report_example example[REPORT_EXAMPLES];
	size_t examples;
};

struct visit {
	uint32_t board; /* its index */
	struct report_visit told;
};

struct number {
	uint32_t error;
	bool passed;
	struct report_example row;
};

struct failures {
	struct intern errors;
	struct error_counts *error; /* ERRORS_MAX of them, once there is one */
	struct visit *visit;
	size_t visits, visit_room;
	struct intern numbers;
	struct number *number;
	size_t number_room;
	bool numbers_cut;
	struct report_note *note;
	size_t notes, note_room;
};

/* The number of an error's name, below ERRORS_MAX; ERRORS_MAX: no memory. */
uint32_t failures_error(struct failures *failures, const char *name, size_t length);

/* Whether units that end with an error of this name count in no yield. */
bool error_excluded(const char *name);

/* The advice for an error of this name. */
const char *error_advice(const char *name);

/* An attempt ended with this error. */
void failures_attempt(struct failures *failures, uint32_t error,
		      const struct report_example *example);

/* A row gave a board this number. False: no memory. */
bool failures_number(struct failures *failures, const struct report_row *row, bool passed,
		     uint32_t error, const struct report_example *example);

/* A row of the station's own. False: no memory. */
bool failures_note(struct failures *failures, const char *detail,
		   const struct report_example *example);

/* A unit of a board that is told unit by unit. False: no memory. */
bool failures_visit(struct failures *failures, uint32_t board, const struct report_visit *visit);

void failures_free(struct failures *failures);

#endif
