/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A computer that was suspended while it ran: meanwhile, boards may have been exchanged that look
 * the same to the bus. */
#ifndef GANG_RESUME_H
#define GANG_RESUME_H

#include "run.h"

/* Tells of a suspend, and has the boards that lie in slots shown again. Before each look at the
 * slots. */
void resume_look(struct run *run);

/* Treats the device in the slot as one that has just come: its UID must tell whether it is the
 * board that was done. */
void resume_ask(struct slot *slot);

#endif
