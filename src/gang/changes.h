/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks now and then whether the profile, its images, its list or its hooks changed on disk since
 * they were read. In a thread of its own: a file system may hang. */
#ifndef GANG_CHANGES_H
#define GANG_CHANGES_H

#include "h7gang/profile/profile.h"

struct changes;

/* `profile` is read now, and not kept. NULL: no memory or no thread. */
struct changes *changes_start(const struct profile *profile);

/* The next file that changed, told once for each change. False: none. */
bool changes_take(struct changes *changes, char *file, size_t size);

/* Bounded: a thread that hangs in a file system is left alone. NULL is allowed. */
void changes_end(struct changes *changes);

#endif
