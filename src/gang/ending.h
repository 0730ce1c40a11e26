/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The messages at the end of a run. */
#ifndef GANG_ENDING_H
#define GANG_ENDING_H

#include "run.h"

/* Slots without a board, boards without a unit, the summary; and to gang_options.nothing why there
 * was no unit at all. */
void ending_tell(struct run *run);

#endif
