/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "failures.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "h7gang/base/errors.h"

bool error_excluded(const char *name)
{
	return !h7_error_counted(h7_error_find(name));
}

const char *error_advice(const char *name)
{
	enum h7_error error = h7_error_find(name);

	return error < H7_ERROR_COUNT ? h7_error_advice(error)
				      : "A later version of h7gang wrote this error.";
}

/* --- errors --- */

uint32_t failures_error(struct failures *failures, const char *name, size_t length)
{
	uint32_t number;

	if (!failures->error) {
		failures->error = calloc(ERRORS_MAX, sizeof(*failures->error));
		if (!failures->error)
			return ERRORS_MAX;
	}
	number = intern_find(&failures->errors, name, length);
	if (number != INTERN_NONE)
		return number;
	if (failures->errors.count + 1 >= ERRORS_MAX) {
		name = "other";
		length = strlen(name);
	}
	number = intern_number(&failures->errors, name, length);
	if (number >= ERRORS_MAX)
		return ERRORS_MAX;
	failures->error[number].excluded = error_excluded(failures->errors.text[number]);
	return number;
}

void failures_attempt(struct failures *failures, uint32_t error,
		      const struct report_example *example)
{
	struct error_counts *counts = &failures->error[error];

	counts->attempts++;
	if (counts->examples < REPORT_EXAMPLES)
		counts->example[counts->examples++] = *example;
}

/* --- numbers --- */

bool failures_number(struct failures *failures, const struct report_row *row, bool passed,
		     uint32_t error, const struct report_example *example)
{
	const char *text = row->text[RC_unit_serial];
	size_t length = row->length[RC_unit_serial];
	uint32_t at = intern_find(&failures->numbers, text, length);
	struct number *numbers;

	if (at == INTERN_NONE) {
		if (passed)
			return true;
		if (failures->numbers.count >= NUMBERS_MAX) {
			failures->numbers_cut = true;
			return true;
		}
		at = intern_number(&failures->numbers, text, length);
		if (at == INTERN_NONE)
			return false;
		numbers = grow(failures->number, &failures->number_room, at, sizeof(*numbers));
		if (!numbers)
			return false;
		failures->number = numbers;
	}
	if (passed)
		failures->number[at].passed = true;
	else if (!failures->number[at].passed)
		failures->number[at] = (struct number){error, false, *example};
	return true;
}

/* --- notes and visits --- */

bool failures_note(struct failures *failures, const char *detail,
		   const struct report_example *example)
{
	struct report_note *notes;

	if (failures->notes >= NOTES_MAX)
		return true;
	notes = grow(failures->note, &failures->note_room, failures->notes, sizeof(*notes));
	if (!notes)
		return false;
	failures->note = notes;
	notes[failures->notes].row = *example;
	notes[failures->notes].detail = strdup(detail);
	return notes[failures->notes++].detail != NULL;
}

bool failures_visit(struct failures *failures, uint32_t board, const struct report_visit *visit)
{
	struct visit *visits =
		grow(failures->visit, &failures->visit_room, failures->visits, sizeof(*visits));

	if (!visits)
		return false;
	failures->visit = visits;
	visits[failures->visits++] = (struct visit){board, *visit};
	return true;
}

void failures_free(struct failures *failures)
{
	for (size_t i = 0; i < failures->notes; i++)
		free(failures->note[i].detail);
	intern_free(&failures->errors);
	intern_free(&failures->numbers);
	free(failures->error);
	free(failures->visit);
	free(failures->number);
	free(failures->note);
	*failures = (struct failures){0};
}
