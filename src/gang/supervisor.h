/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GANG_SUPERVISOR_H
#define GANG_SUPERVISOR_H

#include "run.h"

/* Starts units and takes their verdicts until the run is over. */
void supervise(struct run *run);

#endif
