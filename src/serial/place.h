/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second place: names it, makes it, and finds it again when the number file is lost. */
#ifndef SERIAL_PLACE_H
#define SERIAL_PLACE_H

#include "h7gang/serial/place.h"
#include "state.h"

/* The absolute path of second place `id` in that folder; to be freed. NULL: no memory. */
char *place_path(const struct place_folder *folder, const char *id);

/* Makes an empty second place with the owner, group and mode of the number file `like` (an open
 * descriptor), and syncs it. Returns 0 or a negative errno value. */
int place_make(const char *path, int like);

/* Gives the second place the owner, group and mode of the number file, as far as this user may. */
void place_follow(int place, int like);

/* The last second place of the profile's number file at `file` (absolute), for a number file that
 * was lost with its ID. False: none is known. */
bool place_recall(const struct place_folder *folder, const char *file, const char *profile,
		  char id[STATE_ID_SIZE]);

/* Remembers it for place_recall. A failure is not an error. */
void place_remember(const struct place_folder *folder, const char *file, const char *profile,
		    const char *id);

/* The folder of a second place, from its path. To be freed. */
bool place_folder_of(const char *path, struct place_folder *folder);

#endif
