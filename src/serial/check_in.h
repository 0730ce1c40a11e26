/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checking in with the store. No lock is held. */
#ifndef SERIAL_CHECK_IN_H
#define SERIAL_CHECK_IN_H

#include "numbers_private.h"

/* DB_OK: the station's file is its newest state, and leased numbers may be drawn. DB_REFUSED with
 * numbers->old: it is an older state. Anything but DB_OK: `why`. */
enum db_error numbers_check_in(struct numbers *numbers, char *why, size_t why_size);

/* Numbers of the leases that boards have, as the store tells, are not drawn. Without the lock. */
enum db_error numbers_learn(struct numbers *numbers, char *why, size_t why_size);

#endif
