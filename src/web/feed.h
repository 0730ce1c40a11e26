/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The station's state from its socket, its events for any number of readers, and commands to it. A
 * thread of its own speaks with the station, and reconnects until it answers. */
#ifndef WEB_FEED_H
#define WEB_FEED_H

#include "web.h"

struct feed;

/* Follows the station at that socket in a thread of its own. NULL: no memory. */
struct feed *feed_start(const char *path);
void feed_stop(struct feed *feed);

/* The station's snapshot with the member `connected`. NULL: no memory. */
json_t *feed_snapshot(struct feed *feed);

/* One slot. NULL: there is none, or no memory. */
json_t *feed_slot(struct feed *feed, const char *name);

/* Where the station's log is; "" not known. */
void feed_log(struct feed *feed, char path[STATION_PATH_SIZE]);

struct feed_answer {
	bool accepted;
	bool later; /* accepted, and carried out once the running boards are finished */
	char text[AUDIT_TEXT_MAX];
};

/* Sends a command to the station, and waits for its answer. False: there is none, and `text` says
 * why. */
bool feed_command(struct feed *feed, const char *command, const char *asker,
		  struct feed_answer *answer);

/* --- events for a reader --- */

#define FEED_WAIT_MS 5000 /* a reader gets some text at least this often */

struct feed_cursor {
	uint64_t next; /* batch */
	bool begun;
};

/* Begins for a reader: behind `last_id`, or with a snapshot. Returns the text (SSE events) for it
 * now, to be freed, or ""; NULL: no memory. */
char *feed_begin(struct feed *feed, const char *last_id, struct feed_cursor *cursor);

enum feed_next { FEED_TEXT, FEED_BEHIND, FEED_OVER };

/* Waits for the next batch. `*text` is to be freed. FEED_BEHIND: the reader did not keep up.
 * FEED_OVER: the program ends. */
enum feed_next feed_next(struct feed *feed, struct feed_cursor *cursor, char **text);

#endif
