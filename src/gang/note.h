/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events of the station, on record and on screen. The supervisor's. */
#ifndef GANG_NOTE_H
#define GANG_NOTE_H

#include "gang.h"

/* Puts a row with command `note` into the log, without waiting for the disk. `slot` and `path`: of
 * an event of one slot, else NULL. While the log is not known, the text is kept for note_early. */
void note_row(struct gang *gang, const char *slot, const char *path, const char *text);

/* Likewise, and waits for the disk. False: the log took no row. */
bool note_row_now(struct gang *gang, const char *slot, const char *text, int64_t deadline);

/* Once the log is known: writes the texts that were kept, each with its time. */
void note_early(struct gang *gang);

/* Looks whether the wall clock was set since the last look; if so, notes it. True: `text` says it.
 */
bool note_clock(struct gang *gang, struct clock_steps *steps, char *text, size_t size);

#endif
