/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROFILE_COUNTER_H
#define PROFILE_COUNTER_H

#include "loader.h"

/* Complains of a patch whose value does not fit for that unit; `of`: "number 5". */
void counter_check_unit(struct loader *loader, unsigned index, const struct profile_unit *unit,
			const char *of);

/* Complains of patches that do not hold the numbers: the first, the last, and those between at
 * which the count of digits changes. */
void counter_check(struct loader *loader);

#endif
