/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doubles.h"

#include <stdlib.h>
#include <string.h>

#include "grow.h"

static bool add_holder(struct doubled *doubled, const struct report_holder *holder)
{
	struct report_holder *holders;

	for (size_t i = 0; i < doubled->holders; i++) {
		if (strcmp(doubled->holder[i].row.uid, holder->row.uid) == 0)
			return true;
	}
	if (doubled->holders >= REPORT_EXAMPLES) {
		doubled->more = true;
		return true;
	}
	holders = grow(doubled->holder, &doubled->room, doubled->holders, sizeof(*holders));
	if (!holders)
		return false;
	doubled->holder = holders;
	holders[doubled->holders++] = *holder;
	return true;
}

bool doubles_add(struct doubles *doubles, const char *number, size_t length,
		 const struct report_holder *first, const struct report_holder *next)
{
	uint32_t at = intern_find(&doubles->numbers, number, length);
	struct doubled *doubled;

	if (at == INTERN_NONE && doubles->numbers.count >= DOUBLES_MAX) {
		doubles->cut = true;
		return true;
	}
	at = intern_number(&doubles->numbers, number, length);
	if (at == INTERN_NONE)
		return false;
	doubled = grow(doubles->doubled, &doubles->room, at, sizeof(*doubled));
	if (!doubled)
		return false;
	doubles->doubled = doubled;
	return add_holder(&doubled[at], first) && add_holder(&doubled[at], next);
}

void doubles_free(struct doubles *doubles)
{
	for (size_t i = 0; i < doubles->room; i++)
		free(doubles->doubled[i].holder);
	free(doubles->doubled);
	intern_free(&doubles->numbers);
	fingerprints_free(&doubles->given);
	*doubles = (struct doubles){0};
}
