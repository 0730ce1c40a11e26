/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an operator says to a run that goes on. Made before the run, freed after it. */
#ifndef H7GANG_GANG_CONTROL_H
#define H7GANG_GANG_CONTROL_H

struct gang_control;

struct gang_control *gang_control_new(void); /* NULL: no memory */
void gang_control_free(struct gang_control *control);

/* "What is in that slot now, or comes next, is another board than the last one." From any thread; never
 * waits. A note answers, also where there was nothing to acknowledge. */
void gang_control_acknowledge(struct gang_control *control, const char *slot);

/* As SIGINT: the first time what runs is finished, then units stop at the next safe point. From any thread. */
void gang_control_stop(struct gang_control *control);

#endif
