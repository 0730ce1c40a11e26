/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settles this station's claims by its log, before the first claim of a run. */
#ifndef SERIAL_RECOVER_H
#define SERIAL_RECOVER_H

#include "h7gang/store/station.h"

/* Ends the claims of runs that were killed, and makes claims for passes whose rows the store does
 * not have yet: of `lot` (as the store writes it; "" none), and of the lots of such runs. Waits
 * until `deadline` for the questions of other boards. */
enum db_error recover_claims(struct station *station, int64_t deadline, const char *log,
			     const char *lot, char *why, size_t why_size);

#endif
