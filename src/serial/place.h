/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second place: names it, makes it, and finds it again when the number file is lost. */
#ifndef SERIAL_PLACE_H
#define SERIAL_PLACE_H

#include <sys/types.h>

#include "h7gang/serial/place.h"
#include "state.h"

#define PLACE_SUBFOLDER "numbers"
#define PLACE_ELSE_MAX 3

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

/* Whether a number file of that profile, at any path, used second place `id`. */
bool place_is_of(const struct place_folder *folder, const char *profile, const char *id);

/* Remembers it for place_recall and place_is_of. A failure is not an error. */
void place_remember(const struct place_folder *folder, const char *file, const char *profile,
		    const char *id);

/* Calls `each` with the ID of every second place in the folder until it returns false, which is
 * then the result. A folder that is missing or cannot be read has none. */
bool place_each(const struct place_folder *folder, bool (*each)(void *user, const char *id),
		void *user);

/* The folders beside `chosen` in which this user, root, or the owner of the folder of `file` may
 * have a second place for it; none if a folder was configured. Returns their count; each is to be
 * freed.
 */
unsigned place_folders_else(const struct place_folder *chosen, const char *file,
			    struct place_folder found[PLACE_ELSE_MAX]);

/* The state folder of that user; to be freed. NULL: none is known. */
char *place_user_folder(uid_t uid);

/* The folder of a second place, from its path. To be freed. */
bool place_folder_of(const char *path, struct place_folder *folder);

#endif
