/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PROFILE_UNIQUE_H
#define PROFILE_UNIQUE_H

#include "loader.h"

/* Looks at the values of patch `index` over all boards, which are known to be good: a MAC address
 * is one of a device, and no two boards share a value, as far as `unique` wants that. */
void unique_check(struct loader *loader, unsigned index);

/* A problem of one row of the list. */
void serial_list_problem(struct loader *loader, size_t row, const char *what);

#endif
