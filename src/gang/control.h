/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GANG_CONTROL_H
#define GANG_CONTROL_H

#include "gang.h"
#include "h7gang/gang/control.h"

/* The run that it speaks to from now on; NULL: none. `control` may be NULL. */
void control_attach(struct gang_control *control, struct gang *gang);

/* Takes the next acknowledged slot. False: none waits. `control` may be NULL. */
bool control_take(struct gang_control *control, char slot[PROFILE_NAME_SIZE]);

#endif
