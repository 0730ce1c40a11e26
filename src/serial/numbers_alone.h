/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps by which a number file, its second place and the logs come to know the same numbers. */
#ifndef SERIAL_NUMBERS_ALONE_H
#define SERIAL_NUMBERS_ALONE_H

#include "numbers_private.h"

/* Notes the numbers that the station's logs tell of. Before the file's lock: there may be many. */
bool numbers_read_logs(struct numbers *numbers, const struct numbers_station *station, char *why,
		       size_t why_size);

/* All of these with the file's lock held. */

/* Notes what the second place says, if the file has one. False: `why`; with `*missing`, the second
 * place should be there and is not. */
bool numbers_read_place(struct numbers *numbers, bool *missing, char *why, size_t why_size);

/* With the second place's lock held, too: writes to each of both what it lacks. `fresh`: the second
 * place was just made, and lacks everything. */
bool numbers_settle(struct numbers *numbers, bool fresh, char *why, size_t why_size);

/* Gives the file a second place, locks it and settles. `recall`: the one that a file at this path
 * had before, if there is one. A kill before the last step leaves a second place that is found
 * again by the file's path. */
bool numbers_bind_place(struct numbers *numbers, const struct numbers_station *station, bool recall,
			char *why, size_t why_size);

#endif
