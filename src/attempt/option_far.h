/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ATTEMPT_OPTION_FAR_H
#define ATTEMPT_OPTION_FAR_H

#include "h7gang/profile/profile.h"

/* Whether the profile looks at registers beyond those that a ROM announces. */
bool option_far(const struct profile *profile);

#endif
