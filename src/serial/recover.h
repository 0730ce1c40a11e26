/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts this station's claims in order with what its log says, before the first one of a run. */
#ifndef SERIAL_RECOVER_H
#define SERIAL_RECOVER_H

#include "h7gang/store/station.h"

/* Ends the claims of runs that were cut off, and makes claims for passes whose rows the store does
 * not have yet: of `lot` (as the store writes it; "" none), and of the lots that such runs had
 * places in. Waits until `deadline` for the questions of other boards. */
enum db_error recover_claims(struct station *station, int64_t deadline, const char *log,
			     const char *lot, char *why, size_t why_size);

#endif
