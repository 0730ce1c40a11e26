/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts this station's claims in order with what its log says, before the first one of a run. */
#ifndef SERIAL_RECOVER_H
#define SERIAL_RECOVER_H

#include "h7gang/store/station.h"

/* Ends the claims of runs that were cut off, and makes claims for passes of `lot` whose rows the store does not
 * have yet; `lot_text`: as the store writes it. Both "": claims alone. */
enum db_error recover_claims(struct station *station, const char *log, const char *lot,
			     const char *lot_text, char *why, size_t why_size);

#endif
