/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings a number file, its second place and the logs to the same numbers. */
#ifndef SERIAL_NUMBERS_ALONE_H
#define SERIAL_NUMBERS_ALONE_H

#include "numbers_private.h"

/* Notes the numbers in the station's logs. Before the file's lock: there may be many. */
bool numbers_read_logs(struct numbers *numbers, const struct numbers_station *station, char *why,
		       size_t why_size);

/* All of these with the file's lock held. */

/* Notes the numbers in the second place, if the file has one. False: `why`; with `*missing`, the
 * second place is missing. */
bool numbers_read_place(struct numbers *numbers, bool *missing, char *why, size_t why_size);

/* With the second place's lock held, too: writes the missing numbers to each of both. `fresh`: the
 * second place is new and empty. */
bool numbers_settle(struct numbers *numbers, bool fresh, char *why, size_t why_size);

/* For a file that begins anew: notes the numbers of every second place that an earlier file used.
 * Sets numbers->id to the one in `folder` that continues, or to "". False: `why`; the second place
 * of an earlier file cannot be read. */
bool numbers_recall(struct numbers *numbers, const struct place_folder *folder, char *why,
		    size_t why_size);

/* Gives the file a second place, locks it and settles. `recall`: uses the one that an earlier file
 * had, if there is one. After a kill before the last step, the second place is found
 * again by the file's path. */
bool numbers_bind_place(struct numbers *numbers, const struct numbers_station *station, bool recall,
			char *why, size_t why_size);

#endif
