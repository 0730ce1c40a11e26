/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder where a station keeps the second places of its number files: outside the folders that
 * people restore and copy. Each second place is a file DIR/numbers/ID and holds every number that
 * was taken from the number file with that ID. */
#ifndef H7GANG_SERIAL_PLACE_H
#define H7GANG_SERIAL_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define PLACE_SYSTEM_FOLDER "/var/lib/h7gang" /* FHS 3.0, 5.8 */

enum place_source {
	PLACE_PROFILE,     /* station.state_dir */
	PLACE_ENVIRONMENT, /* $STATE_DIRECTORY, as systemd.exec(5) sets it; the first of its list */
	PLACE_SYSTEM,      /* PLACE_SYSTEM_FOLDER */
	PLACE_USER         /* $XDG_STATE_HOME/h7gang, else ~/.local/state/h7gang */
};

struct place_folder {
	char *path; /* absolute; owned */
	enum place_source source;
};

/* The first of these folders that exists, or can be made, and that this process may write to.
 * `configured`: station.state_dir, NULL if absent; if it is given, no other folder is taken.
 * `shared`: other users can write the number file, too, so that a user's own folder is not taken.
 * `make`: makes it where it is missing (mode 0755; 0750 below a home directory). False: there is
 * none, and `why`. Free with place_folder_free in any case. */
bool place_folder_choose(const char *configured, bool shared, bool make,
			 struct place_folder *folder, char *why, size_t why_size);
void place_folder_free(struct place_folder *folder);

/* "station.state_dir" and so on. Static. */
const char *place_source_name(enum place_source source);

#endif
